"""CloudWatch: what alarms of every kind have in common; listed, set, deleted, remembered."""

from __future__ import annotations

import json
from typing import Any, Final

from inferwatch.engine.alarms.alarm import Alarm, Kind, MetricAlarm
from inferwatch.engine.alarms.history import HistoryItem
from inferwatch.engine.alarms.state import Contribution, Evaluation, Responses, State
from inferwatch.engine.engine import Engine
from inferwatch.model.errors import AwsError, validation_failure
from inferwatch.model.text import is_whole
from inferwatch.wire.operations import composite_alarms, metric_alarms, mute_rules, resource_tags
from inferwatch.wire.operations.composite_alarms import describe_composite_alarm
from inferwatch.wire.operations.metric_alarms import describe_metric_alarm
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import invalid_next_token, page

_PAGE = 100
_RELATED_ALONE = frozenset({"MaxRecords", "NextToken"})
_CHILD_MEMBERS = ("AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp")
_PARENT_MEMBERS = ("AlarmName", "AlarmArn")
_LAST_NUMBER = 10**18


def _describe_alarms(engine: Engine, params: Params) -> Params:
    """Without AlarmTypes metric alarms only; relatives are of every kind. Source: API reference."""
    related = next((name for name in ("ChildrenOfAlarmName", "ParentsOfAlarmName") if name in params), None)
    if related is None:
        members: tuple[str, ...] = ()
        found = _matching(engine, params)
    else:
        if params.keys() - _RELATED_ALONE - {related}:
            # The text is ours, as the next one: AWS's were not recorded.
            raise validation_failure(f"{related} can be combined with MaxRecords and NextToken only")
        of_children = related == "ChildrenOfAlarmName"
        members = _CHILD_MEMBERS if of_children else _PARENT_MEMBERS
        names = (engine.alarms.children if of_children else engine.alarms.parents)(params[related])
        found = [alarm for alarm in engine.alarms.all() if alarm.definition.name in names]
    shown, token = page(
        found,
        lambda alarm: alarm.definition.name,
        params.get("NextToken"),
        params.get("MaxRecords", _PAGE),
        invalid_next_token,
    )
    described: dict[str, list[Params]] = {"MetricAlarms": [], "CompositeAlarms": [], "LogAlarms": []}
    for alarm in shown:
        whole = _describe(alarm, engine.now_ms)
        described[f"{alarm.kind}s"].append({name: whole[name] for name in members} if members else whole)
    return {**described, "NextToken": token}


def _matching(engine: Engine, params: Params) -> list[Alarm]:
    if "AlarmNames" in params and "AlarmNamePrefix" in params:
        raise validation_failure("AlarmNames and AlarmNamePrefix are mutually exclusive")
    names = params.get("AlarmNames")
    kinds = params.get("AlarmTypes") or [Kind.METRIC]
    return [
        alarm
        for alarm in engine.alarms.all()
        if alarm.kind in kinds
        and (names is None or alarm.definition.name in names)
        and alarm.definition.name.startswith(params.get("AlarmNamePrefix", ""))
        and params.get("StateValue", alarm.state) == alarm.state
        and _has_action(alarm.definition.responses, params.get("ActionPrefix"))
    ]


def _describe(alarm: Alarm, now_ms: int) -> Params:
    if isinstance(alarm, MetricAlarm):
        return describe_metric_alarm(alarm, now_ms)
    return describe_composite_alarm(alarm)


def _has_action(responses: Responses, prefix: str | None) -> bool:
    return prefix is None or any(
        action.startswith(prefix) for state in State for action in responses.to(state)
    )


def _delete_alarms(engine: Engine, params: Params) -> Params:
    engine.alarms.delete(params["AlarmNames"], engine.now_ms)
    return {}


def _set_alarm_state(engine: Engine, params: Params) -> Params:
    text = params.get("StateReasonData")
    if text is not None and not _is_json(text):
        # The text is ours: AWS's was not recorded.
        raise AwsError("InvalidFormatFault", "StateReasonData must be valid JSON")
    evaluation = Evaluation(State(params["StateValue"]), params["StateReason"], text)
    engine.alarms.set_state(params["AlarmName"], evaluation, engine.now_ms)
    return {}


def _is_json(text: str) -> bool:
    """JSON that can be written down again: no NaN, and no half of a character."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        return is_whole(json.dumps(value, ensure_ascii=False))
    except (ValueError, RecursionError):
        return False


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _enable_actions(engine: Engine, params: Params) -> Params:
    engine.alarms.enable_actions(params["AlarmNames"], True, engine.now_ms)
    return {}


def _disable_actions(engine: Engine, params: Params) -> Params:
    engine.alarms.enable_actions(params["AlarmNames"], False, engine.now_ms)
    return {}


def _describe_history(engine: Engine, params: Params) -> Params:
    start_ms, end_ms = params.get("StartDate"), params.get("EndDate")
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        # The text is ours: AWS's was not recorded.
        raise validation_failure("StartDate must not be after EndDate")
    kinds = params.get("AlarmTypes") or [Kind.METRIC]
    found = [
        item
        for item in engine.alarms.history(params.get("AlarmName"))
        if item.alarm_kind in kinds
        and params.get("HistoryItemType") in (None, item.kind)
        and params.get("AlarmContributorId") in (None, item.contributor and item.contributor.id)
        and (start_ms is None or start_ms <= item.timestamp_ms)
        and (end_ms is None or item.timestamp_ms <= end_ms)
    ]
    is_ascending = params.get("ScanBy") == "TimestampAscending"
    if is_ascending:
        found.reverse()

    def key(item: HistoryItem) -> str:
        place = (item.timestamp_ms, item.number)
        ascending = place if is_ascending else tuple(_LAST_NUMBER - part for part in place)
        return ".".join(f"{part:020d}" for part in ascending)

    limit = params.get("MaxRecords", _PAGE)
    shown, token = page(found, key, params.get("NextToken"), limit, invalid_next_token)
    return {"AlarmHistoryItems": [_describe_item(item) for item in shown], "NextToken": token}


def _describe_item(item: HistoryItem) -> Params:
    contributor = item.contributor
    return {
        "AlarmName": item.alarm,
        "AlarmContributorId": None if contributor is None else contributor.id,
        "AlarmType": item.alarm_kind,
        "Timestamp": item.timestamp_ms,
        "HistoryItemType": item.kind,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
        "AlarmContributorAttributes": None if contributor is None else dict(contributor.attributes),
    }


def _describe_contributors(engine: Engine, params: Params) -> Params:
    """Those in ALARM. Source: API reference, "DescribeAlarmContributors".

    Differs: of an alarm that watches one series the list is empty; AWS's answer was not recorded.
    """
    shown, token = page(
        engine.alarms.raised(params["AlarmName"]),
        lambda each: each.contributor.id,
        params.get("NextToken"),
        _PAGE,
        invalid_next_token,
    )
    return {"AlarmContributors": [_describe_contribution(each) for each in shown], "NextToken": token}


def _describe_contribution(each: Contribution) -> Params:
    return {
        "ContributorId": each.contributor.id,
        "ContributorAttributes": dict(each.contributor.attributes),
        "StateReason": each.evaluation.reason,
        "StateTransitionedTimestamp": each.since_ms,
    }


OPERATIONS: Final = {
    **metric_alarms.OPERATIONS,
    **composite_alarms.OPERATIONS,
    **mute_rules.OPERATIONS,
    **resource_tags.OPERATIONS,
    "DescribeAlarms": Operation(
        _describe_alarms,
        "AlarmNames AlarmNamePrefix AlarmTypes ChildrenOfAlarmName ParentsOfAlarmName StateValue "
        "ActionPrefix MaxRecords NextToken",
    ),
    "DeleteAlarms": Operation(_delete_alarms, "AlarmNames", is_kept=True),
    "SetAlarmState": Operation(
        _set_alarm_state, "AlarmName StateValue StateReason StateReasonData", is_kept=True
    ),
    "EnableAlarmActions": Operation(_enable_actions, "AlarmNames", is_kept=True),
    "DisableAlarmActions": Operation(_disable_actions, "AlarmNames", is_kept=True),
    "DescribeAlarmHistory": Operation(
        _describe_history,
        "AlarmName AlarmContributorId AlarmTypes HistoryItemType StartDate EndDate MaxRecords NextToken "
        "ScanBy",
    ),
    "DescribeAlarmContributors": Operation(_describe_contributors, "AlarmName NextToken"),
}
