"""Statistics of a part of the samples: trimmed and winsorized means, counts, sums and percentile ranks.

The part is a range of ranks, in percent, or of values; the low edge is outside of it, the high edge inside.

Source: CloudWatch User Guide, "Statistics definitions"; the figures fitted to answers of the real service,
2026-09: inner bins weigh in with their geometric middle, the first and the last with the arithmetic middle of
what is left of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

from inferwatch.engine.metrics.histogram import Bin, Histogram

Kind: TypeAlias = Literal["TM", "WM", "TC", "TS", "PR"]

_SHORT = re.compile(r"(tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100(?:\.0{1,10})?)")
_VALUE = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"(TM|WM|TC|TS|PR)\((?:({_VALUE})(%?))?:(?:({_VALUE})(%?))?\)")
_BASE: Final = 1.1


@dataclass(frozen=True, slots=True)
class _Part:
    """What is left of one bin: `low` and `high` are its edges, `mass` the samples between them."""

    bin: Bin
    low: float
    high: float
    mass: float


@dataclass(frozen=True, slots=True)
class Trim:
    """One statistic of the samples in (low, high]: percents of the count, or values."""

    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    is_percent: bool = False

    def of(self, summary: Histogram) -> float | None:
        """The figure of one period; `None` where CloudWatch omits it."""
        if not summary.has_percentiles or summary.count < 1:
            return None
        parts = list(self._by_rank(summary) if self.is_percent else self._by_value(summary))
        count = sum(part.mass for part in parts)
        match self.kind:
            case "TC":
                return count
            case "PR":
                return 100 * count / summary.count
            case "TS":
                return _total(parts)
            case "TM":
                return _total(parts) / count if count else None
            case "WM":
                return self._winsorized(summary, parts)

    def _by_rank(self, summary: Histogram) -> Iterator[_Part]:
        low, high = (percent / 100 * summary.count for percent in (self.low, self.high))
        for each in summary.sorted_bins():
            start, end = max(low, each.before), min(high, each.before + each.count)
            if end > start:
                yield _Part(each, each.at_rank(start), each.at_rank(end), end - start)

    def _by_value(self, summary: Histogram) -> Iterator[_Part]:
        for each in summary.sorted_bins():
            low, high = max(self.low, each.low), min(self.high, each.high)
            if each.low == each.high:
                if self.low < each.low <= self.high:
                    yield _Part(each, each.low, each.high, each.count)
            elif high > low:
                yield _Part(each, low, high, each.count * (high - low) / (each.high - each.low))

    def _winsorized(self, summary: Histogram, parts: Sequence[_Part]) -> float:
        """What lies outside counts as the edge that it lies beyond.

        Differs: winsorizing by value was not recorded: the edges are the values given.
        """
        total = _total(parts)
        if self.is_percent:
            below, above = self.low / 100 * summary.count, (1 - self.high / 100) * summary.count
            edges = _edge_below(summary, below), _edge_above(summary, summary.count - above)
        else:
            below = sum(part.mass for part in Trim("TC", high=self.low)._by_value(summary))
            above = sum(part.mass for part in Trim("TC", low=self.high)._by_value(summary))
            edges = self.low, self.high
        for mass, edge in zip((below, above), edges, strict=True):
            if mass > 0:
                total += mass * min(max(edge, summary.minimum), summary.maximum)
        return total / summary.count


def parse_trim(name: str) -> Trim | None:
    """Read `tm90`, `IQM`, `TM(10%:90%)`, `PR(100:2000)`, …; `None` for anything else."""
    if name == "IQM":
        return Trim("TM", 25, 75, is_percent=True)
    short = _SHORT.fullmatch(name)
    if short is not None:
        return Trim(cast(Kind, short[1].upper()), 0, float(short[2]), is_percent=True)
    found = _RANGE.fullmatch(name)
    if found is None:
        return None
    kind, low, low_sign, high, high_sign = found.groups()
    signs = {sign for text, sign in ((low, low_sign), (high, high_sign)) if text is not None}
    if len(signs) != 1 or (kind == "PR" and "%" in signs):
        return None
    is_percent = "%" in signs
    lowest, highest = (0.0, 100.0) if is_percent else (-math.inf, math.inf)
    start = lowest if low is None else float(low)
    end = highest if high is None else float(high)
    if not lowest <= start < end <= highest:
        return None
    return Trim(cast(Kind, kind), start, end, is_percent)


def _total(parts: Sequence[_Part]) -> float:
    positive = [part for part in parts if part.high > 0]
    outer = (positive[0], positive[-1]) if positive else ()
    return sum(
        part.mass * ((part.low + part.high) / 2 if part in outer else math.sqrt(part.bin.low * part.bin.high))
        for part in positive
    )


def _edge_below(summary: Histogram, rank: float) -> float:
    """Odd, but it matches what was recorded."""
    each = _bin_at(summary, rank)
    inside = (rank - each.before) / each.count
    return each.low * math.pow(_BASE, 1 if inside == 1 else min(max(each.count - inside, 0), 1))


def _edge_above(summary: Histogram, rank: float) -> float:
    each = _bin_at(summary, rank)
    inside = (rank - each.before) / each.count
    return each.low * math.pow(_BASE, min(max(each.count - 1 + inside, 0), 1))


def _bin_at(summary: Histogram, rank: float) -> Bin:
    bins = summary.sorted_bins()
    return next((each for each in bins if rank <= each.before + each.count), bins[-1])
