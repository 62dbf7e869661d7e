"""Every metric of one account and region, summarised as long as CloudWatch keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.summaries import Gone, Saved, Summaries
from inferwatch.model.limits import DAY_MS, HOUR_MS, SECOND_MS

if TYPE_CHECKING:
    from inferwatch.engine.metrics.histogram import Values

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
RECENTLY_ACTIVE_MS = 3 * HOUR_MS


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
    """One metric's summaries, apart by unit: points of different units never add up."""

    units: dict[str, Summaries] = field(default_factory=dict)
    newest_ms: int = 0
    is_changed: bool = False

    def summary(self, timestamp_ms: int, unit: str, resolution_s: int) -> Histogram:
        self.newest_ms = max(self.newest_ms, timestamp_ms)
        summaries = self.units.get(unit)
        if summaries is None:
            summaries = self.units[unit] = Summaries()
        return summaries.summary(timestamp_ms, resolution_s)

    def units_between(self, start_ms: int, end_ms: int) -> list[str]:
        """Units with a point in [start, end), in the order CloudWatch prefers them."""
        return [
            unit for unit in UNIT_ORDER if unit in self.units and self.units[unit].has_any(start_ms, end_ms)
        ]


@dataclass(frozen=True, slots=True)
class Change:
    """What changed of one metric.

    Args:
        newest_ms: Of its newest point; `None` where nothing of the metric is left.
    """

    metric: Metric
    newest_ms: int | None
    summaries: list[Saved | Gone]


class MetricStore:
    """Summaries of every series, in memory; `forget` rolls up and drops what is past its time."""

    def __init__(self) -> None:
        self._series: dict[Metric, Series] = {}
        self._changed: dict[Metric, Series] = {}

    def add(
        self,
        metric: Metric,
        timestamp_ms: int,
        value: float,
        unit: str,
        count: float = 1.0,
        *,
        resolution_s: int = 60,
    ) -> None:
        """Count a value `count` times.

        Args:
            resolution_s: 1 keeps the point's second for three hours, 60 only its minute.
        """
        self._summary(metric, timestamp_ms, unit, resolution_s).add(value, count)

    def add_values(
        self, metric: Metric, timestamp_ms: int, unit: str, values: Values, *, resolution_s: int = 60
    ) -> None:
        """Several values of one moment, each counted once; a list or an array."""
        self._summary(metric, timestamp_ms, unit, resolution_s).add_values(values)

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
        resolution_s: int = 60,
    ) -> None:
        self._summary(metric, timestamp_ms, unit, resolution_s).add_set(count, total, minimum, maximum)

    def _summary(self, metric: Metric, timestamp_ms: int, unit: str, resolution_s: int) -> Histogram:
        series = self._series.get(metric)
        if series is None:
            series = self._series[metric] = Series()
        if not series.is_changed:
            self._mark(metric, series)
        return series.summary(timestamp_ms, unit, resolution_s)

    def _mark(self, metric: Metric, series: Series) -> None:
        series.is_changed = True
        self._changed[metric] = series

    def periods(
        self, metric: Metric, period_s: int, start_ms: int, end_ms: int, unit: str, *, binned: bool = True
    ) -> dict[int, Histogram]:
        """Summaries of the whole periods in [start, end) that hold data, by their start, ascending.

        Without `binned` they do for simple statistics only, and cost much less.

        The grid hangs on `start_ms`, not on the epoch. Source: recorded answers, 2026-09.
        """
        series = self._series.get(metric)
        if series is None or unit not in series.units:
            return {}
        return series.units[unit].periods(period_s * SECOND_MS, start_ms, end_ms, binned=binned)

    def units(self, metric: Metric, start_ms: int, end_ms: int) -> list[str]:
        """Units this metric has points of in the window, most preferred first."""
        series = self._series.get(metric)
        return [] if series is None else series.units_between(start_ms, end_ms)

    def visible(self, now_ms: int, within_ms: int = VISIBLE_MS) -> Iterator[Metric]:
        """Metrics that had a point in the last two weeks, or in another time."""
        return (metric for metric, series in self._series.items() if series.newest_ms > now_ms - within_ms)

    def forget(self, now_ms: int) -> None:
        """Roll up what is past its time; drop what is past all of them, and series that held nothing else."""
        for metric, series in list(self._series.items()):
            for unit, summaries in list(series.units.items()):
                if summaries.roll_up(now_ms):
                    self._mark(metric, series)
                if not summaries and not summaries.is_saved:
                    del series.units[unit]
            if not series.units:
                del self._series[metric]
                self._changed.pop(metric, None)

    @property
    def has_changes(self) -> bool:
        """Would `take_changes` give anything?"""
        return bool(self._changed)

    def take_changes(self) -> list[Change]:
        """What changed since the last call; all there is the first time."""
        changed, self._changed = self._changed, {}
        return [self._take(metric, series) for metric, series in changed.items()]

    def _take(self, metric: Metric, series: Series) -> Change:
        series.is_changed = False
        taken: list[Saved | Gone] = []
        for unit, summaries in list(series.units.items()):
            taken += summaries.take(unit)
            if not summaries:
                del series.units[unit]
        if not series.units:
            del self._series[metric]
        return Change(metric, series.newest_ms if series.units else None, taken)

    def load(self, metric: Metric, newest_ms: int, summaries: Iterable[Saved]) -> None:
        """Put back a metric that is not here yet, from all that was taken of it and is not gone.

        Raises:
            DamagedBlock: A summary of a length that none has; some of the metric may be here now.
        """
        series = self._series[metric] = Series(newest_ms=newest_ms)
        for saved in summaries:
            of_unit = series.units.get(saved.unit)
            if of_unit is None:
                of_unit = series.units[saved.unit] = Summaries()
            of_unit.load(saved)
