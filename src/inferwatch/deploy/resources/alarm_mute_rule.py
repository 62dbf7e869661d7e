"""aws.cloudwatch.AlarmMuteRule.

Source: terraform-provider-aws `internal/service/cloudwatch/alarm_mute_rule.go`; API reference,
"PutAlarmMuteRule".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Compare, read_moment
from inferwatch.deploy.resources.alarm_calls import placed, retag
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    PassingOver,
    Problem,
    Property,
    pairs,
)
from inferwatch.deploy.values import Properties

_NAME_MAX_CHARS: Final = 255
_DESCRIPTION_MAX_CHARS: Final = 1_024
_TARGETS_MAX: Final = 100
_DATES: Final = {"startDate": "StartDate", "expireDate": "ExpireDate"}
_SCHEDULE: Final = {"duration": "Duration", "expression": "Expression", "timezone": "Timezone"}


class AlarmMuteRule(Handler):
    """When alarms are quiet, and which."""

    token = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"
    words = "alarm mute rule"
    autonamed = "name"
    computed = ("arn", "lastUpdatedTimestamp", "muteType", "status", "tagsAll")
    properties: ClassVar = {
        "description": Property(Kind.STRING),
        "expireDate": Property(Kind.STRING, compare=Compare.MOMENT),
        "muteTargets": Property(Kind.OBJECT, fields={"alarmNames": Property(Kind.STRINGS, required=True)}),
        "name": Property(Kind.STRING, forces_new=True),
        "region": Property(Kind.STRING, forces_new=True),
        "rule": Property(
            Kind.OBJECT,
            required=True,
            fields={
                "schedule": Property(
                    Kind.OBJECT,
                    required=True,
                    fields={
                        "duration": Property(Kind.STRING, required=True),
                        "expression": Property(Kind.STRING, required=True),
                        "timezone": Property(Kind.STRING),
                    },
                )
            },
        ),
        "startDate": Property(Kind.STRING, compare=Compare.MOMENT),
        "tags": Property(Kind.STRING_MAP),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        for key, most in (("name", _NAME_MAX_CHARS), ("description", _DESCRIPTION_MAX_CHARS)):
            text = inputs.get(key)
            if isinstance(text, str) and len(text) > most:
                yield Problem(key, f"{len(text):,} characters; at most {most:,} are allowed")
        targets = inputs.get("muteTargets")
        names = targets["alarmNames"] if isinstance(targets, dict) else None
        if isinstance(names, list) and len(names) > _TARGETS_MAX:
            yield Problem("muteTargets.alarmNames", f"{len(names)} given; at most {_TARGETS_MAX} are allowed")
        for key in _DATES:
            text = inputs.get(key)
            if isinstance(text, str) and not _is_whole_minute(text):
                yield Problem(
                    key, f"expected a time like 2026-12-31T23:59:00Z, with 00 seconds; got {text!r}"
                )

    def create(self, clients: Clients, inputs: Properties) -> Live:
        call = _call(inputs)
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        clients.cloudwatch(inputs.get("region")).put_alarm_mute_rule(**call)
        return self.must_read(clients, inputs["name"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver("ResourceNotFoundException", "ResourceNotFound"):
            rule = clients.cloudwatch(state.get("region")).get_alarm_mute_rule(AlarmMuteRuleName=id)
            return Live(id, _outputs(rule) | placed(clients, rule["AlarmMuteRuleArn"], state))
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        cloudwatch = clients.cloudwatch(inputs.get("region"))
        cloudwatch.put_alarm_mute_rule(**_call(inputs))
        live = self.must_read(clients, id, inputs)
        retagged = retag(cloudwatch, live.outputs["arn"], old, inputs)
        return self.must_read(clients, id, inputs) if retagged else live

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("ResourceNotFoundException", "ResourceNotFound"):
            clients.cloudwatch(state.get("region")).delete_alarm_mute_rule(AlarmMuteRuleName=id)


def _is_whole_minute(text: str) -> bool:
    moment = read_moment(text)
    return moment is not None and moment.second == moment.microsecond == 0


def _call(inputs: Properties) -> dict[str, Any]:
    schedule = inputs["rule"]["schedule"]
    call: dict[str, Any] = {
        "Name": inputs["name"],
        "Rule": {"Schedule": {_SCHEDULE[key]: value for key, value in schedule.items()}},
    }
    if description := inputs.get("description"):
        call["Description"] = description
    if targets := inputs.get("muteTargets"):
        call["MuteTargets"] = {"AlarmNames": targets["alarmNames"]}
    return call | {member: read_moment(inputs[key]) for key, member in _DATES.items() if inputs.get(key)}


def _outputs(rule: dict[str, Any]) -> Properties:
    schedule = rule["Rule"]["Schedule"]
    outputs: Properties = {
        "lastUpdatedTimestamp": _text(rule["LastUpdatedTimestamp"]),
        "muteType": rule["MuteType"],
        "name": rule["Name"],
        "rule": {"schedule": {key: schedule[name] for key, name in _SCHEDULE.items() if name in schedule}},
        "status": rule["Status"],
    }
    if description := rule.get("Description"):
        outputs["description"] = description
    if targets := rule.get("MuteTargets"):
        outputs["muteTargets"] = {"alarmNames": targets["AlarmNames"]}
    return outputs | {key: _text(rule[member]) for key, member in _DATES.items() if rule.get(member)}


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
