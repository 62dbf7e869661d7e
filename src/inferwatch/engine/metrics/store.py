"""Every metric of one account and region, summarised by the minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.model.limits import DAY_MS, MINUTE_MS

# The order in which one unit is chosen where a query names none and several are stored.
# Source: recorded answers of GetMetricData, 2026-09.
UNIT_ORDER = (
    "Megabits", "Terabits", "Gigabits", "Count", "Bytes", "Gigabytes", "Gigabytes/Second", "Kilobytes",
    "Kilobits/Second", "Terabytes", "Terabits/Second", "Bytes/Second", "Percent", "Megabytes",
    "Megabits/Second", "Milliseconds", "Microseconds", "Kilobytes/Second", "Gigabits/Second",
    "Megabytes/Second", "Bits", "Bits/Second", "Count/Second", "Seconds", "Kilobits", "Terabytes/Second",
    "None",
)  # fmt: skip

VISIBLE_MS = 14 * DAY_MS
KEPT_MS = 15 * DAY_MS


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's identity: namespace, name and the set of dimensions, kept sorted.

    Source: CloudWatch User Guide, "Dimensions": each set of dimensions is a metric of its own.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(namespace: str, name: str, dimensions: dict[str, str]) -> Metric:
        return Metric(namespace, name, tuple(sorted(dimensions.items())))


@dataclass(slots=True)
class Series:
    """One metric's minutes, apart by unit: points of different units never add up."""

    units: dict[str, dict[int, Histogram]] = field(default_factory=dict)
    newest_ms: int = 0

    def minute(self, timestamp_ms: int, unit: str) -> Histogram:
        minutes = self.units.setdefault(unit, {})
        start = timestamp_ms - timestamp_ms % MINUTE_MS
        self.newest_ms = max(self.newest_ms, start)
        return minutes.setdefault(start, Histogram())

    def units_between(self, start_ms: int, end_ms: int) -> list[str]:
        """Units with a point in [start, end), in the order CloudWatch prefers them."""
        return [
            unit for unit in UNIT_ORDER if any(start_ms <= at < end_ms for at in self.units.get(unit, ()))
        ]


class MetricStore:
    """Minute summaries of every series; a minute older than fifteen days is forgotten.

    Differs: AWS rolls older minutes up, to 5 minutes for 63 days and to hours for 455; here they are gone.
    """

    def __init__(self) -> None:
        self._series: dict[Metric, Series] = {}

    def add(self, metric: Metric, timestamp_ms: int, value: float, unit: str, count: float = 1.0) -> None:
        self._minute(metric, timestamp_ms, unit).add(value, count)

    def add_values(self, metric: Metric, timestamp_ms: int, unit: str, values: Sequence[float]) -> None:
        """Several values of one minute, each counted once."""
        self._minute(metric, timestamp_ms, unit).add_values(values)

    def add_set(
        self,
        metric: Metric,
        timestamp_ms: int,
        unit: str,
        *,
        count: float,
        total: float,
        minimum: float,
        maximum: float,
    ) -> None:
        self._minute(metric, timestamp_ms, unit).add_set(count, total, minimum, maximum)

    def _minute(self, metric: Metric, timestamp_ms: int, unit: str) -> Histogram:
        series = self._series.get(metric)
        if series is None:
            series = self._series[metric] = Series()
        return series.minute(timestamp_ms, unit)

    def periods(
        self, metric: Metric, period_s: int, start_ms: int, end_ms: int, unit: str
    ) -> dict[int, Histogram]:
        """Summaries of the periods in [start, end) that hold data, by their start.

        The grid hangs on `start_ms`, not on the epoch. Source: recorded answers, 2026-09.
        """
        series = self._series.get(metric)
        if series is None:
            return {}
        period_ms = period_s * 1_000
        found: dict[int, Histogram] = {}
        minutes = series.units.get(unit, {})
        for at in _minutes_between(minutes, start_ms, end_ms):
            key = start_ms + (at - start_ms) // period_ms * period_ms
            if key + period_ms <= end_ms:
                found.setdefault(key, Histogram()).merge(minutes[at])
        return dict(sorted(found.items()))

    def units(self, metric: Metric, start_ms: int, end_ms: int) -> list[str]:
        """Units this metric has points of in the window, most preferred first."""
        series = self._series.get(metric)
        return [] if series is None else series.units_between(start_ms, end_ms)

    def visible(self, now_ms: int) -> Iterator[Metric]:
        """Metrics that had a point in the last two weeks."""
        return (metric for metric, series in self._series.items() if series.newest_ms > now_ms - VISIBLE_MS)

    def forget(self, now_ms: int) -> None:
        """Drop minutes, units and series past their fifteen days."""
        oldest = now_ms - KEPT_MS
        for metric, series in list(self._series.items()):
            for unit, minutes in list(series.units.items()):
                kept = {at: summary for at, summary in minutes.items() if at >= oldest}
                if kept:
                    series.units[unit] = kept
                else:
                    del series.units[unit]
            if not series.units:
                del self._series[metric]


def _minutes_between(minutes: dict[int, Histogram], start_ms: int, end_ms: int) -> Iterator[int]:
    """Minutes in the window: by counting when it is short, by looking at all when the series is."""
    if (end_ms - start_ms) // MINUTE_MS < len(minutes):
        first = start_ms + -start_ms % MINUTE_MS
        return (at for at in range(first, end_ms, MINUTE_MS) if at in minutes)
    return (at for at in minutes if start_ms <= at < end_ms)
