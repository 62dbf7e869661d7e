"""CloudWatch's own summary of a period: count, sum, extremes, and a sparse histogram of base 1.1.

CloudWatch keeps no samples, so its percentiles are figures of this histogram:

- bin k of a positive value is floor(ln v / ln 1.1); zero has a bin of its own;
- a bin's edges are [1.1^k, 1.1^(k+1)], cut to the period's true minimum and maximum;
- p: target = p/100 x count; in the first bin that reaches it, low x (high/low)^(share of the bin).

`distribution.py` reads the other statistics from it.

Source: fitted to answers of the real service, 2026-09; reproduces every recorded figure to 1e-11.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values: TypeAlias = Sequence[float] | NDArray[np.float64]

LOWEST_BIN: Final = -7_000
ZERO_BIN: Final = LOWEST_BIN - 1
_LOG_BASE = math.log(1.1)
_ARRAY_MIN = 100  # values from which arrays are quicker than a loop
_EDGE = 1e-9  # nearer to an edge than this, `math.log` decides the bin: arrays may differ in the last bit


@dataclass(slots=True)
class Histogram:
    """A summary that samples and other summaries are added to.

    `has_percentiles` turns false when a statistic set that hides its distribution, or a negative value,
    comes in. Source: CloudWatch User Guide, "Percentiles"; recorded answers.
    """

    count: float = 0.0
    sum: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    has_percentiles: bool = True
    bins: dict[int, float] = field(default_factory=dict)

    def add(self, value: float, count: float = 1.0) -> None:
        """Count `value` `count` times; a count of 0 still moves the extremes."""
        self.count += count
        self.sum += value * count
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if value < 0:
            self.has_percentiles = False
        elif count > 0:
            key = _bin_of(value)
            self.bins[key] = self.bins.get(key, 0.0) + count

    def add_values(self, values: Values) -> None:
        """Count each value once, as so many calls of `add` would, to the last bit."""
        if len(values) >= _ARRAY_MIN:
            self._add_array(values)
            return
        given = list(map(float, values))
        bins, total = self.bins, self.sum
        for value in given:
            total += value
            if value < 0:
                self.has_percentiles = False
            else:
                key = _bin_of(value)
                bins[key] = bins.get(key, 0.0) + 1.0
        self.sum = total
        self.count += len(given)
        self.minimum = min(self.minimum, *given)
        self.maximum = max(self.maximum, *given)

    def _add_array(self, values: Values) -> None:
        import numpy as np

        data = np.array(values, dtype=np.float64)
        lowest, highest = float(data.min()), float(data.max())
        self.minimum = min(self.minimum, lowest)
        self.maximum = max(self.maximum, highest)
        if lowest < 0:
            self.has_percentiles = False
        keys, counts = _count_bins(data if lowest > 0 else data[data > 0])
        bins = self.bins
        for key, count in zip(keys, counts, strict=True):
            bins[key] = bins.get(key, 0.0) + count
        if lowest <= 0 and (zeros := int(np.count_nonzero(data == 0))):
            bins[ZERO_BIN] = bins.get(ZERO_BIN, 0.0) + zeros
        self.count += len(data)
        data[0] += self.sum
        self.sum = float(np.cumsum(data)[-1])

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Add a StatisticSet as sent: its sum is not checked against the rest."""
        if minimum == maximum and total == minimum * count:
            self.add(minimum, count)
            return
        self.count += count
        self.sum += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self.has_percentiles = False

    def merge(self, other: Histogram) -> None:
        self.count += other.count
        self.sum += other.sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self.has_percentiles = self.has_percentiles and other.has_percentiles
        bins = self.bins
        if not bins:
            self.bins = dict(other.bins)
            return
        for key, count in other.bins.items():
            bins[key] = bins.get(key, 0.0) + count

    def copy(self) -> Histogram:
        return Histogram(
            self.count, self.sum, self.minimum, self.maximum, self.has_percentiles, self.bins.copy()
        )

    def percentile(self, p: float) -> float | None:
        """The value below which `p` percent of the samples lie; `None` where CloudWatch has none."""
        if p == 0:
            return self.minimum
        if p == 100:
            return self.maximum
        if not self.has_percentiles or self.count < 1:
            return None
        if self.minimum == self.maximum:
            return self.minimum
        target = p / 100 * self.count
        before = 0.0
        for key in sorted(self.bins):
            count = self.bins[key]
            if target <= before + count:
                return self._inside(key, (target - before) / count)
            before += count
        return self.maximum

    def _inside(self, key: int, share: float) -> float:
        low, high = self.edges(key)
        value = low * (high / low) ** share if low > 0 else 0.0
        return min(max(value, self.minimum), self.maximum)

    def edges(self, key: int) -> tuple[float, float]:
        """A bin's edges, cut to the extremes; both are 0 for the bin of zero."""
        if key == ZERO_BIN:
            return 0.0, 0.0
        high = min(1.1 ** (key + 1), self.maximum)
        return min(max(1.1**key, self.minimum), high), high


def total(parts: Sequence[Histogram], *, binned: bool = True) -> Histogram:
    """All of them together; of one alone, it itself. Not `binned`, they do for simple statistics only."""
    if len(parts) == 1:
        return parts[0]
    if not binned:
        return _total_without_bins(parts)
    whole = Histogram()
    for part in parts:
        whole.merge(part)
    return whole


def _total_without_bins(parts: Sequence[Histogram]) -> Histogram:
    count, total, minimum, maximum = 0.0, 0.0, math.inf, -math.inf
    for part in parts:
        count += part.count
        total += part.sum
        if part.minimum < minimum:
            minimum = part.minimum
        if part.maximum > maximum:
            maximum = part.maximum
    return Histogram(count, total, minimum, maximum, has_percentiles=False)


def _bin_of(value: float) -> int:
    if value == 0:
        return ZERO_BIN
    return max(math.floor(math.log(value) / _LOG_BASE), LOWEST_BIN)


def _count_bins(values: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """The bins of positive values, ascending, and how many values are in each."""
    import numpy as np

    if not len(values):
        return [], []
    exact = np.log(values) / _LOG_BASE
    floors = np.floor(exact)
    keys = floors.astype(np.int64)
    shares = exact - floors
    if shares.min() < _EDGE or shares.max() > 1 - _EDGE:
        near_edge = ((shares < _EDGE) | (shares > 1 - _EDGE)) & (values != 1.0)
        for index in np.flatnonzero(near_edge).tolist():
            keys[index] = _bin_of(float(values[index]))
    first = _bin_of(float(values.min()))
    counts = np.bincount(np.maximum(keys - first, 0))
    found = np.flatnonzero(counts)
    return (found + first).tolist(), counts[found].tolist()
