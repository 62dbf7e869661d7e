"""Queries over one time grid → series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from inferwatch.engine import metricmath
from inferwatch.engine.metricdata.query import Math, MetricQuery, MetricStat, in_order
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.limits import MINUTE_MS


@dataclass(slots=True)
class Result:
    """One query's series: values, and for a metric the samples behind each, by period start."""

    values: metricmath.Series = field(default_factory=dict)
    samples: dict[int, float] = field(default_factory=dict)
    mixed_units: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open [start, end) in epoch ms."""

    start_ms: int
    end_ms: int

    def on_grid(self, period_s: int) -> Window:
        """As CloudWatch rounds: the start down to the minute, the end down to the period.

        Source: CloudWatch API reference, "GetMetricData"; recorded answers.
        """
        period_ms = period_s * 1_000
        return Window(
            self.start_ms - self.start_ms % MINUTE_MS,
            self.end_ms - self.end_ms % max(period_ms, MINUTE_MS),
        )


def run(
    queries: Sequence[MetricQuery], store: MetricStore, window_of: Callable[[int], Window]
) -> dict[str, Result]:
    """Evaluate every query, those not returned too; expressions that are scalars have no result.

    Args:
        queries: As `check_queries` has passed them.
        window_of: The window for metrics of a period in seconds.
    """
    results: dict[str, Result] = {}
    values: dict[str, metricmath.Series | float] = {}
    for query in in_order(queries):
        if isinstance(query.source, Math):
            value = metricmath.evaluate(query.source.expression, values)
            if isinstance(value, dict):
                results[query.id] = Result(dict(sorted(value.items())))
            values[query.id] = value
        else:
            result = read(query.source, store, window_of(query.source.period_s))
            results[query.id], values[query.id] = result, result.values
    return results


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
