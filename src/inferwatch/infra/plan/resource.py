"""What a plan is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from inferwatch.infra.plan.values import Leaf, Ref, Value, references

LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
LOG_STREAM: Final = "aws:cloudwatch/logStream:LogStream"
METRIC_FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
INDEX_POLICY: Final = "aws:cloudwatch/logIndexPolicy:LogIndexPolicy"
DATA_PROTECTION: Final = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
QUERY_DEFINITION: Final = "aws:cloudwatch/queryDefinition:QueryDefinition"
METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
MUTE_RULE: Final = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"
DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"
TOPIC: Final = "aws:sns/topic:Topic"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
LAMBDA_PERMISSION: Final = "aws:lambda/permission:Permission"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    Args:
        type: Pulumi's token.
        key: Stable while its meaning is: models, alarms and settings added elsewhere do not move it.
        name: Pulumi's logical name.
        properties: In Pulumi's Python spelling.
    """

    type: str
    key: str
    name: str
    properties: Mapping[str, Value]

    @property
    def needs(self) -> tuple[str, ...]:
        """The keys of the resources that it refers to."""
        found = (leaf.key for leaf in references(self.properties) if isinstance(leaf, Ref))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Size:
    """What CloudWatch bills for: every series of a metric, every metric that an alarm reads.

    Args:
        metrics: Custom metrics, if every one of them ever gets a datapoint.
        alarm_metrics: Metrics read by the metric alarms together: each is billed as one alarm.
        bands: Of the metric alarms, those with an anomaly band (two metrics more each).
        metrics_per_model, alarms_per_model: What each further named model adds.
    """

    metrics: int
    filters: int
    alarms: int
    alarm_metrics: int
    composite_alarms: int
    bands: int
    metrics_per_model: int
    alarms_per_model: int

    def __str__(self) -> str:
        bands = f", {self.bands} with an anomaly band" if self.bands else ""
        return (
            f"{self.metrics} custom metrics, {self.filters} metric filters; {self.alarms} metric alarms "
            f"reading {self.alarm_metrics} metrics{bands}; {self.composite_alarms} composite; 1 dashboard. "
            "Each further named model adds "
            f"{self.metrics_per_model} metrics and {self.alarms_per_model} alarms."
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Resources, each behind those it needs.

    Args:
        outputs: What a program exports.
        writer_policy: The IAM policy document of whoever writes the records.
        warnings: Who is told of nothing, and who has to do something first.
        notes: What is left out, and why.
    """

    name: str
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Value]
    writer_policy: Mapping[str, Value]
    size: Size
    warnings: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, key: str) -> Resource:
        """Raises KeyError."""
        for resource in self.resources:
            if resource.key == key:
                return resource
        raise KeyError(key)

    def of_type(self, token: str) -> tuple[Resource, ...]:
        return tuple(resource for resource in self.resources if resource.type == token)

    @property
    def givens(self) -> tuple[Leaf, ...]:
        """What the deployment has to bring."""
        everything: list[Value] = [resource.properties for resource in self.resources]
        everything += [self.outputs, self.writer_policy]
        return tuple(leaf for leaf in references(everything) if not isinstance(leaf, Ref))
