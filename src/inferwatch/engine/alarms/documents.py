"""An alarm's history items, with HistoryData as AWS writes it.

Source: recorded answers of DescribeAlarmHistory, 2026-09.
Differs: the data of updates and deletions was not recorded; we use `updatedAlarm` and `deletedAlarm`. Nor was
that of composite alarms, of contributors, and of actions that a mute rule or a suppressor holds back: it is
by analogy.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from inferwatch.engine.alarms.alarm import Alarm, CompositeAlarm, MetricAlarm, Transition
from inferwatch.engine.alarms.history import HistoryItem
from inferwatch.engine.alarms.moments import iso_time
from inferwatch.engine.alarms.state import FINE, Evaluation, State, compact
from inferwatch.engine.alarms.suppression import Suppression
from inferwatch.engine.metricdata.query import Insights, MetricQuery, MetricStat

CONFIGURATION: Final = "ConfigurationUpdate"
STATE: Final = "StateUpdate"
ACTION: Final = "Action"
OF_CONTRIBUTOR: Final = "AlarmContributor"


def configured(alarm: Alarm, verb: str, at_ms: int) -> HistoryItem:
    """`verb` is created, updated or deleted."""
    data = {
        "version": "1.0",
        "type": verb.removesuffix("d").capitalize(),
        f"{verb}Alarm": _configuration(alarm),
    }
    return _item(alarm, at_ms, CONFIGURATION, f'Alarm "{alarm.definition.name}" {verb}', data)


def changed(transition: Transition, suppressed: Suppression | None) -> HistoryItem:
    """`suppressed` is what keeps the actions of the new state back."""
    data = {
        "version": "1.0",
        "oldState": _state(transition.previous),
        "newState": _state(transition.current, suppressed),
    }
    what = "Alarm" if transition.contributor is None else "Alarm contributor"
    summary = f"{what} updated from {transition.previous.state} to {transition.current.state}"
    return _of(transition, transition.at_ms, STATE, summary, data)


def suppression_changed(
    alarm: CompositeAlarm, before: Suppression | None, after: Suppression | None, at_ms: int
) -> HistoryItem:
    """What keeps the actions back is another thing, or nothing any more."""
    data = {
        "version": "1.0",
        "oldState": _state(alarm.evaluation, before),
        "newState": _state(alarm.evaluation, after),
    }
    return _item(alarm, at_ms, STATE, "Alarm actions suppression updated", data)


def acted(
    transition: Transition, action: str, at_ms: int, *, published: str | None = None, error: str | None = None
) -> HistoryItem:
    """What came of one action; `error` is `None` where it succeeded."""
    data = _action(transition, action) | {
        "actionState": "Succeeded" if error is None else "Failed",
        "publishedMessage": published,
        "error": error,
    }
    verb = "Successfully executed" if error is None else "Failed to execute"
    return _of(transition, at_ms, ACTION, f"{verb} action {action}", data)


def muted(transition: Transition, action: str, until_ms: int) -> HistoryItem:
    """An action that a mute rule holds back until the end of its window."""
    data = _action(transition, action) | {"actionState": "Muted", "muteWindowEndTimestamp": until_ms}
    return _of(transition, transition.at_ms, ACTION, f"Muted action {action}", data)


def _action(transition: Transition, action: str) -> dict[str, Any]:
    return {
        "actionState": None,
        "stateUpdateTimestamp": transition.at_ms,
        "notificationResource": action,
        "publishedMessage": None,
        "error": None,
        "muteWindowEndTimestamp": None,
    }


def _of(transition: Transition, at_ms: int, kind: str, summary: str, data: object) -> HistoryItem:
    """An item of the alarm's, or of its contributor's own kind."""
    contributor = transition.contributor
    own = kind if contributor is None else f"{OF_CONTRIBUTOR}{kind}"
    return replace(_item(transition.alarm, at_ms, own, summary, data), contributor=contributor)


def _item(alarm: Alarm, at_ms: int, kind: str, summary: str, data: object) -> HistoryItem:
    return HistoryItem(alarm.definition.name, alarm.kind, at_ms, kind, summary, compact(data))


def _state(evaluation: Evaluation, suppressed: Suppression | None = None) -> dict[str, object]:
    state: dict[str, object] = {"stateValue": evaluation.state}
    if evaluation is not FINE:
        state["stateReason"] = evaluation.reason
    if evaluation.reason_data is not None:
        state["stateReasonData"] = json.loads(evaluation.reason_data)
    if suppressed is not None:
        state["actionsSuppressedBy"] = suppressed.phase
        state["actionsSuppressedReason"] = suppressed.reason
    return state


def _configuration(alarm: Alarm) -> dict[str, Any]:
    definition = alarm.definition
    data: dict[str, Any] = {"alarmName": definition.name, "alarmArn": alarm.arn}
    if definition.description is not None:
        data["alarmDescription"] = definition.description
    data["alarmConfigurationUpdatedTimestamp"] = iso_time(alarm.configured_ms)
    data |= _metric_part(alarm) if isinstance(alarm, MetricAlarm) else _composite_part(alarm)
    data["stateValue"] = alarm.state
    data["stateUpdatedTimestamp"] = iso_time(alarm.state_updated_ms)
    responses = definition.responses
    data["actionsEnabled"] = responses.enabled
    data["alarmActions"] = list(responses.to(State.ALARM))
    data["insufficientDataActions"] = list(responses.to(State.INSUFFICIENT_DATA))
    data["okactions"] = list(responses.to(State.OK))
    return data


def _metric_part(alarm: MetricAlarm) -> dict[str, Any]:
    definition = alarm.definition
    source = definition.source
    if isinstance(source, MetricStat):
        data = _metric(source) | {"period": source.period_s}
    else:
        data = {"dimensions": [], "metrics": [_query(query) for query in source.queries]}
    if definition.band_id is None:
        data["threshold"] = definition.threshold
    else:
        data["thresholdMetricId"] = definition.band_id
    data["comparisonOperator"] = definition.comparison
    data["evaluationPeriods"] = definition.evaluation_periods
    if definition.datapoints_to_alarm is not None:
        data["datapointsToAlarm"] = definition.datapoints_to_alarm
    if definition.treat_missing_data is not None:
        data["treatMissingData"] = definition.treat_missing_data
    return data


def _metric(stat: MetricStat) -> dict[str, Any]:
    return {
        "metricName": stat.metric.name,
        "namespace": stat.metric.namespace,
        "dimensions": [{"name": name, "value": value} for name, value in stat.metric.dimensions],
    }


def _query(query: MetricQuery) -> dict[str, Any]:
    data: dict[str, Any] = {"id": query.id}
    source = query.source
    if isinstance(source, MetricStat):
        stat = {"metric": _metric(source), "period": source.period_s, "stat": source.statistic.name}
        data["metricStat"] = stat
    else:
        data["expression"] = source.text
        if isinstance(source, Insights):
            data["period"] = source.period_s
    if query.label is not None:
        data["label"] = query.label
    return data | {"returnData": query.returns}


def _composite_part(alarm: CompositeAlarm) -> dict[str, Any]:
    suppressor = alarm.definition.suppressor
    data: dict[str, Any] = {"alarmRule": alarm.definition.text}
    if suppressor is not None:
        data["actionsSuppressor"] = suppressor.alarm
        data["actionsSuppressorWaitPeriod"] = suppressor.wait_s
        data["actionsSuppressorExtensionPeriod"] = suppressor.extension_s
    return data
