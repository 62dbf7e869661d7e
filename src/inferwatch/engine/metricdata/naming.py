"""What each series of an answer is called: its query's label with its values, or its default.

A series of an array has the array's own label before its own, unless `${LABEL}` has put it there already.
Source: recorded answers, 2026-02, 2026-09.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from inferwatch.engine.dynamiclabels import Facts, Label, fill, parse
from inferwatch.engine.metricdata.labels import label_found, label_members, label_queries
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.engine.metricdata.run import Result
from inferwatch.engine.metricdata.sources import Sources
from inferwatch.engine.metricmath import Series


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when an answer is given; its labels show times `zone_ms` ahead of UTC."""

    account_id: str
    region: str
    now_ms: int
    zone_ms: int = 0


class Naming:
    """The names of one answer's series.

    Args:
        values: Of a metric, by its query's id, all that its window holds, whatever page the answer is.
    """

    def __init__(
        self,
        queries: Sequence[MetricQuery],
        sources: Sources,
        scene: Scene,
        values: Callable[[str], Series],
    ) -> None:
        self._scene = scene
        self._values = values
        self._metrics = {query.id: query for query in queries if isinstance(query.source, MetricStat)}
        self._stats = {source.id: source.stat for source in sources.all}
        self._labels = {query.id: parse(query.label) for query in queries if query.label is not None}
        self._defaults = label_queries(queries, self._labels)
        self._members = label_members(queries, self._labels) | _labels_found(sources)

    def label(self, query: MetricQuery, result: Result) -> str:
        """What a series of a returned query is called."""
        if query.id in self._metrics:
            return self._of_metric(query, self._defaults)
        label = self._labels.get(query.id)
        if not result.member:
            return query.id if label is None else self._filled(label, query.id, result.values)
        member = self._of_member(result.member)
        if label is None:
            return member
        shown = self._filled(label, member, result.values, result.member)
        return shown if label.has_default else " ".join(filter(None, (shown, member)))

    def _of_member(self, name: str) -> str:
        query = self._metrics.get(name)
        if query is not None:
            return self._of_metric(query, self._members)
        return self._members.get(name, name)

    def _of_metric(self, query: MetricQuery, defaults: Mapping[str, str]) -> str:
        default = defaults.get(query.id, "")
        label = self._labels.get(query.id)
        if label is None:
            return default
        values = self._values(query.id) if label.has_figures else {}
        return self._filled(label, default, values, query.id)

    def _filled(self, label: Label, default: str, values: Series, name: str = "") -> str:
        scene = self._scene
        return fill(label, Facts(default, values, scene.now_ms, self._properties(name), scene.zone_ms))

    def _properties(self, name: str) -> dict[str, str]:
        """Of a metric that a query names or a search found; nothing else has any."""
        stat = self._stats.get(name)
        if stat is None:
            return {}
        return {
            "AccountId": self._scene.account_id,
            "Region": self._scene.region,
            "Namespace": stat.metric.namespace,
            "MetricName": stat.metric.name,
            "Stat": stat.statistic.name,
            "Period": str(stat.period_s),
            **{f"Dim.{key}": value for key, value in stat.metric.dimensions},
        }


def _labels_found(sources: Sources) -> dict[str, str]:
    """By its id, what tells each metric that a search found from the others."""
    labels: dict[str, str] = {}
    for calls in sources.found.values():
        for found in calls.values():
            names = label_found([source.stat.metric for source in found.sources])
            labels |= {source.id: name for source, name in zip(found.sources, names, strict=True)}
    return labels
