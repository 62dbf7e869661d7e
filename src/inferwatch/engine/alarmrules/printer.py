"""Nodes → text that parses to the same nodes."""

from __future__ import annotations

from typing import assert_never

from inferwatch.engine.alarmrules.nodes import AtLeast, Constant, Every, InState, Not, Rule, Some
from inferwatch.lang.quotes import quoted


def write(rule: Rule) -> str:
    match rule:
        case Constant(value):
            return "TRUE" if value else "FALSE"
        case InState(state, alarm):
            return f"{state}({quoted(alarm)})"
        case AtLeast(least, is_percentage, is_negated, state, alarms):
            threshold = f"{least}%" if is_percentage else str(least)
            condition = f"NOT {state}" if is_negated else state
            return f"AT_LEAST({threshold}, {condition}, ({', '.join(map(quoted, alarms))}))"
        case Not(operand, times):
            inner = f"({write(operand)})" if isinstance(operand, Not | Every | Some) else write(operand)
            return "NOT " * times + inner
        case Every(operands):
            return _chain(operands, " AND ", (Every, Some))
        case Some(operands):
            return _chain(operands, " OR ", (Some,))
        case _:
            assert_never(rule)


def _chain(operands: tuple[Rule, ...], joint: str, enclosed: tuple[type, ...]) -> str:
    parts = []
    for operand in operands:
        text = write(operand)
        parts.append(f"({text})" if isinstance(operand, enclosed) else text)
    return joint.join(parts)
