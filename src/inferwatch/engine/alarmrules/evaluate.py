"""A rule and the states of its alarms → true or false, and who decided it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from inferwatch.engine.alarmrules.nodes import AtLeast, Constant, Every, InState, Not, Rule, Some

StateOf: TypeAlias = Callable[[str], str]
"""An alarm as the rule names it → its state."""


def evaluate(rule: Rule, state_of: StateOf) -> bool:
    match rule:
        case Constant(value):
            return value
        case InState(state, alarm):
            return state_of(alarm) == state
        case AtLeast():
            return len(_matching(rule, state_of, True)) >= rule.needed
        case Not(operand, times):
            return evaluate(operand, state_of) != bool(times % 2)
        case Every(operands):
            return all(evaluate(operand, state_of) for operand in operands)
        case Some(operands):
            return any(evaluate(operand, state_of) for operand in operands)
        case _:
            assert_never(rule)


def deciding(rule: Rule, state_of: StateOf) -> tuple[str, ...]:
    """The alarms whose states are enough for the rule to be what it is, in the order of the text.

    Differs: AWS does not say which children it names as triggering where several would do.
    """
    return tuple(dict.fromkeys(_deciding(rule, state_of)))


def _deciding(rule: Rule, state_of: StateOf) -> list[str]:
    match rule:
        case Constant():
            return []
        case InState(alarm=alarm):
            return [alarm]
        case AtLeast():
            met = _matching(rule, state_of, True)
            if len(met) >= rule.needed:
                return met[: rule.needed]
            return _matching(rule, state_of, False)[: len(rule.alarms) - rule.needed + 1]
        case Not(operand):
            return _deciding(operand, state_of)
        case Every(operands):
            return _of_chain(operands, state_of, settles=False)
        case Some(operands):
            return _of_chain(operands, state_of, settles=True)
        case _:
            assert_never(rule)


def _of_chain(operands: tuple[Rule, ...], state_of: StateOf, *, settles: bool) -> list[str]:
    """The first operand that settles the chain by itself; else all of them together."""
    together: list[str] = []
    for operand in operands:
        found = _deciding(operand, state_of)
        if evaluate(operand, state_of) is settles:
            return found
        together += found
    return together


def _matching(rule: AtLeast, state_of: StateOf, wanted: bool) -> list[str]:
    return [alarm for alarm in rule.alarms if ((state_of(alarm) == rule.state) != rule.is_negated) is wanted]
