"""Every function that this version has: what it takes, what it gives, what it does.

Source: CloudWatch User Guide, "Using math expressions"; recorded answers, 2026-09.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from inferwatch.engine.metricmath import aggregate, arrays, steps
from inferwatch.engine.metricmath.values import Grid, Member, Series, Type, Value, guarded, points

Apply: TypeAlias = Callable[..., Value]

_S, _TS, _ARRAY, _WORD = Type.SCALAR, Type.SERIES, Type.ARRAY, Type.KEYWORD
_MANY = (_TS, _ARRAY)


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Args:
        takes: For each argument the types it may have.
        gives: The type of the result, from those of the arguments.
        apply: (grid, *values) → the result.
        optional: How many of the last arguments may be left out.
        words: The keywords that an argument, by its position, may be.
        counts: The positions of arguments that are whole numbers from 0.
        fills: Its result has a point in every period of the window.
    """

    takes: tuple[tuple[Type, ...], ...]
    gives: Callable[[Sequence[Type]], Type]
    apply: Apply
    optional: int = 0
    words: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    counts: frozenset[int] = frozenset()
    fills: bool = False


def _always(kind: Type) -> Callable[[Sequence[Type]], Type]:
    return lambda _: kind


def _same(types: Sequence[Type]) -> Type:
    return types[0]


def _pooled(types: Sequence[Type]) -> Type:
    """Over the points of one series a scalar; over the members of an array a series."""
    return _S if types[0] is _TS else _TS


def _branches(types: Sequence[Type]) -> Type:
    return _TS if _TS in types else _S


def _each(apply: Callable[..., Series]) -> Apply:
    """The same for every member of an array."""

    def over(grid: Grid, value: Series | tuple[Member, ...], *rest: Any) -> Value:
        if isinstance(value, tuple):
            return tuple(Member(apply(grid, member.values, *rest), member.id) for member in value)
        return apply(grid, value, *rest)

    return over


def _point_wise(operation: Callable[[float], float]) -> Function:
    def apply(_: Grid, series: Series) -> Series:
        return points((at, guarded(operation, value)) for at, value in series.items())

    return Function((_MANY,), _same, _each(apply))


def _along(step: Callable[[int, float, float], float]) -> Function:
    """From each existing point to the next: (seconds between them, value before, value) → value."""

    def apply(_: Grid, series: Series) -> Series:
        return steps.along(series, step)

    return Function((_MANY,), _same, _each(apply))


def _clock(part: Callable[[datetime], float]) -> Function:
    """A figure of the time in UTC, in every period of the window."""

    def apply(grid: Grid, _: Series) -> Series:
        return {at: float(part(datetime.fromtimestamp(at / 1_000, UTC))) for at in grid.stamps}

    return Function(((_TS,),), _always(_TS), apply, fills=True)


def _constant(grid: Grid, value: float) -> Series:
    return points((at, guarded(float, value)) for at in grid.stamps)


def _pool(over: aggregate.Aggregate) -> Function:
    return Function((_MANY,), _pooled, over)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "ABS": _point_wise(abs),
    "AVG": _pool(aggregate.average),
    "CEIL": _point_wise(math.ceil),
    "DATAPOINT_COUNT": _pool(aggregate.datapoint_count),
    "DATE": _clock(lambda at: at.day),
    "DAY": _clock(datetime.isoweekday),
    "DIFF": _along(lambda _, before, value: value - before),
    "DIFF_TIME": _along(lambda seconds, _before, _value: seconds),
    "EPOCH": _clock(datetime.timestamp),
    "FILL": Function(
        (_MANY, (_S, _TS, _WORD)), _same, _each(steps.fill), words={1: ("REPEAT", "LINEAR")}, fills=True
    ),
    "FIRST": Function(((_ARRAY,),), _always(_TS), arrays.first),
    "FLOOR": _point_wise(math.floor),
    "HOUR": _clock(lambda at: at.hour),
    "IF": Function(((_S, _TS), (_S, _TS), (_S, _TS)), _branches, steps.choose, optional=1),
    "LAST": Function(((_ARRAY,),), _always(_TS), arrays.last),
    "LOG": _point_wise(math.log),
    "LOG10": _point_wise(math.log10),
    "MAX": _pool(aggregate.maximum),
    "METRIC_COUNT": Function(((_ARRAY,),), _always(_S), arrays.count),
    "MIN": _pool(aggregate.minimum),
    "MINUTE": _clock(lambda at: at.minute),
    "MONTH": _clock(lambda at: at.month),
    "RATE": _along(lambda seconds, before, value: (value - before) / seconds),
    "REMOVE_EMPTY": Function(((_ARRAY,),), _always(_ARRAY), arrays.remove_empty),
    "RUNNING_SUM": Function((_MANY,), _same, _each(steps.running_sum)),
    "SLICE": Function(
        ((_ARRAY,), (_S,), (_S,)), _always(_ARRAY), arrays.part, optional=1, counts=frozenset({1, 2})
    ),
    "SORT": Function(
        ((_ARRAY,), (_WORD,), (_WORD,), (_S,)),
        _always(_ARRAY),
        arrays.sort,
        optional=1,
        words={1: tuple(arrays.RANKS), 2: ("ASC", "DESC")},
        counts=frozenset({3}),
    ),
    "STDDEV": _pool(aggregate.deviation),
    "SUM": _pool(aggregate.total),
    "TIME_SERIES": Function(((_S,),), _always(_TS), _constant, fills=True),
    "YEAR": _clock(lambda at: at.year),
}
"""By name. Those about queries and not about values, as PERIOD and METRICS, are in `evaluate`."""

FILLING: Final = frozenset(name for name, function in FUNCTIONS.items() if function.fills)
