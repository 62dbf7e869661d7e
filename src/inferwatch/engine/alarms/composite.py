"""A composite alarm's configuration, as PutCompositeAlarm gave it, and what its rule comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inferwatch.engine.alarmrules import Rule, deciding, evaluate, references
from inferwatch.engine.alarms.state import NO_RESPONSES, Responses, State

_ARN_PARTS = 7


def name_of(reference: str) -> str:
    """The alarm's name in a name or an ARN."""
    parts = reference.split(":", _ARN_PARTS - 1)
    is_arn = parts[0] == "arn" and len(parts) == _ARN_PARTS and parts[5] == "alarm"
    return parts[-1] if is_arn else reference


@dataclass(frozen=True, slots=True)
class Suppressor:
    """The alarm that keeps a composite's actions back while in ALARM, named as it was given."""

    alarm: str
    wait_s: int
    extension_s: int

    @property
    def name(self) -> str:
        return name_of(self.alarm)


@dataclass(frozen=True, slots=True)
class CompositeDefinition:
    """A composite alarm's configuration; `text` is the rule as it was given."""

    name: str
    text: str
    rule: Rule
    description: str | None = None
    responses: Responses = NO_RESPONSES
    suppressor: Suppressor | None = None

    @property
    def children(self) -> frozenset[str]:
        """Names of the alarms that the rule asks about."""
        return frozenset(map(name_of, references(self.rule)))

    def state(self, state_of: Callable[[str], State]) -> State:
        """True is ALARM, and false is OK."""
        is_met = evaluate(self.rule, lambda reference: state_of(name_of(reference)))
        return State.ALARM if is_met else State.OK

    def deciding(self, state_of: Callable[[str], State]) -> tuple[str, ...]:
        """Names of the children whose states are enough for the rule to be what it is."""
        found = deciding(self.rule, lambda reference: state_of(name_of(reference)))
        return tuple(dict.fromkeys(map(name_of, found)))
