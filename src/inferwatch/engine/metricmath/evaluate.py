"""Nodes + series → series. Numbers in, numbers out.

Two series meet on the union of their timestamps, a missing side counting as 0; a division by zero, or any
result that is no finite number, leaves no point. Source: CloudWatch User Guide, "Using math expressions".
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, assert_never

from inferwatch.engine.metricmath.nodes import Chain, Expression, Negate, Number, Reference

Series: TypeAlias = dict[int, float]
"""Values by period start, epoch ms."""

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


def evaluate(expression: Expression, series: Mapping[str, Series | float]) -> Series | float:
    """The expression's value: a series, or a scalar when it reads none.

    Args:
        series: By id, a series or another expression's scalar; every id the expression reads is there.
    """
    match expression:
        case Number(value):
            return value
        case Reference(name):
            return series[name]
        case Negate(operand):
            inner = evaluate(operand, series)
            return -inner if isinstance(inner, float) else {at: -value for at, value in inner.items()}
        case Chain(first, rest):
            result = evaluate(first, series)
            for sign, operand in rest:
                result = _combine(_OPERATIONS[sign], result, evaluate(operand, series))
            return result
        case _:
            assert_never(expression)


def _combine(
    operation: Callable[[float, float], float], left: Series | float, right: Series | float
) -> Series | float:
    if isinstance(left, float) and isinstance(right, float):
        value = _apply(operation, left, right)
        return math.nan if value is None else value
    stamps: set[int] = set()
    for side in (left, right):
        if isinstance(side, dict):
            stamps |= side.keys()
    result: Series = {}
    for at in sorted(stamps):
        value = _apply(operation, _at(left, at), _at(right, at))
        if value is not None:
            result[at] = value
    return result


def _at(side: Series | float, timestamp_ms: int) -> float:
    return side if isinstance(side, float) else side.get(timestamp_ms, 0.0)


def _apply(operation: Callable[[float, float], float], left: float, right: float) -> float | None:
    try:
        value = operation(left, right)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return value if math.isfinite(value) else None
