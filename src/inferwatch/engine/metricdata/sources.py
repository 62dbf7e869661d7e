"""What queries read of the store: the metrics they name, and those that their searches find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inferwatch.engine import metricmath
from inferwatch.engine.metricdata.query import Math, MetricQuery, MetricStat, in_order
from inferwatch.engine.metricdata.searches import read_searches
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.limits import SEARCH_MAX_SERIES


@dataclass(frozen=True, slots=True)
class Source:
    """One metric's statistic. `id` is the query's; of a metric found, no query can have such an id."""

    id: str
    stat: MetricStat


@dataclass(frozen=True, slots=True)
class Found:
    """What one SEARCH found: each a statistic of its period."""

    period_s: int
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Sources:
    """Every statistic read.

    Args:
        named: By the id of its query.
        found: What each SEARCH found, by the id of its query.
        is_cut: A search found more than the 500 that it gives.
    """

    named: Mapping[str, Source]
    found: Mapping[str, Mapping[metricmath.Call, Found]]
    is_cut: bool

    @property
    def all(self) -> list[Source]:
        """Those named, in the order of the request; then those found."""
        found = [one for calls in self.found.values() for each in calls.values() for one in each.sources]
        return [*self.named.values(), *found]

    def read_by(self, queries: Sequence[MetricQuery]) -> dict[str, set[str]]:
        """The ids of the statistics that each query reads, itself or through others."""
        read: dict[str, set[str]] = {query.id: {query.id} for query in queries}
        for query in in_order(queries):
            if isinstance(query.source, Math):
                ids = read[query.id] = set().union(*(read[name] for name in query.source.reads))
                for call in metricmath.called(query.source.expression, "METRICS"):
                    part = call.arguments[0] if call.arguments else None
                    wanted = part.value if isinstance(part, metricmath.Text) else ""
                    metrics = (each.id for each in queries if isinstance(each.source, MetricStat))
                    ids |= {metric_id for metric_id in metrics if wanted in metric_id}
                for found in self.found[query.id].values():
                    ids |= {source.id for source in found.sources}
        return read


def gather(
    queries: Sequence[MetricQuery],
    visible: Callable[[], Iterable[Metric]],
    account_id: str,
    *,
    without: Collection[str] = (),
) -> Sources:
    """What queries that `check_queries` has passed read; nothing of those `without`, by id."""
    named = {}
    found: dict[str, dict[metricmath.Call, Found]] = {}
    is_cut = False
    for query in queries:
        match query.source:
            case MetricStat() if query.id not in without:
                named[query.id] = Source(query.id, query.source)
            case Math(_, expression, period_s) as math:
                calls = found[query.id] = {}
                if "SEARCH" not in math.functions:
                    continue
                for number, search in enumerate(read_searches(expression, period_s, query.id)):
                    stats = search.find(visible(), account_id)
                    is_cut = is_cut or len(stats) > SEARCH_MAX_SERIES
                    shown = enumerate(stats[:SEARCH_MAX_SERIES])
                    calls[search.call] = Found(
                        search.period_s,
                        [Source(f"{query.id}.{number}.{place}", stat) for place, stat in shown],
                    )
    return Sources(named, found, is_cut)
