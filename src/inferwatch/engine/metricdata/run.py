"""Queries over one time grid → series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inferwatch.engine import metricmath
from inferwatch.engine.metricdata.insights import select
from inferwatch.engine.metricdata.labels import label_found
from inferwatch.engine.metricdata.query import Insights, Math, MetricQuery, MetricStat, in_order
from inferwatch.engine.metricdata.searches import read_searches
from inferwatch.engine.metrics.retention import on_grid
from inferwatch.engine.metrics.store import Metric, MetricStore


@dataclass(slots=True)
class Result:
    """One series of a query: values, and for a metric the samples behind each, by period start.

    `member` is the id of the query that the series is in an array, or what it is called there; `group` the
    keys and values of a Metrics Insights query's GROUP BY.
    """

    values: metricmath.Series = field(default_factory=dict)
    samples: dict[int, float] = field(default_factory=dict)
    mixed_units: list[str] = field(default_factory=list)
    member: str = ""
    group: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open [start, end) in epoch ms."""

    start_ms: int
    end_ms: int

    def on_grid(self, period_s: int, now_ms: int) -> Window:
        """As CloudWatch rounds it; empty where nothing so fine is kept any more."""
        rounded = on_grid(self.start_ms, self.end_ms, period_s, now_ms)
        return Window(self.start_ms, self.start_ms) if rounded is None else Window(*rounded)


def run(
    queries: Sequence[MetricQuery],
    store: MetricStore,
    window_of: Callable[[int], Window],
    *,
    visible: Callable[[], Iterable[Metric]] = tuple,
    account_id: str = "",
) -> dict[str, list[Result]]:
    """Evaluate every query, those not returned too: one result a metric, none a scalar, any number an array.

    Args:
        queries: As `check_queries` has passed them.
        window_of: The window for metrics of a period in seconds.
        visible: The metrics that SEARCH looks through.
        account_id: Whose they are.
    """
    metrics = {query.id: query.source for query in queries if isinstance(query.source, MetricStat)}
    periods = {query_id: stat.period_s for query_id, stat in metrics.items()}
    results = {query_id: [read(stat, store, window_of(stat.period_s))] for query_id, stat in metrics.items()}
    values: dict[str, metricmath.Value] = {query_id: found[0].values for query_id, found in results.items()}
    finest = dict(periods)
    for query in queries:
        if isinstance(query.source, Insights):
            period_s = finest[query.id] = query.source.period_s
            window = window_of(period_s)
            groups = select(
                query.source.query, visible(), store, account_id, period_s, window.start_ms, window.end_ms
            )
            results[query.id] = [Result(each.values, member=each.label, group=each.keys) for each in groups]
            values[query.id] = (
                tuple(metricmath.Member(each.values, each.label) for each in groups)
                if query.source.query.group
                else groups[0].values
            )
    for query in in_order(queries):
        if not isinstance(query.source, Math):
            continue
        expression = query.source.expression
        searches = read_searches(expression, query.source.period_s, query.id)
        finest_found = [each.period_s for each in searches]
        period_s = finest[query.id] = _period(query.source, finest, periods, finest_found)
        found = {each.call: _members(each.find(visible(), account_id), store, window_of) for each in searches}
        window = window_of(period_s)
        grid = metricmath.Grid(window.start_ms, window.end_ms, period_s)
        value = metricmath.evaluate(expression, metricmath.Context(values, periods, grid, found))
        values[query.id] = value
        results[query.id] = _results(value)
    return results


def _members(
    found: Sequence[MetricStat], store: MetricStore, window_of: Callable[[int], Window]
) -> tuple[metricmath.Member, ...]:
    """The series of what a search found, each called what tells it from the others."""
    labels = label_found([stat.metric for stat in found])
    return tuple(
        metricmath.Member(read(stat, store, window_of(stat.period_s)).values, label)
        for stat, label in zip(found, labels, strict=True)
    )


def _period(
    source: Math, finest: Mapping[str, int], periods: Mapping[str, int], searched: Sequence[int]
) -> int:
    """The finest of what an expression reads; where it reads no metric, its own or the finest of all.

    Differs: AWS does not say which period an expression over metrics of several has.
    """
    read_ids = metricmath.ids(source.expression)
    if metricmath.calls(source.expression, "METRICS"):
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


def read(stat: MetricStat, store: MetricStore, window: Window) -> Result:
    """One metric's statistic; where it names no unit and several are stored, the one CloudWatch prefers."""
    units = [stat.unit] if stat.unit else store.units(stat.metric, window.start_ms, window.end_ms)
    if not units:
        return Result()
    periods = store.periods(stat.metric, stat.period_s, window.start_ms, window.end_ms, units[0])
    result = Result(mixed_units=units if len(units) > 1 else [])
    for at, summary in periods.items():
        value = stat.statistic.of(summary)
        if value is not None:
            result.values[at] = value
            result.samples[at] = summary.count
    return result
