"""How GetMetricData names a series that has no label of its own.

The metric's name, and after it whatever tells it from the other returned, unlabelled queries of that name:
statistic, period, dimension values; the namespace before it where that differs.
Source: recorded answers (2026-02, 2026-09).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.engine.metrics.store import Metric


def label_queries(queries: Sequence[MetricQuery]) -> dict[str, str]:
    """Label by query id, for the returned queries."""
    returned = [query for query in queries if query.returns]
    rivals = [
        query.source for query in returned if query.label is None and isinstance(query.source, MetricStat)
    ]
    labels = {}
    for query in returned:
        if query.label is not None:
            labels[query.id] = query.label
        elif isinstance(query.source, MetricStat):
            labels[query.id] = _default(query.source, rivals)
        else:
            labels[query.id] = query.id
    return labels


def label_members(queries: Sequence[MetricQuery]) -> dict[str, str]:
    """Label by query id of every metric, returned or not: what it is called as one of an array."""
    metrics = [query for query in queries if isinstance(query.source, MetricStat)]
    return label_queries([replace(query, returns=True) for query in metrics])


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


def _default(stat: MetricStat, rivals: Sequence[MetricStat]) -> str:
    same = [rival for rival in rivals if rival.metric.name == stat.metric.name]
    parts = [stat.metric.name]
    if len({rival.metric.namespace for rival in same}) > 1:
        parts.insert(0, stat.metric.namespace)
    if len({rival.metric.dimensions for rival in same}) > 1:
        parts += [value for _, value in stat.metric.dimensions]
    if len({rival.statistic.name for rival in same}) > 1:
        parts.append(stat.statistic.name)
    if len({rival.period_s for rival in same}) > 1:
        parts.append(str(stat.period_s))
    return " ".join(parts)
