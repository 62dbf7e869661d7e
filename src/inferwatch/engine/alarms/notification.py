"""What an alarm says through SNS: JSON, key by key as AWS sends it.

Source: messages recorded from the real service, 2026-09.
"""

from __future__ import annotations

from typing import Any, Final

from inferwatch.engine.alarms.alarm import MetricAlarm, Transition
from inferwatch.engine.alarms.definition import Definition, MathSource
from inferwatch.engine.alarms.moments import iso_time
from inferwatch.engine.alarms.state import State, compact
from inferwatch.engine.arn import Realm
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat

CHILDREN_MAX: Final = 10
_COMPOSITE_MEMBERS: Final = (
    "AlarmName", "AlarmDescription", "AWSAccountId", "NewStateValue", "NewStateReason", "StateChangeTime",
    "Region", "AlarmArn", "OKActions", "AlarmActions", "InsufficientDataActions",
    "ActionExecutedAfterMuteWindow", "OldStateValue", "AlarmRule", "TriggeringChildren",
)  # fmt: skip
_STATISTICS = {
    "Average": "AVERAGE",
    "Sum": "SUM",
    "SampleCount": "SAMPLE_COUNT",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}


def message(transition: Transition, realm: Realm, *, after_mute: bool = False) -> str:
    """`after_mute`: a mute rule held it back until now."""
    alarm = transition.alarm
    said: dict[str, Any] = {
        "AlarmName": alarm.definition.name,
        "AlarmDescription": alarm.definition.description,
        "AWSAccountId": realm.account_id,
        "AlarmConfigurationUpdatedTimestamp": iso_time(alarm.configured_ms),
        "NewStateValue": transition.current.state,
        "NewStateReason": transition.current.reason,
        "StateChangeTime": iso_time(transition.at_ms),
        "Region": realm.region_label,
        "AlarmArn": alarm.arn,
        "OldStateValue": transition.previous.state,
        **_contributor(transition),
        "ActionExecutedAfterMuteWindow": after_mute,
        "OKActions": list(alarm.definition.responses.to(State.OK)),
        "AlarmActions": list(alarm.definition.responses.to(State.ALARM)),
        "InsufficientDataActions": list(alarm.definition.responses.to(State.INSUFFICIENT_DATA)),
    }
    if isinstance(alarm, MetricAlarm):
        return compact(said | {"Trigger": _trigger(alarm.definition)})
    said |= {"AlarmRule": alarm.definition.text, "TriggeringChildren": _children(transition)}
    return compact({name: said[name] for name in _COMPOSITE_MEMBERS})


def _contributor(transition: Transition) -> dict[str, Any]:
    contributor = transition.contributor
    if contributor is None:
        return {}
    return {
        "AlarmContributorId": contributor.id,
        "AlarmContributorAttributes": dict(contributor.attributes),
    }


def _children(transition: Transition) -> list[dict[str, Any]]:
    return [
        {"Arn": child.arn, "State": {"Value": child.state, "Timestamp": iso_time(child.since_ms)}}
        for child in transition.current.triggers[:CHILDREN_MAX]
    ]


def _trigger(definition: Definition) -> dict[str, Any]:
    source = definition.source
    trigger: dict[str, Any] = {}
    if isinstance(source, MetricStat):
        trigger |= _metric(source)
    trigger["Period"] = definition.period_s
    trigger["EvaluationPeriods"] = definition.evaluation_periods
    if definition.datapoints_to_alarm is not None:
        trigger["DatapointsToAlarm"] = definition.datapoints_to_alarm
    trigger["ComparisonOperator"] = definition.comparison
    if definition.band_id is None:
        trigger["Threshold"] = definition.threshold
    else:
        trigger["ThresholdMetricId"] = definition.band_id
    trigger["TreatMissingData"] = definition.treat_missing_data or ""
    trigger["EvaluateLowSampleCountPercentile"] = definition.low_sample_percentile or ""
    if isinstance(source, MathSource):
        trigger["Metrics"] = [_query(query) for query in source.queries]
    return trigger


def _metric(stat: MetricStat) -> dict[str, Any]:
    statistic = stat.statistic.name
    named = (
        {"StatisticType": "Statistic", "Statistic": _STATISTICS[statistic]}
        if statistic in _STATISTICS
        else {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": statistic}
    )
    return {
        "MetricName": stat.metric.name,
        "Namespace": stat.metric.namespace,
        **named,
        "Unit": stat.unit,
        "Dimensions": [{"value": value, "name": name} for name, value in stat.metric.dimensions],
    }


def _query(query: MetricQuery) -> dict[str, Any]:
    source = query.source
    labelled = {} if query.label is None else {"Label": query.label}
    if not isinstance(source, MetricStat):
        period = {} if source.period_s is None else {"Period": source.period_s}
        return {"Expression": source.text, "Id": query.id, **labelled, **period, "ReturnData": query.returns}
    metric = {
        "Dimensions": [{"value": value, "name": name} for name, value in source.metric.dimensions],
        "MetricName": source.metric.name,
        "Namespace": source.metric.namespace,
    }
    stat: dict[str, Any] = {"Metric": metric, "Period": source.period_s, "Stat": source.statistic.name}
    if source.unit is not None:
        stat["Unit"] = source.unit
    return {"Id": query.id, **labelled, "MetricStat": stat, "ReturnData": query.returns}
