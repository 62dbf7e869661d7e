"""What GetMetricData calls a series that has no label of its own.

The metric's name, and after it whatever tells it from the other returned queries of that name: statistic,
period, dimension values; the namespace before it where that differs. Queries that have a label do not count.
Source: recorded answers (2026-02, 2026-09).
Differs: where AWS's `${LABEL}` stands in a label, that query is taken to count as those without one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inferwatch.engine.dynamiclabels import Label
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.engine.metrics.store import Metric


def label_queries(queries: Sequence[MetricQuery], labels: Mapping[str, Label]) -> dict[str, str]:
    """By id, what each metric that is returned is called by default.

    Args:
        labels: By id, the queries' own.
    """
    stats = {
        query.id: query.source
        for query in queries
        if query.returns and isinstance(query.source, MetricStat) and _shows_default(query, labels)
    }
    differences = _differences(list(stats.values()))
    return {query_id: _default(stat, differences[stat.metric.name]) for query_id, stat in stats.items()}


def label_members(queries: Sequence[MetricQuery], labels: Mapping[str, Label]) -> dict[str, str]:
    """The same for every metric, returned or not: what it is called as one of an array."""
    return label_queries([replace(query, returns=True) for query in queries], labels)


def _shows_default(query: MetricQuery, labels: Mapping[str, Label]) -> bool:
    label = labels.get(query.id)
    return label is None or label.has_default


def label_found(metrics: Sequence[Metric]) -> list[str]:
    """What tells each metric of a search from the others: namespace, dimension values, name.

    Differs: which parts AWS leaves out is known from what its clients read out of labels: those all share.
    """
    namespaces = {metric.namespace for metric in metrics}
    names = {metric.name for metric in metrics}
    shared = set.intersection(*(set(metric.dimensions) for metric in metrics)) if metrics else set()
    labels = []
    for metric in metrics:
        parts = [metric.namespace] if len(namespaces) > 1 else []
        parts += [pair[1] for pair in metric.dimensions if pair not in shared]
        if len(names) > 1 or not parts:
            parts.append(metric.name)
        labels.append(" ".join(parts))
    return labels


def _differences(rivals: Sequence[MetricStat]) -> dict[str, list[bool]]:
    """By metric name: have its rivals several namespaces, sets of dimensions, statistics, periods?"""
    found = defaultdict(set)
    for stat in rivals:
        parts = (stat.metric.namespace, stat.metric.dimensions, stat.statistic.name, stat.period_s)
        found[stat.metric.name].add(parts)
    return {name: [len(set(part)) > 1 for part in zip(*parts, strict=True)] for name, parts in found.items()}


def _default(stat: MetricStat, differences: Sequence[bool]) -> str:
    namespaces, dimensions, statistics, periods = differences
    parts = [stat.metric.namespace] if namespaces else []
    parts.append(stat.metric.name)
    if dimensions:
        parts += [value for _, value in stat.metric.dimensions]
    if statistics:
        parts.append(stat.statistic.name)
    if periods:
        parts.append(str(stat.period_s))
    return " ".join(parts)
