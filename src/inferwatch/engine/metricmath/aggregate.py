"""Many values into one: the points of a series, or at each time the members of an array.

A sum, a minimum and a maximum pass over what is missing; for the average and the deviation it counts as 0.
Source: CloudWatch User Guide, "Using math expressions"; recorded answers, 2026-09.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from inferwatch.engine.metricmath.values import Grid, Member, Series, guarded, points, scalar

Aggregate: TypeAlias = Callable[[Grid, Series | tuple[Member, ...]], float | Series]


def _pool(reduce: Callable[[Sequence[float], int], float]) -> Aggregate:
    """`reduce` takes the values that there are, and how many there could be."""

    def over(grid: Grid, value: Series | tuple[Member, ...]) -> float | Series:
        if isinstance(value, dict):
            return scalar(guarded(reduce, list(value.values()), len(grid.stamps)))
        stamps = sorted({at for member in value for at in member.values})
        held = {at: [member.values[at] for member in value if at in member.values] for at in stamps}
        return points((at, guarded(reduce, held[at], len(value))) for at in stamps)

    return over


def _deviation(values: Sequence[float], size: int) -> float:
    mean = math.fsum(values) / size
    squares = [(value - mean) ** 2 for value in values]
    return math.sqrt((math.fsum(squares) + (size - len(values)) * mean**2) / size)


total = _pool(lambda values, _: math.fsum(values))
minimum = _pool(lambda values, _: min(values))
maximum = _pool(lambda values, _: max(values))
average = _pool(lambda values, size: math.fsum(values) / size)
deviation = _pool(_deviation)
datapoint_count = _pool(lambda values, _: float(len(values)))
