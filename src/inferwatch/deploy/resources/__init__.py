"""Resource types a program can be made of: one small file each, found by its Pulumi token.

In: a resource's inputs, from the stepper.
Out: boto3 calls to the endpoint, and what the resource became, to the stepper.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from inferwatch.deploy.resources.alarm_mute_rule import AlarmMuteRule
from inferwatch.deploy.resources.composite_alarm import CompositeAlarm
from inferwatch.deploy.resources.dashboard import Dashboard
from inferwatch.deploy.resources.handler import Handler
from inferwatch.deploy.resources.lambda_permission import LambdaPermission
from inferwatch.deploy.resources.log_data_protection_policy import LogDataProtectionPolicy
from inferwatch.deploy.resources.log_group import LogGroup
from inferwatch.deploy.resources.log_index_policy import LogIndexPolicy
from inferwatch.deploy.resources.log_metric_filter import LogMetricFilter
from inferwatch.deploy.resources.log_stream import LogStream
from inferwatch.deploy.resources.log_subscription_filter import LogSubscriptionFilter
from inferwatch.deploy.resources.metric_alarm import MetricAlarm
from inferwatch.deploy.resources.policy import Policy
from inferwatch.deploy.resources.query_definition import QueryDefinition
from inferwatch.deploy.resources.role import Role
from inferwatch.deploy.resources.role_policy import RolePolicy
from inferwatch.deploy.resources.role_policy_attachment import RolePolicyAttachment
from inferwatch.deploy.resources.topic import Topic
from inferwatch.deploy.resources.topic_policy import TopicPolicy
from inferwatch.deploy.resources.topic_subscription import TopicSubscription

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        handler.token: handler
        for handler in (
            AlarmMuteRule(),
            CompositeAlarm(),
            Dashboard(),
            LambdaPermission(),
            LogDataProtectionPolicy(),
            LogGroup(),
            LogIndexPolicy(),
            LogMetricFilter(),
            LogStream(),
            LogSubscriptionFilter(),
            MetricAlarm(),
            Policy(),
            QueryDefinition(),
            Role(),
            RolePolicy(),
            RolePolicyAttachment(),
            Topic(),
            TopicPolicy(),
            TopicSubscription(),
        )
    }
)

__all__ = ["HANDLERS", "Handler"]
