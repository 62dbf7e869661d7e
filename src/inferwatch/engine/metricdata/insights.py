"""A Metrics Insights query over the store: samples of all its metrics pooled, by group.

Source: CloudWatch User Guide, "Query your metrics with CloudWatch Metrics Insights"; recorded 2026-09.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeAlias

from inferwatch.engine.metricinsights import Query
from inferwatch.engine.metricmath import Series, points
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.statistics import Statistic
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.limits import INSIGHTS_MAX_METRICS, INSIGHTS_MAX_SERIES

Key: TypeAlias = tuple[str | None, ...]
Limit: TypeAlias = Literal["MaxMatchingResultsExceeded", "MaxQueryResultsExceeded"]

OTHER = "Other"
MIN_PERIOD_S = 60
_STATISTICS: Final = {
    "AVG": Statistic("Average"),
    "COUNT": Statistic("SampleCount"),
    "MAX": Statistic("Maximum"),
    "MIN": Statistic("Minimum"),
    "SUM": Statistic("Sum"),
}
_RANKS: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "AVG": lambda values: sum(values) / len(values),
    "COUNT": len,
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


@dataclass(frozen=True, slots=True)
class Group:
    """One series of the answer; `keys` are the values it groups by, by key."""

    values: Series
    label: str = ""
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """The series of a query, in their order, and which of its limits it ran into."""

    groups: list[Group]
    limits: tuple[Limit, ...] = ()


def select(
    query: Query,
    metrics: Iterable[Metric],
    store: MetricStore,
    account_id: str,
    period_s: int,
    start_ms: int,
    end_ms: int,
) -> Selection:
    """At most 500 series, of at most 10,000 metrics.

    Without GROUP BY exactly one, without a label of its own.
    """
    pools: dict[Key, dict[int, Histogram]] = {} if query.group else {(): {}}
    taken = (
        metric
        for metric in metrics
        if query.takes(metric.namespace, metric.name, dict(metric.dimensions), account_id)
    )
    for metric in islice(taken, INSIGHTS_MAX_METRICS):
        for unit in store.units(metric, start_ms, end_ms):
            found = store.periods(metric, period_s, start_ms, end_ms, unit, binned=False)
            if found:
                pool = pools.setdefault(query.group_of(dict(metric.dimensions), account_id), {})
                for at, summary in found.items():
                    pool.setdefault(at, Histogram()).merge(summary)
    series = {key: _values(query, pool) for key, pool in pools.items()}
    limits: tuple[Limit, ...] = ("MaxMatchingResultsExceeded",) if next(taken, None) is not None else ()
    if not query.group:
        return Selection([Group(series[()])], limits)
    ordered = _ordered(query, series)[: query.limit]
    if len(ordered) > INSIGHTS_MAX_SERIES:
        limits = (*limits, "MaxQueryResultsExceeded")
    shown = enumerate(ordered[:INSIGHTS_MAX_SERIES], start=1)
    return Selection([_group(query, key, series[key], rank) for rank, key in shown], limits)


def _values(query: Query, pool: Mapping[int, Histogram]) -> Series:
    statistic = _STATISTICS[query.function]
    return points((at, statistic.of(summary)) for at, summary in sorted(pool.items()))


def _ordered(query: Query, series: Mapping[Key, Series]) -> list[Key]:
    """By ORDER BY; else, and between equals, by group values, those without one last."""
    keys = sorted(series, key=lambda key: [(value is None, value or "") for value in key])
    order = query.order
    if order is None:
        return keys
    ranked = [key for key in keys if series[key]]
    ranked.sort(key=lambda key: _RANKS[order.function](list(series[key].values())), reverse=order.descending)
    return ranked + [key for key in keys if not series[key]]


def _group(query: Query, key: Key, values: Series, rank: int) -> Group:
    shown = [OTHER if value is None else value for value in key]
    label = " ".join(shown)
    return Group(
        values,
        label if query.order is None else f"{rank} - {label}",
        tuple(zip(query.group, shown, strict=True)),
    )
