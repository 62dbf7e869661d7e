"""Queries over one time grid → series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from inferwatch.engine import metricmath
from inferwatch.engine.metricdata.insights import Limit, select
from inferwatch.engine.metricdata.page import Page
from inferwatch.engine.metricdata.query import (
    Band,
    Insights,
    Math,
    MetricQuery,
    MetricStat,
    in_order,
    read_bands,
)
from inferwatch.engine.metricdata.sources import Sources, gather
from inferwatch.engine.metricdata.window import Window
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.errors import Unsupported
from inferwatch.model.limits import DATAPOINTS_MAX

__all__ = ["Edges", "Result", "Window", "no_edges", "read", "run"]

Edges: TypeAlias = Callable[[Band, metricmath.Grid], tuple[metricmath.Series, metricmath.Series]]
"""The upper and the lower edge of a band, in the periods of a grid."""


def no_edges(_: Band, __: metricmath.Grid) -> tuple[metricmath.Series, metricmath.Series]:
    """Where nothing is known of the past."""
    return {}, {}


@dataclass(slots=True)
class Result:
    """One series of a query: values, and for a metric the samples behind each, by period start.

    `member` names what the series is in an array: a query or a metric found, by its id, or the label of a
    group; `group` are the keys and values of a Metrics Insights query's GROUP BY, `limits` those it ran into.
    """

    values: metricmath.Series = field(default_factory=dict)
    samples: dict[int, float] = field(default_factory=dict)
    mixed_units: list[str] = field(default_factory=list)
    member: str = ""
    group: tuple[tuple[str, str], ...] = ()
    limits: tuple[Limit, ...] = ()


def run(
    queries: Sequence[MetricQuery],
    store: MetricStore,
    window_of: Callable[[int], Window],
    *,
    holding: Callable[[int], Window] | None = None,
    visible: Callable[[], Iterable[Metric]] = tuple,
    account_id: str = "",
    sources: Sources | None = None,
    page: Page | None = None,
    insights_since_ms: int = 0,
    edges: Edges = no_edges,
) -> dict[str, list[Result]]:
    """Evaluate every query, those not returned too: one result a metric, none a scalar, any number an array.

    Args:
        queries: As `check_queries` has passed them.
        window_of: The window for a period in seconds.
        holding: The part of it that metrics are read in; all, without it.
        visible: The metrics that SEARCH and Metrics Insights look through.
        account_id: Whose they are.
        sources: What the queries read, where that has been gathered.
        page: Which of their periods are read; all, without one.
        insights_since_ms: The oldest that Metrics Insights looks at.
        edges: Of each band.

    Raises:
        Unsupported: An expression that fills more periods than any answer holds.
    """
    read_in = window_of if holding is None else holding
    sources = gather(queries, visible, account_id) if sources is None else sources
    read_each = {
        source.id: _read_part(source.stat, store, read_in(source.stat.period_s), page, index)
        for index, source in enumerate(sources.all)
    }
    metrics = {query.id: query.source for query in queries if isinstance(query.source, MetricStat)}
    periods = {query_id: stat.period_s for query_id, stat in metrics.items()}
    results = {query_id: [read_each.get(query_id, Result())] for query_id in metrics}
    values: dict[str, metricmath.Value] = {query_id: found[0].values for query_id, found in results.items()}
    finest = dict(periods)
    for query in queries:
        if isinstance(query.source, Insights):
            finest[query.id] = query.source.period_s
            window = window_of(query.source.period_s).since(insights_since_ms)
            groups = results[query.id] = _select(query.source, store, window, visible(), account_id)
            is_array = bool(query.source.query.group)
            values[query.id] = _array(groups) if is_array else groups[0].values
    for query in in_order(queries):
        if not isinstance(query.source, Math):
            continue
        found = sources.found[query.id]
        searched = [each.period_s for each in found.values()]
        period_s = finest[query.id] = _period(query.source, finest, periods, searched)
        members = {
            call: tuple(metricmath.Member(read_each[one.id].values, one.id) for one in each.sources)
            for call, each in found.items()
        }
        window = window_of(period_s)
        if page is not None:
            window = page.part((window, period_s), len(read_each))
        grid = metricmath.Grid(window.start_ms, window.end_ms, period_s)
        _refuse_filling(query.id, query.source, grid)
        members |= {band.call: _band(band, edges(band, grid)) for band in read_bands(query.source, queries)}
        context = metricmath.Context(values, periods, grid, members)
        value = values[query.id] = metricmath.evaluate(query.source.expression, context)
        results[query.id] = _results(value)
    return results


def _refuse_filling(query_id: str, source: Math, grid: metricmath.Grid) -> None:
    if metricmath.FILLING & source.functions and len(grid.stamps) > DATAPOINTS_MAX:
        feature = f"more than {DATAPOINTS_MAX} datapoints of one expression"
        raise Unsupported(feature, query_id, code="ValidationException")


def _read_part(stat: MetricStat, store: MetricStore, window: Window, page: Page | None, index: int) -> Result:
    """A page's part of a metric, in the unit that its whole window has."""
    if page is None:
        return read(stat, store, window)
    return read(stat, store, page.part((window, stat.period_s), index), window)


def _select(
    source: Insights, store: MetricStore, window: Window, metrics: Iterable[Metric], account_id: str
) -> list[Result]:
    selection = select(
        source.query, metrics, store, account_id, source.period_s, window.start_ms, window.end_ms
    )
    return [
        Result(each.values, member=each.label, group=each.keys, limits=selection.limits)
        for each in selection.groups
    ]


def _array(results: Sequence[Result]) -> tuple[metricmath.Member, ...]:
    return tuple(metricmath.Member(each.values, each.member) for each in results)


def _band(
    band: Band, edges: tuple[metricmath.Series, metricmath.Series]
) -> tuple[metricmath.Member, metricmath.Member]:
    """The upper edge, then the lower.

    Differs: AWS's documentation gives the order of the two both ways, and their labels were not recorded;
    here they are the metric's name with High and Low.
    """
    upper, lower = edges
    return metricmath.Member(upper, f"{band.name} High"), metricmath.Member(lower, f"{band.name} Low")


def _period(
    source: Math, finest: Mapping[str, int], periods: Mapping[str, int], searched: Sequence[int]
) -> int:
    """The finest of what an expression reads; where it reads no metric, its own or the finest of all.

    Differs: AWS does not say which period an expression over metrics of several has.
    """
    read_ids = set(source.reads)
    if "METRICS" in source.functions:
        read_ids |= periods.keys()
    read_periods = [*searched, *(finest[read_id] for read_id in read_ids)]
    if read_periods:
        return min(read_periods)
    return source.period_s or min(periods.values(), default=60)


def _results(value: metricmath.Value) -> list[Result]:
    match value:
        case dict():
            return [Result(dict(sorted(value.items())))]
        case tuple():
            return [Result(dict(sorted(each.values.items())), member=each.id) for each in value]
        case _:
            return []


def read(stat: MetricStat, store: MetricStore, window: Window, whole: Window | None = None) -> Result:
    """One metric's statistic; where it names no unit and several are stored, the one CloudWatch prefers.

    Args:
        whole: The window that those several are looked for in, where `window` is a part of it.
    """
    span = window if whole is None else whole
    units = [stat.unit] if stat.unit else store.units(stat.metric, span.start_ms, span.end_ms)
    if not units:
        return Result()
    periods = store.periods(
        stat.metric,
        stat.period_s,
        window.start_ms,
        window.end_ms,
        units[0],
        binned=stat.statistic.is_extended,
    )
    result = Result(mixed_units=units if len(units) > 1 else [])
    for at, summary in periods.items():
        value = stat.statistic.of(summary)
        if value is not None:
            result.values[at] = value
            result.samples[at] = summary.count
    return result
