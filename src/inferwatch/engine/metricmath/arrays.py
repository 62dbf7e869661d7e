"""Arrays of series: choosing members, and their order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from inferwatch.engine.metricmath.values import Grid, Member, Series

Array: TypeAlias = tuple[Member, ...]

RANKS: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "AVG": lambda values: math.fsum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": math.fsum,
}


def first(_: Grid, array: Array) -> Series:
    """The first series, not the first point."""
    return array[0].values if array else {}


def last(_: Grid, array: Array) -> Series:
    return array[-1].values if array else {}


def count(_: Grid, array: Array) -> float:
    return float(len(array))


def remove_empty(_: Grid, array: Array) -> Array:
    return tuple(member for member in array if member.values)


def part(_: Grid, array: Array, start: float, end: float = math.inf) -> Array:
    """From the 0-based `start` to `end`, which is left out."""
    return tuple(member for index, member in enumerate(array) if start <= index < end)


def sort(_: Grid, array: Array, rank: str, order: str, limit: float = math.inf) -> Array:
    """By a figure of the points that there are, members of one rank in their order; the empty come last."""
    full = [member for member in array if member.values]
    full.sort(key=lambda member: RANKS[rank](list(member.values.values())), reverse=order == "DESC")
    ranked = full + [member for member in array if not member.values]
    return tuple(member for index, member in enumerate(ranked) if index < limit)
