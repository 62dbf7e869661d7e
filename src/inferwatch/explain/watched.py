"""What a metric alarm compares, as DescribeAlarms tells it.

Of an alarm's configuration the engine's decision needs little: how many periods of which length, how missing
data count, which percentile is watched. Expressions are left to the endpoint to evaluate, so alarms on
expressions that the engine lacks are explained too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from inferwatch.drawing.api import Shape
from inferwatch.engine import metricmath
from inferwatch.engine.alarms.definition import (
    BandComparison,
    Comparison,
    Definition,
    EvaluationWindow,
    MathSource,
    MissingData,
    Source,
    WallClock,
)
from inferwatch.engine.alarms.zones import offset_or_named_zone
from inferwatch.engine.metricdata.query import Math, MetricQuery, MetricStat
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import Unsupported

# The engine's table is asked about breaching or not, whatever was compared: a breach is 1, else it is 0.
_BREACH: Final = Comparison.GREATER
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold, or the band that a query gives.

    Args:
        threshold: `None` where there is a band.
    """

    operator: str
    threshold: float | None

    def is_breaching(self, value: float, low: float | None, high: float | None) -> bool:
        """Is the value on the wrong side of the threshold, or outside of the band's low and high side?"""
        if self.threshold is not None:
            return Comparison(self.operator).is_breaching(value, self.threshold)
        lower, upper = -math.inf if low is None else low, math.inf if high is None else high
        return BandComparison(self.operator).is_breaching(value, lower, upper)


@dataclass(frozen=True, slots=True)
class Watched:
    """A metric alarm's queries, and what is made of them.

    Args:
        queries: As GetMetricData takes them; every one is returned.
        watched: Id of the query that is compared.
        band: Id of the query that gives the band.
        definition: What the engine's decision needs; datapoints are 1 where they breach.
    """

    queries: tuple[Shape, ...]
    watched: str
    band: str | None
    limit: Limit
    definition: Definition

    @property
    def query(self) -> Shape:
        return next(query for query in self.queries if query["Id"] == self.watched)


def watched_of(shape: Shape) -> Watched:
    """Raises Unsupported for what no engine of ours decides: an alarm of PromQL, an operator of tomorrow."""
    queries = tuple(_queries(shape))
    if not queries:
        raise Unsupported("alarms that watch no metric", shape["AlarmName"])
    band = shape.get("ThresholdMetricId")
    given = shape.get("Metrics") or []
    returned = [query["Id"] for query in given if query.get("ReturnData", True) and query["Id"] != band]
    limit = _limit(shape)
    return Watched(
        queries, returned[0] if returned else queries[0]["Id"], band, limit, _definition(shape, queries)
    )


def _limit(shape: Shape) -> Limit:
    operator, threshold = shape.get("ComparisonOperator", ""), shape.get("Threshold")
    if shape.get("ThresholdMetricId"):
        if operator in list(BandComparison):
            return Limit(operator, None)
    elif threshold is not None and operator in list(Comparison):
        return Limit(operator, threshold)
    raise Unsupported(
        f"the comparison {operator} with {'a band' if threshold is None else threshold}", shape["AlarmName"]
    )


def _queries(shape: Shape) -> list[Shape]:
    if not shape.get("MetricName"):
        given = shape.get("Metrics") or []
        return [
            {name: value for name, value in query.items() if value is not None} | {"ReturnData": True}
            for query in given
        ]
    metric = {name: shape.get(name) or [] for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {
        "Metric": metric,
        "Period": shape["Period"],
        "Stat": shape.get("ExtendedStatistic") or shape.get("Statistic"),
    }
    if shape.get("Unit"):
        stat["Unit"] = shape["Unit"]
    return [{"Id": "m1", "MetricStat": stat, "ReturnData": True}]


def _definition(shape: Shape, queries: tuple[Shape, ...]) -> Definition:
    missing = shape.get("TreatMissingData")
    if missing and missing not in list(MissingData):
        raise Unsupported(f"the treatment {missing} of missing data", shape["AlarmName"])
    return Definition(
        name=shape["AlarmName"],
        source=_source(queries),
        comparison=_BREACH,
        threshold=_HALF,
        evaluation_periods=shape["EvaluationPeriods"],
        datapoints_to_alarm=shape.get("DatapointsToAlarm"),
        treat_missing_data=MissingData(missing) if missing else None,
        low_sample_percentile=shape.get("EvaluateLowSampleCountPercentile"),
        window=_window(shape),
    )


def _source(queries: tuple[Shape, ...]) -> Source:
    """What is watched, as far as its evaluation depends on it: an expression stands for all of them."""
    metrics = [_stat(query["MetricStat"]) for query in queries if "MetricStat" in query]
    expressions = [query for query in queries if "MetricStat" not in query]
    if not expressions:
        return metrics[0]
    if not metrics:
        metrics = [MetricStat(Metric("", ""), expressions[0].get("Period", 60), Statistic("Sum"))]
    named = [MetricQuery(f"m{at}", stat, returns=False) for at, stat in enumerate(metrics)]
    return MathSource((*named, MetricQuery("e", Math("m0", metricmath.parse("m0", "e")))))


def _stat(stat: Shape) -> MetricStat:
    metric = stat["Metric"]
    dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []}
    return MetricStat(
        Metric.of(metric["Namespace"], metric["MetricName"], dimensions),
        stat["Period"],
        parse_statistic(stat["Stat"]) or Statistic(stat["Stat"]),
        stat.get("Unit"),
    )


def _window(shape: Shape) -> EvaluationWindow | None:
    given = (shape.get("EvaluationWindow") or {}).get("WallClockWindow")
    if given is None:
        return None
    name = given.get("Timezone")
    zone = offset_or_named_zone(name or "Z")
    if zone is None:
        raise Unsupported(f"the time zone {name}", shape["AlarmName"])
    return WallClock(zone, name)
