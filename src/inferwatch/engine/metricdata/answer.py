"""GetMetricData: queries → one page of labelled series, with a status each, and what is to be said of all.

No page follows where a query is an expression.
Source: CloudWatch API reference, "GetMetricData", "MetricDataResult"; recorded answers, 2026-09. The texts
for `MaxQueryResultsExceeded` and `MaxMatchingResultsExceeded` are those that Grafana has for these codes.
Differs: a page counts the periods of metrics; series of Metrics Insights come whole, however many points they
have. A metric that earlier pages held whole is not in those that follow. What AWS says of an expression over
metrics that it may not read was not recorded: here it is as for metrics that have more pages. Which windows
are too long, other than of Metrics Insights (`MaxQueryTimeRangeExceeded`), is not documented: none is, and no
page holds periods before or after all that a metric may have, however long ago the window begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

from inferwatch.engine.metricdata.naming import Naming, Scene
from inferwatch.engine.metricdata.page import Place, turn_to
from inferwatch.engine.metricdata.query import Band, Insights, MetricQuery, MetricStat
from inferwatch.engine.metricdata.run import Edges, Result, no_edges, read, run
from inferwatch.engine.metricdata.sources import gather
from inferwatch.engine.metricdata.window import Window
from inferwatch.engine.metricmath import Grid, Series
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.errors import Unsupported
from inferwatch.model.limits import DATAPOINTS_MAX, INSIGHTS_MAX_AGE_MS, MINUTE_MS

Status: TypeAlias = Literal["Complete", "PartialData", "Forbidden"]

_TEXTS: Final = {
    "Forbidden": "Access denied when getting data - please check that this account and the requested metric "
    "account are linked",
    "MaxMatchingResultsExceeded": "The query matched more than 10.000 metrics, results might not be "
    "accurate.",
    "MaxMetricsExceeded": "Maximum number of allowed metrics exceeded",
    "MaxQueryResultsExceeded": "Only the first 500 time series can be returned by a query.",
    "MaxQueryTimeRangeExceeded": "Max time window exceeded for query",
}
_PARTIAL = "The expression may contain partial data as one or more metrics have StatusCode '{}'"
_UNITS = "Multiple units returned: '[{}]'"


@dataclass(frozen=True, slots=True)
class Message:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One series; points in the order asked for."""

    id: str
    label: str
    points: list[tuple[int, float]]
    status: Status
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One page; `next` is where the one after it begins."""

    series: list[Answered]
    messages: list[Message]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Args:
        queries: As `check_queries` has passed them.
        limit: The most periods of metrics that a page holds.
        start: Where the page begins; at the window's, without one.
    """

    queries: Sequence[MetricQuery]
    window: Window
    limit: int = DATAPOINTS_MAX
    newest_first: bool = True
    start: Place | None = None


def answer(request: Request, store: MetricStore, scene: Scene, edges: Edges = no_edges) -> Answer:
    """Answer one page.

    Args:
        edges: Of each band.

    Raises:
        Unsupported: An expression that gives more datapoints than any answer holds.
    """
    return _Answering(request, store, scene, edges).answer()


class _Answering:
    """One request over one store, its metrics gathered and its page laid out."""

    def __init__(self, request: Request, store: MetricStore, scene: Scene, edges: Edges) -> None:
        self.request = request
        self.queries = request.queries
        self.store = store
        self.scene = scene
        self.edges = edges
        self.window_of = partial(request.window.on_grid, now_ms=scene.now_ms)
        self.foreign = {
            query.id for query in self.queries if query.account_id not in (None, scene.account_id)
        }
        self.sources = gather(self.queries, self.visible, scene.account_id, without=self.foreign)
        self.series = [(self.holding(one.stat.period_s), one.stat.period_s) for one in self.sources.all]
        self.page = turn_to(request.start, self.series, request.limit, newest_first=request.newest_first)
        self.index = {source.id: index for index, source in enumerate(self.sources.all)}
        self.paginated = {
            name for name, index in self.index.items() if self.page.has_more(self.series[index], index)
        }

    def holding(self, period_s: int) -> Window:
        return self.window_of(period_s).holding(period_s, self.scene.now_ms)

    def visible(self) -> Iterable[Metric]:
        return self.store.visible(self.scene.now_ms)

    def answer(self) -> Answer:
        oldest_ms = (self.scene.now_ms - INSIGHTS_MAX_AGE_MS) // MINUTE_MS * MINUTE_MS
        results = run(
            self.queries,
            self.store,
            self.window_of,
            holding=self.holding,
            visible=self.visible,
            account_id=self.scene.account_id,
            sources=self.sources,
            page=self.page,
            insights_since_ms=oldest_ms,
            edges=self._edges_of,
        )
        _refuse_too_many(self.queries, results)
        naming = Naming(self.queries, self.sources, self.scene, partial(self._whole, results))
        read_by = self.sources.read_by(self.queries)
        # Metrics come before expressions, each in the order asked for. Source: recorded, 2026-09.
        metrics = [query for query in self.queries if isinstance(query.source, MetricStat)]
        others = [query for query in self.queries if not isinstance(query.source, MetricStat)]
        series = [
            self._answered(query, result, naming, read_by[query.id])
            for query in (*metrics, *others)
            if query.returns and not self._is_past(query.id)
            for result in results[query.id]
        ]
        messages = dict.fromkeys(self._limits(results, oldest_ms))
        return Answer(
            series,
            [Message(code, _TEXTS[code]) for code in messages],
            None if others else self.page.end,
        )

    def _edges_of(self, band: Band, grid: Grid) -> tuple[Series, Series]:
        """None of what belongs to another account."""
        if any(query.id in self.foreign for query in band.queries):
            return {}, {}
        return self.edges(band, grid)

    def _answered(self, query: MetricQuery, result: Result, naming: Naming, read: set[str]) -> Answered:
        status, messages = self._status(query, read)
        if result.mixed_units:
            messages = (
                *messages,
                Message("MultipleUnits", _UNITS.format(", ".join(sorted(result.mixed_units)))),
            )
        points = sorted(result.values.items(), reverse=self.request.newest_first)
        return Answered(query.id, naming.label(query, result), points, status, messages)

    def _status(self, query: MetricQuery, read: set[str]) -> tuple[Status, tuple[Message, ...]]:
        if query.id in self.foreign:
            return "Forbidden", (Message("Forbidden", _TEXTS["Forbidden"]),)
        why = "Paginated" if read & self.paginated else "Forbidden" if read & self.foreign else None
        if why is None:
            return "Complete", ()
        if isinstance(query.source, MetricStat):
            return "PartialData", ()
        return "PartialData", (Message("PartialData", _PARTIAL.format(why)),)

    def _is_past(self, query_id: str) -> bool:
        index = self.index.get(query_id)
        return index is not None and self.page.is_past(self.series[index], index)

    def _whole(self, results: Mapping[str, Sequence[Result]], query_id: str) -> Series:
        """All the values of a metric, whatever the page."""
        if self.page.is_whole or query_id not in self.index:
            return results[query_id][0].values
        window, _ = self.series[self.index[query_id]]
        return read(self.sources.named[query_id].stat, self.store, window).values

    def _limits(self, results: Mapping[str, Sequence[Result]], oldest_ms: int) -> Iterator[str]:
        """Codes of the limits that the request as a whole ran into."""
        if self.sources.is_cut:
            yield "MaxMetricsExceeded"
        for query in self.queries:
            if isinstance(query.source, Insights):
                if self.window_of(query.source.period_s).start_ms < oldest_ms:
                    yield "MaxQueryTimeRangeExceeded"
                for result in results[query.id]:
                    yield from result.limits


def _refuse_too_many(queries: Sequence[MetricQuery], results: Mapping[str, Sequence[Result]]) -> None:
    for query in queries:
        if isinstance(query.source, MetricStat):
            continue
        if sum(len(result.values) for result in results[query.id]) > DATAPOINTS_MAX:
            feature = f"more than {DATAPOINTS_MAX} datapoints of one expression"
            raise Unsupported(feature, query.id, code="ValidationException")
