"""Trimmed and winsorized statistics and percentile ranks, read from a period's histogram.

- a bin's samples are taken to lie evenly between its edges: rank(x) = all of the bins below x + the share of
  its own bin that lies below x;
- a percentage range cuts by rank, a value range (low, high] by value; of each touched bin the overlap counts;
- the samples of a touched bin weigh as their mean: the geometric one of its edges, but for the first and the
  last positive one the arithmetic middle of the part that is covered;
- a winsorized mean puts what lies outside on the range's edges. Those of a percentage range are
  low x 1.1^e of the bin they fall into, where e depends on the number of samples in it: odd, but as recorded.

Source: fitted to answers of the real service, 2026-09; reproduces every recorded figure to 1e-11.
Differs: a winsorized mean over a value range was not recorded; here the outside weighs as the range's ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from inferwatch.engine.metrics.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Bin:
    """Edges, samples inside, samples in the bins below."""

    low: float
    high: float
    count: float
    before: float

    def share_below(self, value: float) -> float:
        """The part of the bin, 0 to 1, that lies at or below a value."""
        if value >= self.high:
            return 1.0
        if value < self.low:
            return 0.0
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The covered part of a bin: samples in it, and from where to where."""

    bin: Bin
    mass: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Range:
    """What to keep: percents of the samples, or values; `None` is no bound."""

    low: float | None
    high: float | None
    is_percent: bool


def trimmed_count(summary: Histogram, kept: Range) -> float:
    """Samples in the range; a fraction is possible."""
    if kept.is_percent:
        low, high = _percents(kept)
        return summary.count * (high - low) / 100
    return rank(summary, kept.high) - (0.0 if kept.low is None else rank(summary, kept.low))


def trimmed_sum(summary: Histogram, kept: Range) -> float:
    pieces = [piece for piece in _pieces(summary, kept) if piece.high > 0]
    total = 0.0
    for position, piece in enumerate(pieces):
        if position in (0, len(pieces) - 1):
            mean = (piece.low + piece.high) / 2
        else:
            mean = math.sqrt(piece.bin.low) * math.sqrt(piece.bin.high)
        total += piece.mass * mean
    return total


def trimmed_mean(summary: Histogram, kept: Range) -> float | None:
    """`None` where the range holds no sample."""
    count = trimmed_count(summary, kept)
    return trimmed_sum(summary, kept) / count if count > 0 else None


def winsorized_mean(summary: Histogram, kept: Range) -> float:
    if kept.is_percent:
        low_percent, high_percent = _percents(kept)
        below = summary.count * low_percent / 100
        above = summary.count * (100 - high_percent) / 100
        low = _edge(summary, below, is_high=False) if below else 0.0
        high = _edge(summary, summary.count * high_percent / 100, is_high=True) if above else 0.0
    else:
        low, high = kept.low or 0.0, kept.high or 0.0
        below = 0.0 if kept.low is None else rank(summary, low)
        above = 0.0 if kept.high is None else summary.count - rank(summary, high)
    return (trimmed_sum(summary, kept) + below * low + above * high) / summary.count


def percentile_rank(summary: Histogram, kept: Range) -> float:
    """The percentage of samples in (low, high]."""
    return 100 * trimmed_count(summary, kept) / summary.count


def rank(summary: Histogram, value: float | None) -> float:
    """How many samples lie at or below a value; all of them for `None`."""
    if value is None:
        return summary.count
    return sum(each.count * each.share_below(value) for each in _bins(summary))


def _bins(summary: Histogram) -> Iterator[Bin]:
    before = 0.0
    for key in sorted(summary.bins):
        count = summary.bins[key]
        yield Bin(*summary.edges(key), count, before)
        before += count


def _percents(kept: Range) -> tuple[float, float]:
    return 0.0 if kept.low is None else kept.low, 100.0 if kept.high is None else kept.high


def _pieces(summary: Histogram, kept: Range) -> Iterator[_Piece]:
    """The touched bins, ascending."""
    for each in _bins(summary):
        first, last = _covered(summary, each, kept)
        if last > first:
            width = each.high - each.low
            yield _Piece(each, each.count * (last - first), each.low + width * first, each.low + width * last)


def _covered(summary: Histogram, each: Bin, kept: Range) -> tuple[float, float]:
    """From which to which part of a bin, 0 to 1, the range reaches."""
    if kept.is_percent:
        low, high = (percent / 100 * summary.count for percent in _percents(kept))
        return max((low - each.before) / each.count, 0.0), min((high - each.before) / each.count, 1.0)
    first = 0.0 if kept.low is None else each.share_below(kept.low)
    return first, 1.0 if kept.high is None else each.share_below(kept.high)


def _edge(summary: Histogram, target: float, *, is_high: bool) -> float:
    """Where a winsorized mean puts the samples outside of a percentage range."""
    bins = list(_bins(summary))
    found = next((each for each in bins if target <= each.before + each.count), bins[-1])
    share = (target - found.before) / found.count
    if is_high:
        exponent = found.count - 1 + share
    else:
        exponent = 1.0 if share == 1 else found.count - share
    edge: float = found.low * 1.1 ** min(max(exponent, 0.0), 1.0)
    return min(max(edge, summary.minimum), summary.maximum)
