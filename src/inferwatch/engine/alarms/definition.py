"""A metric alarm's configuration, as PutMetricAlarm gave it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from inferwatch.engine.alarms.state import NO_RESPONSES, Responses
from inferwatch.engine.alarms.zones import Zone
from inferwatch.engine.metricdata.query import (
    Band,
    Insights,
    Math,
    MetricQuery,
    MetricStat,
    read_bands,
)

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


class BandComparison(StrEnum):
    """How a value may leave a band."""

    OUTSIDE = "LessThanLowerOrGreaterThanUpperThreshold"
    BELOW = "LessThanLowerThreshold"
    ABOVE = "GreaterThanUpperThreshold"

    @property
    def minds_lower(self) -> bool:
        return self is not BandComparison.ABOVE

    @property
    def minds_upper(self) -> bool:
        return self is not BandComparison.BELOW

    def is_breaching(self, value: float, lower: float, upper: float) -> bool:
        return (self.minds_lower and value < lower) or (self.minds_upper and value > upper)


class MissingData(StrEnum):
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class MathSource:
    """Queries of which exactly one is returned: the one the alarm watches; and its band, where it has one.

    Args:
        band_id: The id of the query that is the band.
    """

    queries: tuple[MetricQuery, ...]
    band_id: str | None = None

    @property
    def watched(self) -> MetricQuery:
        return next(query for query in self.queries if query.returns and query.id != self.band_id)

    @property
    def band(self) -> Band | None:
        """What the band is of."""
        source = next((query.source for query in self.queries if query.id == self.band_id), None)
        return read_bands(source, self.queries)[0] if isinstance(source, Math) else None

    @property
    def metrics(self) -> tuple[MetricStat, ...]:
        return tuple(query.source for query in self.queries if isinstance(query.source, MetricStat))

    @property
    def insights(self) -> Insights | None:
        """The Metrics Insights query among them."""
        sources = (query.source for query in self.queries)
        return next((source for source in sources if isinstance(source, Insights)), None)

    @property
    def period_s(self) -> int:
        """What all that it reads share."""
        sources = (query.source for query in self.queries)
        return next(source.period_s for source in sources if not isinstance(source, Math))

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
        threshold: In the metric's own unit; `None` where a band is the threshold.
    """

    name: str
    source: Source
    comparison: Comparison | BandComparison
    threshold: float | None
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
        is_silent = metrics and all(stat.metric.namespace == _SILENT_NAMESPACE for stat in metrics)
        return MissingData.IGNORE if is_silent else MissingData.MISSING

    @property
    def period_s(self) -> int:
        return self.source.period_s

    @property
    def band_id(self) -> str | None:
        """The id of the query that is the threshold, where a band is."""
        return self.source.band_id if isinstance(self.source, MathSource) else None

    @property
    def groups(self) -> tuple[str, ...]:
        """The keys of the series that are each watched for itself; none where one series is watched."""
        source = self.source.watched.source if isinstance(self.source, MathSource) else None
        return source.query.group if isinstance(source, Insights) else ()

    @property
    def watched_stat(self) -> MetricStat | None:
        """The metric that the alarm watches, unless it is an expression."""
        source = self.source if isinstance(self.source, MetricStat) else self.source.watched.source
        return source if isinstance(source, MetricStat) else None
