"""A metric alarm's configuration, as PutMetricAlarm gave it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from inferwatch.engine.alarms.state import NO_RESPONSES, Responses
from inferwatch.engine.alarms.zones import Zone
from inferwatch.engine.metricdata.query import Math, MetricQuery, MetricStat

_SILENT_NAMESPACE = "AWS/DynamoDB"


class Comparison(StrEnum):
    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    GREATER = "GreaterThanThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"

    def is_breaching(self, value: float, threshold: float) -> bool:
        match self:
            case Comparison.GREATER_OR_EQUAL:
                return value >= threshold
            case Comparison.GREATER:
                return value > threshold
            case Comparison.LESS:
                return value < threshold
            case Comparison.LESS_OR_EQUAL:
                return value <= threshold

    @property
    def words(self) -> str:
        match self:
            case Comparison.GREATER_OR_EQUAL:
                return "greater than or equal to"
            case Comparison.GREATER:
                return "greater than"
            case Comparison.LESS:
                return "less than"
            case Comparison.LESS_OR_EQUAL:
                return "less than or equal to"


class MissingData(StrEnum):
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class MathSource:
    """Queries of which exactly one is returned: the one the alarm watches."""

    queries: tuple[MetricQuery, ...]

    @property
    def watched(self) -> MetricQuery:
        return next(query for query in self.queries if query.returns)

    @property
    def metrics(self) -> tuple[MetricStat, ...]:
        return tuple(query.source for query in self.queries if isinstance(query.source, MetricStat))

    @property
    def period_s(self) -> int:
        return next(query.source.period_s for query in self.queries if isinstance(query.source, MetricStat))

    @property
    def is_math(self) -> bool:
        return any(isinstance(query.source, Math) for query in self.queries)


Source: TypeAlias = MetricStat | MathSource


@dataclass(frozen=True, slots=True)
class WallClock:
    """Periods that begin with the clock's minutes, hours, days and weeks; `timezone` is as it was given."""

    zone: Zone
    timezone: str | None


@dataclass(frozen=True, slots=True)
class SlidingWindow:
    """Asked for by name; the same as no window at all."""


EvaluationWindow: TypeAlias = WallClock | SlidingWindow


@dataclass(frozen=True, slots=True)
class WarmUp:
    """No evaluation for `minutes` after creation, or until the window is full unless `is_whole`."""

    minutes: int
    is_whole: bool | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric alarm's configuration; `None` where the call gave nothing.

    Args:
        threshold: In the metric's own unit.
    """

    name: str
    source: Source
    comparison: Comparison
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int | None = None
    treat_missing_data: MissingData | None = None
    low_sample_percentile: str | None = None
    description: str | None = None
    responses: Responses = NO_RESPONSES
    window: EvaluationWindow | None = None
    warm_up: WarmUp | None = None

    @property
    def needed(self) -> int:
        """M of M out of N."""
        return self.datapoints_to_alarm or self.evaluation_periods

    @property
    def missing(self) -> MissingData:
        """Source: User Guide, "Configuring how CloudWatch alarms treat missing data"; recorded, 2026-09."""
        if self.treat_missing_data is not None:
            return self.treat_missing_data
        source = self.source
        metrics = (source,) if isinstance(source, MetricStat) else source.metrics
        is_silent = all(stat.metric.namespace == _SILENT_NAMESPACE for stat in metrics)
        return MissingData.IGNORE if is_silent else MissingData.MISSING

    @property
    def period_s(self) -> int:
        return self.source.period_s

    @property
    def watched_stat(self) -> MetricStat | None:
        """The metric that the alarm watches, unless it is an expression."""
        source = self.source if isinstance(self.source, MetricStat) else self.source.watched.source
        return source if isinstance(source, MetricStat) else None
