"""Samples of a batch of log events, gathered by metric and minute before they are added: most share both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inferwatch.engine.metricfilters.filter import MetricFilter
from inferwatch.engine.metricfilters.sample import Sample
from inferwatch.engine.metrics.addition import Values
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.limits import MINUTE_MS


def gather(samples: Iterable[tuple[int, MetricFilter, Sample]], timestamps: Sequence[int]) -> list[Values]:
    """The samples by metric and minute.

    Args:
        samples: (index of the event, filter, sample).
        timestamps: Of the events.
    """
    found: dict[tuple[str, int, tuple[tuple[str, str], ...]], list[float]] = {}
    filters: dict[str, MetricFilter] = {}
    for index, metric_filter, sample in samples:
        dimensions = tuple(sample.dimensions.items()) if sample.dimensions else ()
        key = (metric_filter.name, timestamps[index] // MINUTE_MS, dimensions)
        values = found.get(key)
        if values is None:
            values = found[key] = []
            filters[metric_filter.name] = metric_filter
        values.append(sample.value)
    return [
        _measured(filters[name], minute, dimensions, values)
        for (name, minute, dimensions), values in found.items()
    ]


def _measured(
    metric_filter: MetricFilter, minute: int, dimensions: tuple[tuple[str, str], ...], values: list[float]
) -> Values:
    to = metric_filter.transformation
    metric = Metric.of(to.namespace, to.name, dict(dimensions))
    return Values(metric, minute * MINUTE_MS, to.unit or "None", values)
