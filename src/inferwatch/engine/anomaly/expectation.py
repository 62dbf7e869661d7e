"""Values of the past → the values to expect, within so many deviations. Pure.

The centre is the mean of the middle half. Each side has a standard deviation of its own about it, so a metric
that is skewed, as latencies are, has a band that is. What is far out by Tukey's rule (three interquartile
ranges beyond the quartiles) counts as no further than that, so a few spikes in the past widen little. Two
deviations reach as far as nineteen of twenty values of a side did. Few values, and stretches of the past
that differ as a whole, widen the band as a prediction from so few must. Of a metric that never was below zero
nothing below it is expected.

Differs: AWS does not publish its model; this one is ours. It learns from the same hour of the weeks before,
else of the days before, else from the day; it expects nothing of fewer than twelve datapoints, and knows no
trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil, floor, sqrt
from typing import Final

HISTORY_MIN: Final = 12
"""Datapoints without which nothing is expected."""

_FAR_OUT: Final = 3.0
_COVERED: Final = 0.95
_COVERED_BY: Final = 2.0  # deviations
_ROUNDING: Final = 1e-9  # averages of equal samples may differ in their last bits


@dataclass(frozen=True, slots=True)
class Expectation:
    """What to expect, in the metric's own unit.

    Args:
        below: The standard deviation towards lower values; `above` towards higher ones.
        is_signed: Was any value of the past below zero?
    """

    centre: float
    below: float
    above: float
    is_signed: bool

    def upper(self, deviations: float) -> float:
        return self.centre + deviations * self.above

    def lower(self, deviations: float) -> float:
        edge = self.centre - deviations * self.below
        return edge if self.is_signed else max(edge, 0.0)


def between(start: Expectation, end: Expectation, share: float) -> Expectation:
    """What to expect on the way from one to the other; `share` is how much of the way is behind."""

    def blend(one: float, other: float) -> float:
        return one if one == other else one * (1 - share) + other * share

    return Expectation(
        blend(start.centre, end.centre),
        blend(start.below, end.below),
        blend(start.above, end.above),
        start.is_signed or end.is_signed,
    )


def expect(stretches: Sequence[Sequence[float]]) -> Expectation | None:
    """`None` for fewer than `HISTORY_MIN` values; their order within a stretch does not matter."""
    values = sorted(chain.from_iterable(stretches))
    if len(values) < HISTORY_MIN:
        return None
    centre = _midmean(values)
    fence = _FAR_OUT * (_quantile(values, 0.75) - _quantile(values, 0.25))
    apart = _apart(stretches)
    few = 1 + 2 / len(values)
    least = abs(centre) * _ROUNDING
    below = [centre - value for value in reversed(values) if value <= centre + least]
    above = [value - centre for value in values if value >= centre - least]
    return Expectation(
        centre,
        max(least, few * _deviation(below, centre - _quantile(values, 0.25) + fence, fence, apart)),
        max(least, few * _deviation(above, _quantile(values, 0.75) - centre + fence, fence, apart)),
        values[0] < 0,
    )


def _deviation(distances: Sequence[float], farthest: float, fence: float, apart: float) -> float:
    """Of one side, from its distances to the centre, the nearest first.

    Args:
        farthest: What counts at most, unless `fence` is nothing: then most values are the same.
        apart: A variance to add.
    """
    if not distances:
        return sqrt(apart)
    counted = [min(each, farthest) for each in distances] if fence else distances
    spread = sqrt(_mean_square(counted) + apart)
    return max(spread, _quantile(counted, _COVERED) / _COVERED_BY)


def _apart(stretches: Sequence[Sequence[float]]) -> float:
    """The variance that stretches of the past, taken for all there are, do not show: two of their own n."""
    centres = [_midmean(sorted(held)) for held in stretches if held]
    if len(centres) < 2:
        return 0.0
    mean = sum(centres) / len(centres)
    return 2 * _mean_square([each - mean for each in centres]) / (len(centres) - 1)


def _mean_square(distances: Sequence[float]) -> float:
    return sum(each * each for each in distances) / len(distances)


def _midmean(ordered: Sequence[float]) -> float:
    """The mean of the middle half; values at its ends count in part."""
    cut = len(ordered) / 4
    whole = floor(cut)
    middle = ordered[whole : len(ordered) - whole]
    part = 1 - (cut - whole)
    if len(middle) < 3:
        return sum(middle) / len(middle)
    inner = middle[1:-1]
    if middle[0] == middle[-1]:
        return middle[0]
    return (part * (middle[0] + middle[-1]) + sum(inner)) / (2 * part + len(inner))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = (len(ordered) - 1) * share
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return low if low == high else low + (high - low) * (place - floor(place))
