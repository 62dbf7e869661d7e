"""One condition → one metric alarm: its metric or its queries, how long it must be bad, its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inferwatch.catalog.expressions import OPERATORS, Condition, Term
from inferwatch.catalog.watches import MINUTE_S, Missing, Severity
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.notify import actions
from inferwatch.infra.plan.queries import Queries
from inferwatch.infra.plan.resource import METRIC_ALARM, Resource
from inferwatch.infra.plan.scope import Series
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Value
from inferwatch.infra.plan.words import span
from inferwatch.model.limits import METRICS_PER_ALARM
from inferwatch.model.statistics import SIMPLE_STATISTICS

_NAME_MAX_CHARS: Final = 255
_DESCRIPTION_MAX_CHARS: Final = 1_024


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`datapoints` of the last `periods` must be bad, and what a period without a datapoint counts as."""

    period_s: int
    datapoints: int
    periods: int
    missing: Missing

    def __str__(self) -> str:
        """`3 of 5 minutes`, `30 minutes`, `1 hour`."""
        if self.datapoints == self.periods:
            return span(self.period_s * self.periods)
        times = "minutes" if self.period_s == MINUTE_S else f"times {span(self.period_s)}"
        return f"{self.datapoints} of {self.periods} {times}"


def metric_alarm(
    spec: Spec,
    key: str,
    condition: Condition,
    series_of: Callable[[Term], Series],
    rhythm: Rhythm,
    description: str,
    told: Sequence[Value],
    *,
    label: str = "",
) -> Resource:
    """An alarm; `told` are its actions, both when it rings and when it is over.

    Raises:
        UsageError: AWS would refuse it.
    """
    properties: dict[str, Value] = {
        **alarm_words(spec, key, description),
        **_watched(condition, series_of, rhythm.period_s, label),
        "comparison_operator": OPERATORS[condition.comparison],
        "threshold": condition.threshold,
        "evaluation_periods": rhythm.periods,
        "datapoints_to_alarm": rhythm.datapoints,
        "treat_missing_data": rhythm.missing,
        **alarm_ends(spec, told),
    }
    if (count := metrics_read(properties)) > METRICS_PER_ALARM:
        raise refuse(key, f"reads {count} metrics; an alarm reads at most {METRICS_PER_ALARM}")
    return Resource(METRIC_ALARM, key, f"{spec.name}/{key}", properties)


def metrics_read(properties: Mapping[str, Value]) -> int:
    """How many metrics an alarm reads: each is billed as one alarm."""
    queries = properties.get("metric_queries")
    if not isinstance(queries, list):
        return 1
    return sum("metric" in query for query in queries)


def alarm_words(spec: Spec, key: str, description: str) -> dict[str, Value]:
    """Name and description. Source: CloudWatch API reference, "PutMetricAlarm"."""
    name = f"{spec.name}/{key}"
    if len(name) > _NAME_MAX_CHARS:
        raise refuse(
            key, f"the alarm's name has {len(name)} characters; at most {_NAME_MAX_CHARS} are allowed"
        )
    if len(description) > _DESCRIPTION_MAX_CHARS:
        raise refuse(
            key,
            f"its description has {len(description)} characters; at most {_DESCRIPTION_MAX_CHARS} fit",
        )
    return {"name": name, "alarm_description": description}


def alarm_ends(spec: Spec, told: Sequence[Value]) -> dict[str, Value]:
    """What happens when it rings and when it is over, and its tags."""
    ends: dict[str, Value] = {}
    if told:
        ends |= {"alarm_actions": list(told), "ok_actions": list(told)}
    if spec.tags:
        ends["tags"] = dict(spec.tags)
    return ends


def told_by(spec: Spec, severity: Severity) -> Sequence[Value]:
    """A warning tells at once; a critical alarm rings through the one composite that pages."""
    return actions(spec.notify, severity) if severity == "warning" else ()


def _watched(
    condition: Condition, series_of: Callable[[Term], Series], period_s: int, label: str
) -> dict[str, Value]:
    if isinstance(condition.expression, Term):
        series = series_of(condition.expression)
        if series.scale == 1:
            return _single(series, period_s)
    queries = Queries(series_of)
    text = queries.text(condition.expression)
    watched: dict[str, Value] = {"id": "watched", "expression": text, "return_data": True}
    if label:
        watched["label"] = label
    return {"metric_queries": [*metric_queries(queries.series, period_s), watched]}


def _single(series: Series, period_s: int) -> dict[str, Value]:
    kind = "statistic" if series.statistic in SIMPLE_STATISTICS else "extended_statistic"
    return {**_metric(series), kind: series.statistic, "period": period_s}


def metric_queries(series: Mapping[str, Series], period_s: int) -> list[Value]:
    """The queries that an expression reads; none of them is the result."""
    return [{"id": query_id, "metric": metric_stat(each, period_s)} for query_id, each in series.items()]


def metric_stat(series: Series, period_s: int) -> dict[str, Value]:
    """A series as a metric query names it."""
    return {**_metric(series), "stat": series.statistic, "period": period_s}


def _metric(series: Series) -> dict[str, Value]:
    named: dict[str, Value] = {"namespace": series.namespace, "metric_name": series.name}
    if series.dimensions:
        named["dimensions"] = dict(series.dimensions)
    return named
