"""The actions an alarm may name, and which alarms may name them.

Source: CloudWatch API reference, "PutMetricAlarm", "PutCompositeAlarm"; User Guide, "Alarm actions".
Differs: the texts for an action that does not fit its alarm are ours; AWS's were not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from inferwatch.engine.alarms.alarm import MetricAlarm, Transition
from inferwatch.engine.alarms.state import Responses, State
from inferwatch.model.errors import validation_failure
from inferwatch.model.limits import ACTIONS_PER_STATE

_EC2: Final = "EC2 actions"
SCALING: Final = "Auto Scaling actions"
NOTIFICATION: Final = "SNS notifications"


class Level(Enum):
    """Who takes an action of an alarm with contributors.

    Source: CloudWatch User Guide, "Acting on alarm changes": SNS notifications and Lambda functions on both
    levels, so a topic hears of the alarm and of each contributor.
    """

    ALARM = "the alarm"
    CONTRIBUTOR = "each contributor"
    BOTH = "the alarm and each contributor"


@dataclass(frozen=True, slots=True)
class ActionKind:
    """A kind of action, by what stands after `arn:PARTITION:` in its ARN."""

    words: str
    pattern: re.Pattern[str]
    for_composite: bool = False
    in_alarm_only: bool = False
    level: Level = Level.BOTH


def _kind(
    words: str,
    pattern: str,
    *,
    for_composite: bool = False,
    in_alarm_only: bool = False,
    level: Level = Level.BOTH,
) -> ActionKind:
    compiled = re.compile(rf"arn:[^:\s]+:{pattern}", re.ASCII)
    return ActionKind(words, compiled, for_composite, in_alarm_only, level)


_R, _A = r"[a-z0-9-]+", r"\d{12}"
_KINDS: Final = {
    "sns": _kind(NOTIFICATION, rf"sns:{_R}:{_A}:[A-Za-z0-9_.-]{{1,256}}", for_composite=True),
    "lambda": _kind(
        "Lambda functions",
        rf"lambda:{_R}:{_A}:function:[A-Za-z0-9_-]+(?::[A-Za-z0-9_$-]+)?",
        for_composite=True,
    ),
    "automate": _kind(_EC2, rf"automate:{_R}:ec2:(?:stop|terminate|reboot|recover)", level=Level.CONTRIBUTOR),
    "swf": _kind(
        _EC2,
        rf"swf:{_R}:{_A}:action/actions/AWS_EC2\.InstanceId\.(?:Stop|Terminate|Reboot|Recover)/1\.0",
        level=Level.CONTRIBUTOR,
    ),
    "autoscaling": _kind(SCALING, rf"autoscaling:{_R}:{_A}:scalingPolicy:[^:\s]+:\S+", level=Level.ALARM),
    "ssm": _kind(
        "OpsItems",
        rf"ssm:{_R}:{_A}:opsitem:[1-4](?:#CATEGORY=[A-Za-z]+)?",
        for_composite=True,
        in_alarm_only=True,
    ),
    "ssm-incidents": _kind(
        "incidents",
        rf"ssm-incidents:(?:{_R})?:{_A}:response-?plan/\S+",
        for_composite=True,
        in_alarm_only=True,
        level=Level.ALARM,
    ),
    "aiops": _kind(
        "investigations",
        rf"aiops:{_R}:{_A}:investigation-group[:/]\S+",
        for_composite=True,
        in_alarm_only=True,
        level=Level.ALARM,
    ),
}


def action_kind(arn: str) -> ActionKind:
    """Raises AwsError (ValidationException) for what is no action's ARN."""
    parts = arn.split(":", 3)
    kind = _KINDS.get(parts[2]) if len(parts) > 3 else None
    if kind is None or not kind.pattern.fullmatch(arn):
        raise validation_failure(f"Invalid arn syntax: {arn}")
    return kind


def check_composite(responses: Responses) -> None:
    """Raises AwsError (ValidationException)."""
    for kind, arn in _checked(responses):
        if not kind.for_composite:
            raise validation_failure(f"{kind.words} are not supported on composite alarms: {arn}")


def check_metric(responses: Responses, named: Iterable[str] | None) -> None:
    """EC2 actions need to know the instance.

    Args:
        named: The dimensions of the alarm's metric, or the keys its query groups by; `None` where it has
            neither.

    Raises:
        AwsError: ValidationException.
    """
    names = None if named is None else set(named)
    for kind, arn in _checked(responses):
        if kind.words == _EC2 and names is None:
            raise validation_failure(f"{_EC2} are not supported on alarms with Metrics: {arn}")
        if kind.words == _EC2 and "InstanceId" not in (names or ()):
            raise validation_failure(f"{_EC2} need a metric with the dimension InstanceId: {arn}")


def _checked(responses: Responses) -> Iterator[tuple[ActionKind, str]]:
    for state in State:
        arns = responses.to(state)
        if len(arns) > ACTIONS_PER_STATE:
            raise validation_failure(
                f"An alarm has at most {ACTIONS_PER_STATE} actions for the state {state}"
            )
        for arn in arns:
            kind = action_kind(arn)
            if kind.in_alarm_only and state is not State.ALARM:
                raise validation_failure(f"{kind.words} are created in the state ALARM only: {arn}")
            yield kind, arn


def taken(transition: Transition) -> tuple[str, ...]:
    """The actions that a change of state asks for, of the alarm itself or of one of its contributors."""
    alarm = transition.alarm
    arns = alarm.definition.responses.to(transition.current.state)
    if not isinstance(alarm, MetricAlarm) or not alarm.definition.groups:
        return arns
    other = Level.CONTRIBUTOR if transition.contributor is None else Level.ALARM
    return tuple(arn for arn in arns if action_kind(arn).level is not other)


def repeated(responses: Responses, state: State) -> tuple[str, ...]:
    """Actions that are taken again every minute for as long as the state lasts."""
    return tuple(arn for arn in responses.to(state) if _KINDS[arn.split(":", 3)[2]].words == SCALING)
