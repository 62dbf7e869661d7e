"""What an alarm says through SNS: the subject and the JSON, key by key as AWS sends them.

Source: messages recorded from the real service, 2026-09.
"""

from __future__ import annotations

from typing import Any

from inferwatch.engine.alarms.alarm import Definition, MathSource, Transition
from inferwatch.engine.alarms.history import compact
from inferwatch.engine.alarms.reasons import iso_time
from inferwatch.engine.arn import Realm
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.model.limits import SNS_SUBJECT_MAX_CHARS

_STATISTICS = {
    "Average": "AVERAGE",
    "Sum": "SUM",
    "SampleCount": "SAMPLE_COUNT",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}


def subject(transition: Transition, realm: Realm) -> str:
    name = transition.alarm.definition.name
    return f'{transition.current.state}: "{name}" in {realm.region_label}'[:SNS_SUBJECT_MAX_CHARS]


def message(transition: Transition, realm: Realm) -> str:
    definition = transition.alarm.definition
    return compact(
        {
            "AlarmName": definition.name,
            "AlarmDescription": definition.description,
            "AWSAccountId": realm.account_id,
            "AlarmConfigurationUpdatedTimestamp": iso_time(transition.alarm.configured_ms),
            "NewStateValue": transition.current.state,
            "NewStateReason": transition.current.reason,
            "StateChangeTime": iso_time(transition.at_ms),
            "Region": realm.region_label,
            "AlarmArn": transition.alarm.arn,
            "OldStateValue": transition.previous.state,
            "ActionExecutedAfterMuteWindow": False,
            "OKActions": list(definition.ok_actions),
            "AlarmActions": list(definition.alarm_actions),
            "InsufficientDataActions": list(definition.insufficient_data_actions),
            "Trigger": _trigger(definition),
        }
    )


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
    trigger["Threshold"] = definition.threshold
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
