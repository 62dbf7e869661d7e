"""Nodes + series → series. Numbers in, numbers out.

Two series meet on the union of their timestamps, a missing side counting as 0; a division by zero, or any
result that is no finite number, leaves no point. Source: CloudWatch User Guide, "Using math expressions".
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from inferwatch.engine.metricmath.functions import FUNCTIONS
from inferwatch.engine.metricmath.nodes import (
    Array,
    Call,
    Chain,
    Expression,
    Keyword,
    Negate,
    Number,
    Reference,
    Text,
)
from inferwatch.engine.metricmath.values import Grid, Member, Series, Value, guarded, points, scalar

_OPERATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "OR": lambda a, b: float(a != 0 or b != 0),
    "AND": lambda a, b: float(a != 0 and b != 0),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression reads.

    Args:
        values: Of every query it names, by id, and of every metric.
        periods: Of every query that is a metric, in seconds, in the order of the request.
        grid: The window its own result lies in.
        found: What each SEARCH and each ANOMALY_DETECTION_BAND in it found.
    """

    values: Mapping[str, Value]
    periods: Mapping[str, int]
    grid: Grid
    found: Mapping[Call, tuple[Member, ...]] = field(default_factory=dict)


def evaluate(expression: Expression, context: Context) -> Value:
    """The value of an expression whose types fit (`type_of`)."""
    match expression:
        case Number(value):
            return value
        case Text(text) | Keyword(text):
            return text
        case Reference(name):
            return context.values[name]
        case Negate(operand):
            return _combine(operator.mul, -1.0, evaluate(operand, context))
        case Chain(first, rest):
            result = evaluate(first, context)
            for sign, operand in rest:
                result = _combine(_OPERATIONS[sign], result, evaluate(operand, context))
            return result
        case Array(items):
            return tuple(member for item in items for member in _members(item, context))
        case Call("PERIOD", (Reference(name),)):
            return float(context.periods[name])
        case Call("METRICS", arguments):
            wanted = arguments[0].value if arguments and isinstance(arguments[0], Text) else ""
            return _metrics(wanted, context)
        case Call("SEARCH" | "ANOMALY_DETECTION_BAND"):
            return context.found[expression]
        case Call(name, arguments):
            values = [evaluate(argument, context) for argument in arguments]
            return FUNCTIONS[name].apply(context.grid, *values)
        case _:
            assert_never(expression)


def _members(item: Expression, context: Context) -> tuple[Member, ...]:
    value = evaluate(item, context)
    if isinstance(value, dict):
        return (Member(value, item.id if isinstance(item, Reference) else ""),)
    return value if isinstance(value, tuple) else ()


def _metrics(wanted: str, context: Context) -> tuple[Member, ...]:
    found = ((name, context.values[name]) for name in context.periods if wanted in name)
    return tuple(Member(value, name) for name, value in found if isinstance(value, dict))


def _combine(operation: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, tuple):
        return tuple(Member(_joined(operation, each.values, right), each.id) for each in left)
    if isinstance(right, tuple):
        return tuple(Member(_joined(operation, left, each.values), each.id) for each in right)
    if isinstance(left, float) and isinstance(right, float):
        return scalar(guarded(operation, left, right))
    return _joined(operation, left, right)


def _joined(operation: Callable[[float, float], float], left: Value, right: Value) -> Series:
    stamps: set[int] = set()
    for side in (left, right):
        if isinstance(side, dict):
            stamps |= side.keys()
    return points((at, guarded(operation, _at(left, at), _at(right, at))) for at in sorted(stamps))


def _at(side: Value, timestamp_ms: int) -> float:
    if isinstance(side, dict):
        return side.get(timestamp_ms, 0.0)
    return side if isinstance(side, float) else math.nan
