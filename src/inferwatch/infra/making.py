"""One resource of a plan → one of Pulumi's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import pulumi
import pulumi_aws as aws

from inferwatch.infra.plan import Resource
from inferwatch.infra.plan import resource as types
from inferwatch.infra.plan.errors import refuse

Properties: TypeAlias = dict[str, Any]
Make: TypeAlias = Callable[[str, Properties, pulumi.ResourceOptions], pulumi.CustomResource]


def make(
    resource: Resource, name: str, properties: Properties, options: pulumi.ResourceOptions
) -> pulumi.CustomResource:
    """Register a resource.

    Args:
        name: Pulumi's logical name.

    Raises:
        UsageError: The installed pulumi-aws does not have the type yet.
    """
    return _MAKE[resource.type](name, properties, options)


def _log_group(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.LogGroup(name, **properties, opts=options)


def _log_stream(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.LogStream(name, **properties, opts=options)


def _metric_filter(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.LogMetricFilter(name, **properties, opts=options)


def _index_policy(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.LogIndexPolicy(name, **properties, opts=options)


def _data_protection(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.LogDataProtectionPolicy(name, **properties, opts=options)


def _query_definition(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.QueryDefinition(name, **properties, opts=options)


def _metric_alarm(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.MetricAlarm(name, **properties, opts=options)


def _composite_alarm(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.CompositeAlarm(name, **properties, opts=options)


def _mute_rule(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    if not hasattr(aws.cloudwatch, "AlarmMuteRule"):
        raise refuse("mutes", "the installed pulumi-aws has no AlarmMuteRule yet: pip install -U pulumi-aws")
    return aws.cloudwatch.AlarmMuteRule(name, **properties, opts=options)


def _dashboard(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.cloudwatch.Dashboard(name, **properties, opts=options)


def _topic(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    return aws.sns.Topic(name, **properties, opts=options)


def _subscription(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    """A webhook's URL is its key: it stays encrypted in the state."""
    if properties["protocol"] != "email":
        properties = properties | {"endpoint": pulumi.Output.secret(properties["endpoint"])}
    return aws.sns.TopicSubscription(name, **properties, opts=options)


def _lambda_permission(name: str, properties: Properties, options: pulumi.ResourceOptions) -> Any:
    from pulumi_aws import lambda_  # importing it warns of a class of its own

    return lambda_.Permission(name, **properties, opts=options)


_MAKE: Final[Mapping[str, Make]] = MappingProxyType(
    {
        types.LOG_GROUP: _log_group,
        types.LOG_STREAM: _log_stream,
        types.METRIC_FILTER: _metric_filter,
        types.INDEX_POLICY: _index_policy,
        types.DATA_PROTECTION: _data_protection,
        types.QUERY_DEFINITION: _query_definition,
        types.METRIC_ALARM: _metric_alarm,
        types.COMPOSITE_ALARM: _composite_alarm,
        types.MUTE_RULE: _mute_rule,
        types.DASHBOARD: _dashboard,
        types.TOPIC: _topic,
        types.SUBSCRIPTION: _subscription,
        types.LAMBDA_PERMISSION: _lambda_permission,
    }
)
