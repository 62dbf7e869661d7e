"""Series point by point: filling gaps, choosing, differences, running sums.

Source: CloudWatch User Guide, "Using math expressions"; recorded answers, 2026-09.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate, pairwise

from inferwatch.engine.metricmath.values import Grid, Series, Value, guarded, points


def along(series: Series, step: Callable[[int, float, float], float]) -> Series:
    """From each existing point to the next; the first has none before it, and is dropped."""
    pairs = pairwise(sorted(series.items()))
    return points(
        (at, guarded(step, (at - earlier) // 1_000, before, value))
        for (earlier, before), (at, value) in pairs
    )


def running_sum(_: Grid, series: Series) -> Series:
    stamps = sorted(series)
    sums = accumulate(series[at] for at in stamps)
    return points((at, guarded(float, total)) for at, total in zip(stamps, sums, strict=True))


def fill(grid: Grid, series: Series, filler: float | Series | str) -> Series:
    """Every period of the window; REPEAT and LINEAR leave what lies outside of the points empty.

    Differs: AWS does not say what LINEAR does before the first point and after the last.
    """
    match filler:
        case "REPEAT":
            return _repeated(grid, series)
        case "LINEAR":
            return _linear(grid, series)
        case dict():
            return series | {at: value for at, value in filler.items() if at not in series}
        case _:
            return points((at, series.get(at, guarded(float, filler))) for at in grid.stamps)


def _repeated(grid: Grid, series: Series) -> Series:
    filled: Series = {}
    newest: float | None = None
    for at in grid.stamps:
        newest = series.get(at, newest)
        if newest is not None:
            filled[at] = newest
    return filled


def _linear(grid: Grid, series: Series) -> Series:
    filled = dict(series)
    for (start, low), (end, high) in pairwise(sorted(series.items())):
        filled |= points(
            (at, guarded(_between, low, high, at - start, end - start))
            for at in range(start, end, grid.period_s * 1_000)
        )
    return dict(sorted(filled.items()))


def _between(low: float, high: float, passed_ms: int, whole_ms: int) -> float:
    return low + (high - low) * passed_ms / whole_ms


def choose(
    _: Grid, condition: float | Series, true: float | Series, false: float | Series | None = None
) -> Value:
    """`false` left out drops the points where the condition is false.

    Where the condition has no point there is none; a chosen branch without one gives 0, but for the else
    branch of a constant. Source: User Guide, the table of IF.
    """
    if isinstance(condition, float):
        if not condition and false is None:
            return math.nan if isinstance(true, float) else {}
        return true if condition or false is None else false
    chosen: Series = {}
    for at, holds in condition.items():
        branch = true if holds else false
        if isinstance(branch, float):
            chosen[at] = branch
        elif branch is not None and (at in branch or holds or not isinstance(true, float)):
            chosen[at] = branch.get(at, 0.0)
    return chosen
