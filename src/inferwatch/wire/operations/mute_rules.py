"""CloudWatch: alarm mute rules."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.alarms.mutes import MuteDefinition, MuteRule
from inferwatch.engine.alarms.schedule import parse_schedule
from inferwatch.engine.alarms.zones import named_zone
from inferwatch.engine.engine import Engine
from inferwatch.model.errors import validation_failure
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import invalid_next_token, page
from inferwatch.wire.operations.tags import tags_of

_PAGE = 50


def _put_mute_rule(engine: Engine, params: Params) -> Params:
    schedule = params["Rule"]["Schedule"]
    timezone = schedule.get("Timezone")
    zone = named_zone("UTC" if timezone is None else timezone)
    if zone is None:
        # The text is ours: AWS's was not recorded.
        raise validation_failure(f"The Timezone {timezone} is no name of the IANA database")
    targets = params.get("MuteTargets")
    definition = MuteDefinition(
        name=params["Name"],
        schedule=parse_schedule(schedule["Expression"], schedule["Duration"], zone),
        expression=schedule["Expression"],
        duration=schedule["Duration"],
        timezone=timezone,
        targets=None if targets is None else tuple(targets["AlarmNames"]),
        description=params.get("Description"),
        start_ms=params.get("StartDate"),
        expire_ms=params.get("ExpireDate"),
    )
    engine.alarms.put_mute(definition, tags_of(params), engine.now_ms)
    return {}


def _get_mute_rule(engine: Engine, params: Params) -> Params:
    rule = engine.alarms.mutes.get(params["AlarmMuteRuleName"])
    definition = rule.definition
    schedule = {"Expression": definition.expression, "Duration": definition.duration}
    if definition.timezone is not None:
        schedule["Timezone"] = definition.timezone
    return {
        "Name": definition.name,
        "Description": definition.description,
        "Rule": {"Schedule": schedule},
        "MuteTargets": None if definition.targets is None else {"AlarmNames": list(definition.targets)},
        "StartDate": definition.start_ms,
        **_summary(rule, engine.now_ms),
    }


def _summary(rule: MuteRule, now_ms: int) -> Params:
    return {
        "AlarmMuteRuleArn": rule.arn,
        "ExpireDate": rule.definition.expire_ms,
        "Status": rule.definition.status(now_ms),
        "MuteType": rule.definition.mute_type,
        "LastUpdatedTimestamp": rule.updated_ms,
    }


def _list_mute_rules(engine: Engine, params: Params) -> Params:
    now_ms = engine.now_ms
    alarm, statuses = params.get("AlarmName"), params.get("Statuses")
    found = [
        rule
        for rule in engine.alarms.mutes.all()
        if (alarm is None or alarm in (rule.definition.targets or ()))
        and (not statuses or rule.definition.status(now_ms) in statuses)
    ]
    shown, token = page(
        found,
        lambda rule: rule.definition.name,
        params.get("NextToken"),
        params.get("MaxRecords", _PAGE),
        invalid_next_token,
    )
    return {"AlarmMuteRuleSummaries": [_summary(rule, now_ms) for rule in shown], "NextToken": token}


def _delete_mute_rule(engine: Engine, params: Params) -> Params:
    engine.alarms.delete_mute(params["AlarmMuteRuleName"], engine.now_ms)
    return {}


OPERATIONS: Final = {
    "PutAlarmMuteRule": Operation(
        _put_mute_rule, "Name Description Rule MuteTargets Tags StartDate ExpireDate", is_kept=True
    ),
    "GetAlarmMuteRule": Operation(_get_mute_rule, "AlarmMuteRuleName"),
    "ListAlarmMuteRules": Operation(_list_mute_rules, "AlarmName Statuses MaxRecords NextToken"),
    "DeleteAlarmMuteRule": Operation(_delete_mute_rule, "AlarmMuteRuleName", is_kept=True),
}
