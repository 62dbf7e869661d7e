"""What an alarm is: its configuration, its state, its history."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from inferwatch.engine.metricdata.query import Math, MetricQuery, MetricStat


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


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
    def period_s(self) -> int:
        return next(query.source.period_s for query in self.queries if isinstance(query.source, MetricStat))

    @property
    def is_math(self) -> bool:
        return any(isinstance(query.source, Math) for query in self.queries)


Source: TypeAlias = MetricStat | MathSource


@dataclass(frozen=True, slots=True)
class Definition:
    """An alarm's configuration as PutMetricAlarm gave it; `None` where it gave nothing.

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
    actions_enabled: bool = True
    ok_actions: tuple[str, ...] = ()
    alarm_actions: tuple[str, ...] = ()
    insufficient_data_actions: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """M of M out of N."""
        return self.datapoints_to_alarm or self.evaluation_periods

    @property
    def missing(self) -> MissingData:
        return self.treat_missing_data or MissingData.MISSING

    @property
    def period_s(self) -> int:
        return self.source.period_s

    def actions(self, state: State) -> tuple[str, ...]:
        match state:
            case State.OK:
                return self.ok_actions
            case State.ALARM:
                return self.alarm_actions
            case State.INSUFFICIENT_DATA:
                return self.insufficient_data_actions


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A decided state. `reason_data` is the JSON object of StateReasonData."""

    state: State
    reason: str
    reason_data: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of an alarm's history; `data` is the JSON text of HistoryData."""

    alarm: str
    timestamp_ms: int
    kind: str
    summary: str
    data: str


@dataclass(slots=True)
class Alarm:
    """A configured alarm and the state it is in."""

    definition: Definition
    arn: str
    configured_ms: int
    state_updated_ms: int
    evaluation: Evaluation
    tags: dict[str, str] = field(default_factory=dict)
    history: list[HistoryItem] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.evaluation.state


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, with all that a notification says of it."""

    alarm: Alarm
    previous: Evaluation
    current: Evaluation
    at_ms: int
