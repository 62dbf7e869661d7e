"""Statistic names, and what each reads from a period's summary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.trim import Trim, parse_trim

SIMPLE: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d{0,10})?)")


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic's name as written, and the percentile or the part of the samples it asks for, if any."""

    name: str
    percentile: float | None = None
    trim: Trim | None = None

    @property
    def is_extended(self) -> bool:
        return self.name not in SIMPLE

    def of(self, summary: Histogram) -> float | None:
        """The figure of one period; `None` where CloudWatch omits it."""
        if self.percentile is not None:
            return summary.percentile(self.percentile)
        if self.trim is not None:
            return self.trim.of(summary)
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
    found = _PERCENTILE.fullmatch(name)
    if found is not None and float(found.group(1)) <= 100:
        return Statistic(name, float(found.group(1)))
    trim = parse_trim(name)
    return None if trim is None else Statistic(name, trim=trim)


def is_significant(percentile: float, samples: float) -> bool:
    """Are there samples enough for this percentile to mean something?

    Source: CloudWatch User Guide, "Percentile-based alarms and low data samples".
    """
    return samples * min(percentile, 100 - percentile) >= 1_000
