"""An alarm's history items, with HistoryData as AWS writes it.

Source: recorded answers of DescribeAlarmHistory, 2026-09.
Differs: the data of updates and deletions was not recorded; we use `updatedAlarm` and `deletedAlarm`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from inferwatch.engine.alarms.alarm import Alarm, Evaluation, HistoryItem, Transition
from inferwatch.engine.alarms.reasons import iso_time
from inferwatch.engine.metricdata.query import MetricStat

CONFIGURATION: Final = "ConfigurationUpdate"
STATE: Final = "StateUpdate"
ACTION: Final = "Action"


def configured(alarm: Alarm, verb: str, at_ms: int) -> HistoryItem:
    """`verb` is created, updated or deleted."""
    data = {
        "version": "1.0",
        "type": verb.removesuffix("d").capitalize(),
        f"{verb}Alarm": _configuration(alarm),
    }
    name = alarm.definition.name
    return HistoryItem(name, at_ms, CONFIGURATION, f'Alarm "{name}" {verb}', compact(data))


def changed(transition: Transition) -> HistoryItem:
    data = {
        "version": "1.0",
        "oldState": _state(transition.previous),
        "newState": _state(transition.current),
    }
    summary = f"Alarm updated from {transition.previous.state} to {transition.current.state}"
    return HistoryItem(transition.alarm.definition.name, transition.at_ms, STATE, summary, compact(data))


def acted(transition: Transition, action: str, message: str, error: str | None) -> HistoryItem:
    """What came of one action; `error` is `None` where it succeeded."""
    data = {
        "actionState": "Succeeded" if error is None else "Failed",
        "stateUpdateTimestamp": transition.at_ms,
        "notificationResource": action,
        "publishedMessage": compact({"default": message}),
        "error": error,
        "muteWindowEndTimestamp": None,
    }
    verb = "Successfully executed" if error is None else "Failed to execute"
    return HistoryItem(
        transition.alarm.definition.name,
        transition.at_ms,
        ACTION,
        f"{verb} action {action}",
        compact(data),
    )


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _state(evaluation: Evaluation) -> dict[str, object]:
    state: dict[str, object] = {"stateValue": evaluation.state, "stateReason": evaluation.reason}
    if evaluation.reason_data is not None:
        state["stateReasonData"] = evaluation.reason_data
    return state


def _configuration(alarm: Alarm) -> dict[str, Any]:
    definition = alarm.definition
    source = definition.source
    data: dict[str, Any] = {"alarmName": definition.name, "alarmArn": alarm.arn}
    if definition.description is not None:
        data["alarmDescription"] = definition.description
    data["alarmConfigurationUpdatedTimestamp"] = iso_time(alarm.configured_ms)
    if isinstance(source, MetricStat):
        data["metricName"] = source.metric.name
        data["namespace"] = source.metric.namespace
        data["dimensions"] = [{"name": name, "value": value} for name, value in source.metric.dimensions]
        data["period"] = source.period_s
    data["threshold"] = definition.threshold
    data["comparisonOperator"] = definition.comparison
    data["evaluationPeriods"] = definition.evaluation_periods
    if definition.datapoints_to_alarm is not None:
        data["datapointsToAlarm"] = definition.datapoints_to_alarm
    if definition.treat_missing_data is not None:
        data["treatMissingData"] = definition.treat_missing_data
    data["stateValue"] = alarm.state
    data["stateUpdatedTimestamp"] = iso_time(alarm.state_updated_ms)
    data["actionsEnabled"] = definition.actions_enabled
    data["alarmActions"] = list(definition.alarm_actions)
    data["insufficientDataActions"] = list(definition.insufficient_data_actions)
    data["okactions"] = list(definition.ok_actions)
    return data
