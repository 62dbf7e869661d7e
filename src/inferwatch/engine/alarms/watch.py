"""What an alarm's source holds in its evaluation range: a series of slots, or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from inferwatch.engine.alarms.definition import BandComparison, Definition, MathSource, Source
from inferwatch.engine.alarms.window import periods
from inferwatch.engine.anomaly.bands import Bands
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.engine.metricdata.run import Result, Window, read, run
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.limits import SECOND_MS

Attributes: TypeAlias = tuple[tuple[str, str], ...]
"""The keys and values of a series' group."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One period of the evaluation range; `value` is `None` where no data arrived.

    Args:
        lower: The edges of the band, where that is the threshold.
    """

    start_ms: int
    value: float | None
    samples: float | None = None
    lower: float | None = None
    upper: float | None = None


def is_breaching(definition: Definition, slot: Slot) -> bool:
    """Differs: a datapoint that has no band yet counts as missing; AWS does not say what it does."""
    if slot.value is None:
        return False
    if not isinstance(definition.comparison, BandComparison):
        assert definition.threshold is not None
        return definition.comparison.is_breaching(slot.value, definition.threshold)
    assert slot.lower is not None
    assert slot.upper is not None
    return definition.comparison.is_breaching(slot.value, slot.lower, slot.upper)


@dataclass(frozen=True, slots=True)
class Reader:
    """What alarms read, at one moment."""

    store: MetricStore
    bands: Bands
    account_id: str
    now_ms: int

    def run(self, source: MathSource, window: Window) -> dict[str, list[Result]]:
        return run(
            source.queries,
            self.store,
            lambda _: window,
            visible=lambda: self.store.visible(self.now_ms),
            account_id=self.account_id,
            edges=lambda band, grid: self.bands.edges(band, grid, self.now_ms),
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """What an alarm sees: the whole range, oldest first. `is_partial`: a limit kept some of its data away."""

    slots: list[Slot]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Sights:
    """What it sees of each series, by the keys and values of its group, in the query's order."""

    series: dict[Attributes, list[Slot]]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class _Held:
    """One series, and its band: upper and lower edge."""

    series: Result
    band: tuple[Result, Result] | None = None
    is_partial: bool = False

    def add(self, later: _Held) -> None:
        pairs = zip((self.series, *(self.band or ())), (later.series, *(later.band or ())), strict=True)
        for mine, its in pairs:
            mine.values |= its.values
            mine.samples |= its.samples

    def slots(self, wanted: Sequence[tuple[int, int]]) -> list[Slot]:
        values, samples = self.series.values, self.series.samples
        if self.band is None:
            return [Slot(at, values.get(at), samples.get(at)) for at, _ in wanted]
        uppers, lowers = (edge.values for edge in self.band)
        return [
            Slot(at, values.get(at), samples.get(at), lowers[at], uppers[at])
            if at in uppers
            else Slot(at, None)
            for at, _ in wanted
        ]


def watch(definition: Definition, reader: Reader) -> Sight:
    """The series that the alarm watches.

    Differs: a range in which the clocks change is read period by period, so that functions of metric math
    which look across periods (RATE, RUNNING_SUM) begin anew in each; AWS does not say what it does.
    """
    wanted = periods(definition, reader.now_ms)
    held = _read_all(definition.source, reader, wanted)
    return Sight(held.slots(wanted), held.is_partial)


def watch_each(definition: Definition, reader: Reader) -> Sights:
    """Every series of the Metrics Insights query that the alarm watches."""
    assert isinstance(definition.source, MathSource)
    wanted = periods(definition, reader.now_ms)
    found = reader.run(definition.source, Window(wanted[0][0], wanted[-1][1]))
    series = {result.group: _Held(result).slots(wanted) for result in found[definition.source.watched.id]}
    return Sights(series, _is_partial(found))


def _is_partial(found: Mapping[str, Sequence[Result]]) -> bool:
    """Source: CloudWatch User Guide, "How partial data is handled"."""
    return any(result.limits for results in found.values() for result in results)


def _read_all(source: Source, reader: Reader, wanted: Sequence[tuple[int, int]]) -> _Held:
    if len({end_ms - start_ms for start_ms, end_ms in wanted}) == 1:
        return _read(source, reader, Window(wanted[0][0], wanted[-1][1]))
    whole: _Held | None = None
    for start_ms, end_ms in wanted:
        of_length = _of_length(source, (end_ms - start_ms) // SECOND_MS)
        part = _read(of_length, reader, Window(start_ms, end_ms))
        if whole is None:
            whole = part
        else:
            whole.add(part)
    assert whole is not None
    return whole


def _read(source: Source, reader: Reader, window: Window) -> _Held:
    if isinstance(source, MetricStat):
        return _Held(read(source, reader.store, window))
    found = reader.run(source, window)
    (watched,) = found[source.watched.id]
    if source.band_id is None:
        return _Held(watched, is_partial=_is_partial(found))
    upper, lower = found[source.band_id]
    return _Held(watched, (upper, lower))


def _of_length(source: Source, period_s: int) -> Source:
    """The same source over periods of another length."""
    if isinstance(source, MetricStat):
        return replace(source, period_s=period_s)
    return replace(source, queries=_queries_of_length(source.queries, period_s))


def _queries_of_length(queries: Sequence[MetricQuery], period_s: int) -> tuple[MetricQuery, ...]:
    return tuple(
        replace(query, source=replace(query.source, period_s=period_s))
        if isinstance(query.source, MetricStat)
        else query
        for query in queries
    )
