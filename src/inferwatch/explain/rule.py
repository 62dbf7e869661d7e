"""A composite alarm's rule as a tree: what each part is, and which parts make the whole so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from inferwatch.engine.alarmrules import compile_rule, deciding, evaluate, references
from inferwatch.engine.alarmrules.nodes import (
    STATES,
    AtLeast,
    Constant,
    Every,
    InState,
    Not,
    Rule,
    Some,
)
from inferwatch.engine.alarms.composite import name_of

UNKNOWN: Final = "UNKNOWN"
"""The state of an alarm that the endpoint does not have."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm's state, and since when it is in it."""

    state: str
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a rule.

    Args:
        alarm: Its name, and its state, where the part is about one alarm.
        decides: Does it belong to what makes the whole rule true, or false?
    """

    words: str
    is_true: bool
    decides: bool
    parts: tuple[Node, ...] = ()
    alarm: str | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """One child's change that would change the composite alarm."""

    alarm: str
    state: str
    whole: str


def alarms_in(text: str) -> tuple[str, ...]:
    """Names of the alarms that a rule asks about."""
    return tuple(dict.fromkeys(map(name_of, references(compile_rule(text)))))


def tree(text: str, standings: Mapping[str, Standing]) -> Node:
    """The rule's parts, each with what it is now.

    Args:
        standings: By name; the state of an alarm that is not there is none of the three.
    """
    return _node(compile_rule(text), _Known(standings), decides=True)


def flips(text: str, states: Mapping[str, str]) -> tuple[Flip, ...]:
    """Each single change of a child that changes the whole, in the order of the text."""
    rule = compile_rule(text)

    def whole(changed: Mapping[str, str]) -> str:
        is_met = evaluate(rule, lambda reference: changed.get(name_of(reference), UNKNOWN))
        return "ALARM" if is_met else "OK"

    now = whole(states)
    return tuple(
        Flip(name, state, after)
        for name in alarms_in(text)
        for state in STATES
        if (after := whole({**states, name: state})) != now
    )


class _Known:
    """States by what a rule calls an alarm."""

    def __init__(self, standings: Mapping[str, Standing]) -> None:
        self._standings = standings

    def standing(self, reference: str) -> Standing:
        return self._standings.get(name_of(reference), Standing(UNKNOWN))

    def state(self, reference: str) -> str:
        return self.standing(reference).state


def _node(rule: Rule, known: _Known, *, decides: bool) -> Node:
    is_true = evaluate(rule, known.state)
    match rule:
        case Constant(value):
            return Node(str(value).upper(), is_true, decides)
        case InState(state, alarm):
            return _leaf(f"in {state}", alarm, known, is_true=is_true, decides=decides)
        case AtLeast():
            return _quorum(rule, known, is_true=is_true, decides=decides)
        case Not(operand, times):
            parts = (_node(operand, known, decides=decides),)
            return Node(" ".join(["not"] * times), is_true, decides, parts)
        case Every(operands):
            return Node("all of", is_true, decides, _chain(operands, known, settles=False, decides=decides))
        case Some(operands):
            return Node("any of", is_true, decides, _chain(operands, known, settles=True, decides=decides))
        case _:
            assert_never(rule)


def _chain(operands: tuple[Rule, ...], known: _Known, *, settles: bool, decides: bool) -> tuple[Node, ...]:
    """The first operand that settles a chain by itself decides it; else all of them together."""
    settling = next((one for one in operands if evaluate(one, known.state) is settles), None)
    return tuple(
        _node(one, known, decides=decides and (settling is None or one is settling)) for one in operands
    )


def _quorum(rule: AtLeast, known: _Known, *, is_true: bool, decides: bool) -> Node:
    words = f"not in {rule.state}" if rule.is_negated else f"in {rule.state}"
    enough = deciding(rule, known.state) if decides else ()
    parts = tuple(
        _leaf(
            words,
            alarm,
            known,
            is_true=(known.state(alarm) == rule.state) != rule.is_negated,
            decides=alarm in enough,
        )
        for alarm in rule.alarms
    )
    met = sum(part.is_true for part in parts)
    return Node(f"at least {rule.needed} of these {len(parts)}, now {met}", is_true, decides, parts)


def _leaf(words: str, reference: str, known: _Known, *, is_true: bool, decides: bool) -> Node:
    return Node(words, is_true, decides, (), name_of(reference), known.standing(reference))
