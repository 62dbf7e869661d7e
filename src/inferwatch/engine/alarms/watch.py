"""What an alarm's source holds in its evaluation range: a series of slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inferwatch.engine.alarms.definition import Definition, Source
from inferwatch.engine.alarms.window import periods
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.engine.metricdata.run import Result, Window, read, run
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.limits import SECOND_MS


@dataclass(frozen=True, slots=True)
class Slot:
    """One period of the evaluation range; `value` is `None` where no data arrived."""

    start_ms: int
    value: float | None
    samples: float | None = None


def watch(definition: Definition, store: MetricStore, now_ms: int) -> list[Slot]:
    """The series that the alarm watches, over the whole range, oldest first.

    Differs: a range in which the clocks change is read period by period, so that functions of metric math
    which look across periods (RATE, RUNNING_SUM) begin anew in each; AWS does not say what it does.
    """
    wanted = periods(definition, now_ms)
    series = _read_all(definition.source, store, wanted)
    return [Slot(at, series.values.get(at), series.samples.get(at)) for at, _ in wanted]


def _read_all(source: Source, store: MetricStore, wanted: Sequence[tuple[int, int]]) -> Result:
    if len({end_ms - start_ms for start_ms, end_ms in wanted}) == 1:
        return _read(source, store, Window(wanted[0][0], wanted[-1][1]))
    whole = Result()
    for start_ms, end_ms in wanted:
        of_length = _of_length(source, (end_ms - start_ms) // SECOND_MS)
        part = _read(of_length, store, Window(start_ms, end_ms))
        whole.values |= part.values
        whole.samples |= part.samples
    return whole


def _read(source: Source, store: MetricStore, window: Window) -> Result:
    if isinstance(source, MetricStat):
        return read(source, store, window)
    (watched,) = run(source.queries, store, lambda _: window)[source.watched.id]
    return watched


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
