"""`LlmMonitoring`: everything that watches an application's inferences, as one Pulumi component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias, cast

import pulumi
import pulumi_aws as aws

from inferwatch.infra.brought import Brought
from inferwatch.infra.leaves import Leaves
from inferwatch.infra.making import make
from inferwatch.infra.notify import Notify
from inferwatch.infra.plan import Alarm, Anomaly, Budget, Json, Model, Mute, Plan, Slo, Spec, plan
from inferwatch.infra.plan import resource as types
from inferwatch.infra.plan.check import NAME
from inferwatch.infra.plan.errors import check_text
from inferwatch.infra.plan.values import REGION
from inferwatch.model import variables

AnyAlarm: TypeAlias = aws.cloudwatch.MetricAlarm | aws.cloudwatch.CompositeAlarm

TYPE: Final = "inferwatch:index:LlmMonitoring"
DEFAULT_BUDGET: Final = Budget(usd_per_hour=10, usd_per_day=100)
_KEPT: Final = frozenset({types.LOG_GROUP, types.LOG_STREAM})


class LlmMonitoring(pulumi.ComponentResource):
    """A log group for inferences, the metrics read out of it, alarms, saved queries and a dashboard.

    Args:
        name: Of the component; logical names of its resources begin with it.
        physical_name: What names in AWS begin with, unique in an account and region; `None`: `NAME-STACK`.
        source: In which form inferences are logged: `inferwatch`, `bedrock`, `otel` or `emf`.
        adopt_log_group: The name of a log group to watch that is there already: it gets the filters, and
            stays when the component goes. `None` makes one.
        retention_days: How long a log group that is made keeps events; `None`: for ever.
        keep_logs: Leave the log group that is made, and its events, when the component goes. One that comes
            back takes it with `adopt_log_group`.
        models: Thresholds by model; `"default"` holds for every model that is not named.
        slos: Promises about inferences; alarms ring when their budgets of errors burn too fast.
        budget: What inferences may cost; `None`: no alarm on cost.
        alarms: Alarms of your own, over the catalog's metrics.
        anomalies: Alarms on what is unusual.
        notify: Whom to tell.
        mutes: Times in which nobody is told.
        minimum_samples: Minutes with fewer inferences give no percentile and no rate.
        period_s: Of those alarms: seconds, a multiple of 60.
        without: Default alarms to leave out: `no-traffic`, `unpriced`, ...
        runbooks: Default alarm → URL to link to; `"default"` for all others.
        indexes: Fields to index: Logs Insights then reads only events that have them.
        masks: Managed data identifiers to mask in the log group, e.g. `EmailAddress`.
        tags: Of every resource that takes any: texts or Outputs.
        opts: Parent, provider, aliases, dependencies, protection: they hold for all that is in it.

    Raises:
        UsageError: An argument is wrong, or AWS would refuse what comes of it; nothing is registered then.
    """

    plan: Plan
    """What is made, as data; `notes` says what is left out and why, `size` what CloudWatch bills."""
    resources: Mapping[str, pulumi.CustomResource]
    """Every resource by its stable key: `log-group`, `filter/duration_ms`, `dashboard`."""
    alarms: Mapping[str, AnyAlarm]
    """The alarms among them: `default/latency/critical`, `all/page/critical`."""
    log_group_name: pulumi.Output[str]
    log_stream_name: pulumi.Output[str] | None
    """`None` where a log group is adopted."""
    metric_namespace: str
    dashboard_name: pulumi.Output[str]
    dashboard_url: pulumi.Output[str]
    """In AWS's console."""
    region: pulumi.Output[str]
    alarm_arns: dict[str, pulumi.Output[str]]
    """By the alarms' keys."""
    environment: dict[str, pulumi.Output[str]]
    """What an application that writes to the log group needs, for a container's or function's variables.

    The region is not among them: AWS sets `AWS_REGION` itself, and refuses one that is set for a function.
    """
    writer_policy: pulumi.Output[str]
    """The IAM policy, as JSON, of a role that writes to the log group."""

    def __init__(
        self,
        name: str,
        *,
        physical_name: str | None = None,
        source: str = "inferwatch",
        adopt_log_group: pulumi.Input[str] | None = None,
        retention_days: int | None = 30,
        keep_logs: bool = False,
        models: Mapping[str, Model] = MappingProxyType({}),
        slos: Sequence[Slo] = (),
        budget: Budget | None = DEFAULT_BUDGET,
        alarms: Sequence[Alarm] = (),
        anomalies: Sequence[Anomaly] = (),
        notify: Notify = Notify(),  # noqa: B008 - frozen, and empty
        mutes: Sequence[Mute] = (),
        minimum_samples: int = 10,
        period_s: int = 60,
        without: Sequence[str] = (),
        runbooks: Mapping[str, str] = MappingProxyType({}),
        indexes: Sequence[str] = (),
        masks: Sequence[str] = (),
        tags: Mapping[str, pulumi.Input[str]] = MappingProxyType({}),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        brought = Brought()
        self.plan = plan(
            Spec(
                _physical_name(name, physical_name),
                source=source,
                adopt_log_group=brought.log_group(adopt_log_group),
                retention_days=retention_days,
                models=models,
                slos=slos,
                budget=budget,
                alarms=alarms,
                anomalies=anomalies,
                notify=brought.notify(notify),
                mutes=mutes,
                minimum_samples=minimum_samples,
                period_s=period_s,
                without=without,
                runbooks=runbooks,
                indexes=indexes,
                masks=masks,
                tags=brought.tags(tags),
            )
        )
        super().__init__(TYPE, name, None, opts)
        leaves = Leaves(brought.outputs, pulumi.InvokeOptions(parent=self))
        self.resources = self._make_all(name, leaves, keep_logs=keep_logs)
        self._tell(leaves)
        for warning in self.plan.warnings:
            pulumi.log.warn(warning, self)

    def _make_all(self, name: str, leaves: Leaves, *, keep_logs: bool) -> Mapping[str, pulumi.CustomResource]:
        ordinary = pulumi.ResourceOptions(parent=self)
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=keep_logs or None)
        made: dict[str, pulumi.CustomResource] = {}
        for resource in self.plan.resources:
            properties = {key: leaves.resolve(value) for key, value in resource.properties.items()}
            options = kept if resource.type in _KEPT else ordinary
            made[resource.key] = make(resource, f"{name}/{resource.key}", properties, options)
            leaves.add(resource.key, made[resource.key])
        return MappingProxyType(made)

    def _tell(self, leaves: Leaves) -> None:
        """The outputs."""
        alarms = {
            alarm.key: self.resources[alarm.key]
            for token in (types.METRIC_ALARM, types.COMPOSITE_ALARM)
            for alarm in self.plan.of_type(token)
        }
        self.alarms = cast("Mapping[str, AnyAlarm]", MappingProxyType(alarms))
        self.alarm_arns = {key: alarm.arn for key, alarm in self.alarms.items()}
        outputs = self.plan.outputs
        self.log_group_name = leaves.text(outputs["log_group_name"])
        stream = outputs.get("log_stream_name")
        self.log_stream_name = None if stream is None else leaves.text(stream)
        self.metric_namespace = str(outputs["metric_namespace"])
        self.dashboard_name = leaves.text(outputs["dashboard_name"])
        self.dashboard_url = leaves.text(outputs["dashboard_url"])
        self.region = leaves.output(REGION)
        self.writer_policy = leaves.text(Json(self.plan.writer_policy))
        self.environment = self._environment()
        self.register_outputs(
            {
                "log_group_name": self.log_group_name,
                "log_stream_name": self.log_stream_name,
                "metric_namespace": self.metric_namespace,
                "dashboard_name": self.dashboard_name,
                "dashboard_url": self.dashboard_url,
                "alarm_arns": self.alarm_arns,
                "environment": self.environment,
            }
        )

    def _environment(self) -> dict[str, pulumi.Output[str]]:
        found = {variables.LOG_GROUP: self.log_group_name}
        if self.log_stream_name is not None:
            found[variables.LOG_STREAM] = self.log_stream_name
        return found


def _physical_name(name: str, given: str | None) -> str:
    physical = f"{name}-{pulumi.get_stack()}" if given is None else given
    check_text(
        "physical_name",
        physical,
        NAME,
        "1-64 letters, digits, dashes or underscores, a letter or digit first (NAME-STACK unless given)",
    )
    return physical
