"""Statistic names, and what each reads from a period's summary.

- simple: SampleCount, Average, Sum, Minimum, Maximum;
- of a percentage: p99, tm99, wm99, tc99, ts99, with up to ten decimals; tm99 is TM(:99%);
- of a range, of percentages or of values: TM(10%:90%), WM(:500), TC(150:1000), TS(80%:); IQM = TM(25%:75%);
- of a range of values alone: PR(100:2000).

A side of a range may be left out, not both; the low one is less than the high one.

Source: CloudWatch User Guide, "CloudWatch statistics definitions", read 2026-11.
Differs: whether AWS takes values in exponent form outside of dashboards was not recorded; here they are
taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from inferwatch.engine.metrics.distribution import (
    Range,
    percentile_rank,
    trimmed_count,
    trimmed_mean,
    trimmed_sum,
    winsorized_mean,
)
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.model.limits import METRIC_VALUE_MAX

SIMPLE: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_OF_A_RANGE: Final[dict[str, Callable[[Histogram, Range], float | None]]] = {
    "TM": trimmed_mean,
    "WM": winsorized_mean,
    "TC": trimmed_count,
    "TS": trimmed_sum,
    "PR": percentile_rank,
}
_PERCENT = r"\d{1,3}(?:\.\d{0,10})?"
_OF_A_PERCENTAGE = re.compile(rf"(p|tm|wm|tc|ts)({_PERCENT})", re.ASCII)
_PERCENT_RANGE = re.compile(rf"(TM|WM|TC|TS)\((?:({_PERCENT})%)?:(?:({_PERCENT})%)?\)", re.ASCII)
_VALUE = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
_VALUE_RANGE = re.compile(rf"(TM|WM|TC|TS|PR)\(({_VALUE})?:({_VALUE})?\)", re.ASCII)
_NAME_MAX_CHARS = 100


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic's name as written, and the percentile or the range it asks for, if it does."""

    name: str
    percentile: float | None = None
    range: Range | None = None

    @property
    def is_extended(self) -> bool:
        return self.name not in SIMPLE

    def of(self, summary: Histogram) -> float | None:
        """The figure of one period; `None` where CloudWatch omits it."""
        if self.percentile is not None:
            return summary.percentile(self.percentile)
        if self.range is not None:
            if not summary.has_percentiles or summary.count < 1:
                return None
            return _OF_A_RANGE["TM" if self.name == "IQM" else self.name[:2].upper()](summary, self.range)
        match self.name:
            case "SampleCount":
                return summary.count
            case "Sum":
                return summary.sum
            case "Minimum":
                return summary.minimum
            case "Maximum":
                return summary.maximum
            case _:
                return summary.sum / summary.count if summary.count else None


def parse_statistic(name: str) -> Statistic | None:
    """Read a statistic's name; `None` when AWS has no such statistic."""
    if name in SIMPLE:
        return Statistic(name)
    if name == "IQM":
        return Statistic(name, range=Range(25.0, 75.0, is_percent=True))
    if len(name) > _NAME_MAX_CHARS:
        return None
    found = _OF_A_PERCENTAGE.fullmatch(name)
    if found is not None:
        percent = float(found.group(2))
        if percent > 100:
            return None
        if found.group(1) == "p":
            return Statistic(name, percent)
        return Statistic(name, range=Range(None, percent, is_percent=True))
    kept = _read_range(name)
    return None if kept is None else Statistic(name, range=kept)


def _read_range(name: str) -> Range | None:
    in_percents = _PERCENT_RANGE.fullmatch(name)
    found = in_percents or _VALUE_RANGE.fullmatch(name)
    if found is None or found.group(2) is found.group(3) is None:
        return None
    low, high = (None if text is None else float(text) for text in found.groups()[1:])
    if low is not None and high is not None and low >= high:
        return None
    if max(low or 0.0, high or 0.0) > (METRIC_VALUE_MAX if in_percents is None else 100):
        return None
    return Range(low, high, is_percent=in_percents is not None)


def is_significant(percentile: float, samples: float) -> bool:
    """Are there samples enough for this percentile to mean something?

    Source: CloudWatch User Guide, "Percentile-based alarms and low data samples".
    """
    return samples * min(percentile, 100 - percentile) >= 1_000
