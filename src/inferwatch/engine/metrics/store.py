"""Every metric of one account and region, summarised as long as CloudWatch keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferwatch.engine.metrics.block import Block
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.summaries import Summaries
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
class Saved:
    """Summaries as bytes: one that is open, or a block of packed ones.

    Metric, unit, `step_ms`, `start_ms` and `is_open` together name it. A block's bytes change only when
    summaries are added to it; an open summary's with every point.

    Args:
        step_ms: The length of each summary in it.
        start_ms: Of the open summary, or of the span that the block covers.
    """

    metric: Metric
    unit: str
    step_ms: int
    start_ms: int
    is_open: bool
    data: bytes


class MetricStore:
    """Summaries of every series, in memory; `forget` rolls up and drops what is past its time."""

    def __init__(self) -> None:
        self._series: dict[Metric, Series] = {}

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
        return self._of(metric).summary(timestamp_ms, unit, resolution_s)

    def _of(self, metric: Metric) -> Series:
        series = self._series.get(metric)
        if series is None:
            series = self._series[metric] = Series()
        return series

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
                summaries.roll_up(now_ms)
                if not summaries:
                    del series.units[unit]
            if not series.units:
                del self._series[metric]

    def dump(self) -> Iterator[Saved]:
        """Everything there is, as bytes."""
        for metric, series in self._series.items():
            for unit, summaries in series.units.items():
                for tier in summaries.tiers:
                    step_ms = tier.retention.step_ms
                    for start_ms, summary in tier.open.items():
                        data = Block.of({start_ms: summary}).to_bytes()
                        yield Saved(metric, unit, step_ms, start_ms, True, data)
                    for start_ms, block in tier.blocks.items():
                        yield Saved(metric, unit, step_ms, start_ms, False, block.to_bytes())

    def load(self, saved: Iterable[Saved]) -> None:
        """Add what `dump` gave to what is here.

        Raises:
            DamagedBlock: Bytes that are not `dump`'s; what came before them has been added.
        """
        for item in saved:
            block = Block.from_bytes(item.data)
            series = self._of(item.metric)
            series.newest_ms = max(series.newest_ms, int(block.starts[-1]))
            summaries = series.units.setdefault(item.unit, Summaries())
            (tier,) = (tier for tier in summaries.tiers if tier.retention.step_ms == item.step_ms)
            if item.is_open:
                tier.summary(item.start_ms).merge(block.histograms()[item.start_ms])
            else:
                tier.absorb(block)
