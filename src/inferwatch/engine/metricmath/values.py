"""What an expression is made of: scalars, time series, and arrays of series."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import ParamSpec, TypeAlias

P = ParamSpec("P")

Series: TypeAlias = dict[int, float]
"""Values by period start, epoch ms."""


@dataclass(frozen=True, slots=True)
class Member:
    """One series of an array; `id` names the query that it is, where it is one."""

    values: Series
    id: str = ""


Value: TypeAlias = float | Series | tuple[Member, ...] | str
"""A scalar, a series, an array, or a function's keyword or text."""


class Type(Enum):
    """What a part of an expression gives, in words."""

    SCALAR = "a scalar"
    SERIES = "a time series"
    ARRAY = "an array of time series"
    TEXT = "a text"
    KEYWORD = "a keyword"


@dataclass(frozen=True, slots=True)
class Grid:
    """The periods of a window: half-open [start, end) in epoch ms."""

    start_ms: int
    end_ms: int
    period_s: int

    @property
    def stamps(self) -> range:
        return range(self.start_ms, self.end_ms, self.period_s * 1_000)


def guarded(operation: Callable[P, float], *operands: P.args, **named: P.kwargs) -> float | None:
    """The result; `None` where it is no finite number: such a point is left out."""
    try:
        value = operation(*operands, **named)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return value if math.isfinite(value) else None


def points(found: Iterable[tuple[int, float | None]]) -> Series:
    """A series of the points that there are."""
    return {at: value for at, value in found if value is not None}


def scalar(value: float | None) -> float:
    """A scalar that could not be computed makes no point, whatever it meets."""
    return math.nan if value is None else value
