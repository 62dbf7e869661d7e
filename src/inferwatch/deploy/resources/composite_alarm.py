"""aws.cloudwatch.CompositeAlarm.

Source: terraform-provider-aws `internal/service/cloudwatch/composite_alarm.go`; API reference,
"PutCompositeAlarm".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Compare
from inferwatch.deploy.resources.alarm_calls import find_alarm, retag, sent
from inferwatch.deploy.resources.alarm_rules import action_problems
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    Problem,
    Property,
    pairs,
)
from inferwatch.deploy.values import Properties

_NAME_MAX_CHARS: Final = 255
_RULE_MAX_CHARS: Final = 10_240
_DESCRIPTION_MAX_CHARS: Final = 1_024
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
        yield from action_problems(inputs)

    def create(self, clients: Clients, inputs: Properties) -> Live:
        call = _alarm_call(inputs)
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        clients.cloudwatch(inputs.get("region")).put_composite_alarm(**call)
        return self.must_read(clients, inputs["alarmName"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        found = find_alarm(clients, id, state, kind="CompositeAlarm", members=_MEMBERS)
        if found is None:
            return None
        alarm, outputs = found
        outputs["alarmName"] = id
        if alarm.get("ActionsSuppressor"):
            outputs["actionsSuppressor"] = {key: alarm[member] for key, member in _SUPPRESSOR.items()}
        return Live(id, outputs)

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        cloudwatch = clients.cloudwatch(inputs.get("region"))
        cloudwatch.put_composite_alarm(**_alarm_call(inputs))
        live = self.must_read(clients, id, inputs)
        retagged = retag(cloudwatch, live.outputs["arn"], old, inputs)
        return self.must_read(clients, id, inputs) if retagged else live

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        # Deleting an alarm that does not exist is no error. Source: API reference, "DeleteAlarms".
        clients.cloudwatch(state.get("region")).delete_alarms(AlarmNames=[id])

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        return self.read(clients, inputs["alarmName"], inputs)


def _alarm_call(inputs: Properties) -> dict[str, Any]:
    suppressor = inputs.get("actionsSuppressor") or {}
    return {
        "AlarmName": inputs["alarmName"],
        **sent(inputs, _MEMBERS),
        **{_SUPPRESSOR[key]: value for key, value in suppressor.items()},
    }
