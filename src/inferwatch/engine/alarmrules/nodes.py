"""A rule's grammar as values.

An alarm is named as the rule names it: by name or ARN. Chains are flat, so that long rules nest nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

STATES: Final = ("ALARM", "OK", "INSUFFICIENT_DATA")


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


@dataclass(frozen=True, slots=True)
class InState:
    """`ALARM(name)`, `OK(name)`, `INSUFFICIENT_DATA(name)`."""

    state: str
    alarm: str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`AT_LEAST(least, [NOT] state, (alarms))`; `is_percentage` where `least` is one of their number."""

    least: int
    is_percentage: bool
    is_negated: bool
    state: str
    alarms: tuple[str, ...]

    @property
    def needed(self) -> int:
        """How many alarms that is; a percentage is rounded up.

        Source: CloudWatch User Guide, "Create a composite alarm".
        """
        if self.is_percentage:
            return -(-self.least * len(self.alarms) // 100)
        return self.least


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT` written `times` times over."""

    operand: Rule
    times: int = 1


@dataclass(frozen=True, slots=True)
class Every:
    """Operands joined by AND."""

    operands: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Operands joined by OR."""

    operands: tuple[Rule, ...]


Rule: TypeAlias = Constant | InState | AtLeast | Not | Every | Some


def references(rule: Rule) -> tuple[str, ...]:
    """Every alarm that the rule names, once, in the order of the text."""
    return tuple(dict.fromkeys(_named(rule)))


def _named(rule: Rule) -> list[str]:
    match rule:
        case Constant():
            return []
        case InState(alarm=alarm):
            return [alarm]
        case AtLeast(alarms=alarms):
            return list(alarms)
        case Not(operand):
            return _named(operand)
        case Every(operands) | Some(operands):
            found: list[str] = []
            for operand in operands:
                found += _named(operand)
            return found
        case _:
            assert_never(rule)
