"""Values of the past → the values to expect, within so many deviations. Pure.

The centre is the median. Each side has a spread of its own, the median absolute deviation of the values on
that side, scaled so that for normal data it is the standard deviation: a few spikes in the past widen
nothing, and a metric that is skewed, as latencies are, has a band that is. Where most values are the centre
itself that is zero, and the mean absolute deviation stands in. Of a metric that never was below zero nothing
below it is expected.

Differs: AWS does not publish its model; this one is ours. It learns from the same hour of the weeks before,
else of the days before, else from the day; it expects nothing of fewer than twelve datapoints, and knows no
trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

HISTORY_MIN: Final = 12
"""Datapoints without which nothing is expected."""

_MEDIAN_TO_DEVIATION: Final = 1.4826
_MEAN_TO_DEVIATION: Final = 1.2533
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


def expect(values: Sequence[float]) -> Expectation | None:
    """`None` for fewer than `HISTORY_MIN` values; their order does not matter."""
    if len(values) < HISTORY_MIN:
        return None
    centre = median(values)
    least = abs(centre) * _ROUNDING
    return Expectation(
        centre,
        max(least, _spread([centre - value for value in values if value <= centre])),
        max(least, _spread([value - centre for value in values if value >= centre])),
        min(values) < 0,
    )


def _spread(deviations: Sequence[float]) -> float:
    return median(deviations) * _MEDIAN_TO_DEVIATION or fmean(deviations) * _MEAN_TO_DEVIATION
