"""aws.cloudwatch.CompositeAlarm.

Source: terraform-provider-aws `internal/service/cloudwatch/composite_alarm.go`; API reference,
"PutCompositeAlarm".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Compare
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    Problem,
    Property,
    pairs,
    tag_changes,
    unpaired,
)
from inferwatch.deploy.values import Properties
from inferwatch.model.limits import ACTIONS_PER_STATE

_NAME_MAX_CHARS: Final = 255
_RULE_MAX_CHARS: Final = 10_240
_DESCRIPTION_MAX_CHARS: Final = 1_024
_ACTIONS: Final = ("alarmActions", "okActions", "insufficientDataActions")
_MEMBERS: Final = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "alarmRule": "AlarmRule",
    "insufficientDataActions": "InsufficientDataActions",
    "okActions": "OKActions",
}
_SUPPRESSOR: Final = {
    "alarm": "ActionsSuppressor",
    "waitPeriod": "ActionsSuppressorWaitPeriod",
    "extensionPeriod": "ActionsSuppressorExtensionPeriod",
}


class CompositeAlarm(Handler):
    """An alarm on other alarms.

    Differs: the real provider replaces it where `actions_enabled` changes, and so deletes what it has just
    written over; here that changes in place.
    """

    token = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    words = "composite alarm"
    computed = ("arn", "tagsAll")
    properties: ClassVar = {
        "actionsEnabled": Property(Kind.BOOLEAN, default=True),
        "actionsSuppressor": Property(
            Kind.OBJECT,
            fields={
                "alarm": Property(Kind.STRING, required=True),
                "extensionPeriod": Property(Kind.INTEGER, required=True),
                "waitPeriod": Property(Kind.INTEGER, required=True),
            },
        ),
        "alarmActions": Property(Kind.STRINGS, compare=Compare.SET),
        "alarmDescription": Property(Kind.STRING),
        "alarmName": Property(Kind.STRING, required=True, forces_new=True),
        "alarmRule": Property(Kind.STRING, required=True),
        "insufficientDataActions": Property(Kind.STRINGS, compare=Compare.SET),
        "okActions": Property(Kind.STRINGS, compare=Compare.SET),
        "region": Property(Kind.STRING, forces_new=True),
        "tags": Property(Kind.STRING_MAP),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        for key, least, most in (
            ("alarmName", 1, _NAME_MAX_CHARS),
            ("alarmRule", 1, _RULE_MAX_CHARS),
            ("alarmDescription", 0, _DESCRIPTION_MAX_CHARS),
        ):
            text = inputs.get(key)
            if isinstance(text, str) and not least <= len(text) <= most:
                yield Problem(key, f"{len(text):,} characters; expected {least}-{most:,}")
        for key in _ACTIONS:
            actions = inputs.get(key)
            if isinstance(actions, list) and len(actions) > ACTIONS_PER_STATE:
                yield Problem(key, f"{len(actions)} given; at most {ACTIONS_PER_STATE} are allowed")

    def create(self, clients: Clients, inputs: Properties) -> Live:
        call = _alarm_call(inputs)
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        clients.cloudwatch(inputs.get("region")).put_composite_alarm(**call)
        return self.must_read(clients, inputs["alarmName"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        cloudwatch = clients.cloudwatch(state.get("region"))
        found = cloudwatch.describe_alarms(AlarmNames=[id], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        if not found:
            return None
        alarm = found[0]
        tags = unpaired(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"], "Key")
        outputs: Properties = {
            "alarmName": id,
            "arn": alarm["AlarmArn"],
            "region": state.get("region") or clients.region,
            "tags": tags,
            "tagsAll": tags,
        }
        for key, member in _MEMBERS.items():
            if (value := alarm.get(member)) not in (None, [], ""):
                outputs[key] = value
        if alarm.get("ActionsSuppressor"):
            outputs["actionsSuppressor"] = {key: alarm[member] for key, member in _SUPPRESSOR.items()}
        return Live(id, outputs)

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        cloudwatch = clients.cloudwatch(inputs.get("region"))
        cloudwatch.put_composite_alarm(**_alarm_call(inputs))
        live = self.must_read(clients, id, inputs)
        # PutCompositeAlarm takes tags only when it creates.
        tags, gone = tag_changes(old, inputs)
        if gone:
            cloudwatch.untag_resource(ResourceARN=live.outputs["arn"], TagKeys=gone)
        if tags:
            cloudwatch.tag_resource(ResourceARN=live.outputs["arn"], Tags=pairs(tags, "Key"))
        return self.must_read(clients, id, inputs) if tags or gone else live

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        # Deleting an alarm that does not exist is no error. Source: API reference, "DeleteAlarms".
        clients.cloudwatch(state.get("region")).delete_alarms(AlarmNames=[id])

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        return self.read(clients, inputs["alarmName"], inputs)


def _alarm_call(inputs: Properties) -> dict[str, Any]:
    call: dict[str, Any] = {"AlarmName": inputs["alarmName"]}
    for key, member in _MEMBERS.items():
        if (value := inputs.get(key)) is not None:
            call[member] = value
    suppressor = inputs.get("actionsSuppressor") or {}
    return call | {_SUPPRESSOR[key]: value for key, value in suppressor.items()}
