"""A query of GetMetricData or of a metric-math alarm, and what AWS refuses of it.

Source: CloudWatch API reference, "MetricDataQuery"; texts recorded from the real service, 2026-09.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from inferwatch.engine import dynamiclabels, metricinsights, metricmath
from inferwatch.engine.metricdata.searches import read_searches
from inferwatch.engine.metricdata.stat import MetricStat, check_period
from inferwatch.engine.metricmath import Type
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.model.errors import Unsupported, expression_failure, validation_failure

__all__ = [
    "BAND",
    "Band",
    "Insights",
    "Math",
    "MetricQuery",
    "MetricStat",
    "Type",
    "check_learnable",
    "check_period",
    "check_queries",
    "in_order",
    "is_band",
    "read_bands",
    "returned",
    "statistic_of",
]

BAND = "ANOMALY_DETECTION_BAND"
_DEVIATIONS = 2.0
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


@dataclass(frozen=True)
class Math:
    """An expression over other queries of the same call; a period given beside it is only kept.

    What it is made of is looked up once: alarms evaluate it every minute.
    """

    text: str
    expression: metricmath.Expression
    period_s: int | None = None

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The ids it names, sorted."""
        return tuple(sorted(metricmath.ids(self.expression)))

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions it calls."""
        return metricmath.functions(self.expression)


@dataclass(frozen=True, slots=True)
class Insights:
    """A Metrics Insights query; one below a minute is raised to it."""

    text: str
    query: metricinsights.Query
    period_s: int


@dataclass(frozen=True, slots=True)
class MetricQuery:
    id: str
    source: MetricStat | Math | Insights
    label: str | None = None
    returns: bool = True
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A call of ANOMALY_DETECTION_BAND.

    Args:
        queries: What it is a band of: those it needs, exactly one of them returned.
        deviations: How many standard deviations the edges are away from what is expected.
    """

    call: metricmath.Call
    queries: tuple[MetricQuery, ...]
    deviations: float

    @property
    def name(self) -> str:
        """What the metric is called, or the expression."""
        watched = returned(self.queries)
        if watched.label is None and isinstance(watched.source, MetricStat):
            return watched.source.metric.name
        return watched.label or watched.id


def returned(queries: Iterable[MetricQuery]) -> MetricQuery:
    """The one that is, of queries of which exactly one is returned."""
    return next(query for query in queries if query.returns)


def statistic_of(name: str, where: str) -> Statistic:
    """Raises AwsError (ValidationException) for a name that is no statistic."""
    statistic = parse_statistic(name)
    if statistic is None:
        raise validation_failure(f"The value for parameter {where}.MetricStat.Stat is not a valid statistic.")
    return statistic


def check_queries(queries: Sequence[MetricQuery]) -> dict[str, Type]:
    """What each query gives, by id.

    Ids are well-formed and unique, and expressions read only what is there, without a circle.

    Raises:
        AwsError: ValidationException.
    """
    for position, query in enumerate(queries, start=1):
        if not _ID.fullmatch(query.id) or len(query.id) > 255:
            raise validation_failure(
                f"The value for parameter MetricDataQueries.member.{position}.Id is not matching the "
                "expected pattern ^[a-z][a-zA-Z0-9_]*$."
            )
        if query.label is not None:
            dynamiclabels.parse(query.label, query.id)
    if len({query.id for query in queries}) < len(queries):
        raise validation_failure("The values for parameter id in MetricDataQueries are not unique.")
    if sum(isinstance(query.source, Insights) for query in queries) > 1:
        raise validation_failure("Maximum number of queries (1) exceeded")
    types = _types(queries)
    for query in queries:
        if isinstance(query.source, Math):
            read_searches(query.source.expression, query.source.period_s, query.id)
            _check_bands(query.id, read_bands(query.source, queries))
        if query.returns and types[query.id] not in (Type.SERIES, Type.ARRAY):
            # The text is ours: AWS's was not recorded.
            raise expression_failure(
                query.id, f"the result is {types[query.id].value}, a time series is needed"
            )
    return types


def _types(queries: Sequence[MetricQuery]) -> dict[str, Type]:
    """What each query gives, by id."""
    types = {query.id: Type.SERIES for query in queries if isinstance(query.source, MetricStat)}
    metrics = frozenset(types)
    for query in queries:
        if isinstance(query.source, Insights):
            types[query.id] = Type.ARRAY if query.source.query.group else Type.SERIES
    for query in in_order(queries):
        if isinstance(query.source, Math):
            types[query.id] = metricmath.type_of(query.source.expression, types, metrics, query.id)
    return types


def in_order(queries: Sequence[MetricQuery]) -> list[MetricQuery]:
    """The queries so that each comes after those it reads.

    Raises:
        AwsError: ValidationException, for an unknown id or a circle.
    """
    by_id = {query.id: query for query in queries}
    done: dict[str, MetricQuery] = {}
    for first in queries:
        # The way down to the query looked at, and what each still has to read. No calls: chains may be long.
        path = {} if first.id in done else {first.id: _reads(first)}
        while path:
            query_id, reads = next(reversed(path.items()))
            name = next(reads, None)
            if name is None:
                done[query_id] = by_id[query_id]
                del path[query_id]
            elif name in path:
                raise expression_failure(name, f"circular reference {' -> '.join((*path, name))}")
            elif name not in by_id:
                raise expression_failure(query_id, f"the id '{name}' is not defined")
            elif name not in done:
                path[name] = _reads(by_id[name])
    return list(done.values())


def _reads(query: MetricQuery) -> Iterator[str]:
    return iter(query.source.reads if isinstance(query.source, Math) else ())


def read_bands(source: Math, queries: Sequence[MetricQuery]) -> list[Band]:
    """Every band in an expression whose types fit."""
    if BAND not in source.functions:
        return []
    bands = []
    for call in metricmath.called(source.expression, BAND):
        of, *rest = call.arguments
        assert isinstance(of, metricmath.Reference)
        deviations = rest[0].value if rest and isinstance(rest[0], metricmath.Number) else _DEVIATIONS
        bands.append(Band(call, _needed(of.id, queries), deviations))
    return bands


def is_band(query: MetricQuery) -> bool:
    """Is it a call of ANOMALY_DETECTION_BAND, with nothing around?"""
    expression = query.source.expression if isinstance(query.source, Math) else None
    return isinstance(expression, metricmath.Call) and expression.function == BAND


def _needed(query_id: str, queries: Sequence[MetricQuery]) -> tuple[MetricQuery, ...]:
    """A query, returned, and those it reads, also through others, as they came."""
    by_id = {query.id: query for query in queries}
    found: set[str] = set()
    waiting = [query_id]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _reads(by_id[name])
            if _calls(by_id[name], "METRICS"):
                waiting += [query.id for query in queries if isinstance(query.source, MetricStat)]
    return tuple(replace(query, returns=query.id == query_id) for query in queries if query.id in found)


def _calls(query: MetricQuery, function: str) -> bool:
    return isinstance(query.source, Math) and function in query.source.functions


def _check_bands(query_id: str, bands: Sequence[Band]) -> None:
    for band in bands:
        if not 0 < band.deviations < math.inf:
            # The text is ours: AWS's was not recorded.
            raise expression_failure(query_id, f"{BAND} takes a number of standard deviations above 0")
        check_learnable(band.queries, f"expression '{query_id}'")


def check_learnable(queries: Sequence[MetricQuery], where: str) -> None:
    """Raises Unsupported for what no band can be learned of."""
    for query in queries:
        if isinstance(query.source, Insights) or _calls(query, "SEARCH") or _calls(query, BAND):
            raise Unsupported(
                "anomaly detection over queries, searches and bands", where, code="ValidationException"
            )
