"""Arrays of series: choosing members, and their order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Final, TypeAlias

from inferwatch.engine.metricmath.values import Grid, Member, Series, guarded

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
    """By a figure of the points that there are, members of one rank in their order; those without last."""
    figures = [(_figure(member, rank), member) for member in array]
    ranked = [(figure, member) for figure, member in figures if figure is not None]
    ranked.sort(key=itemgetter(0), reverse=order == "DESC")
    members = [member for _, member in ranked] + [member for figure, member in figures if figure is None]
    return tuple(member for index, member in enumerate(members) if index < limit)


def _figure(member: Member, rank: str) -> float | None:
    return guarded(RANKS[rank], list(member.values.values())) if member.values else None
