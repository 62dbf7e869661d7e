"""Alarms on what is unusual.

Source: CloudWatch User Guide, "Using CloudWatch anomaly detection".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from inferwatch.catalog.expressions import Term
from inferwatch.catalog.metrics import METRICS
from inferwatch.infra.plan.alarm import alarm_ends, alarm_words, metric_stat, told_by
from inferwatch.infra.plan.resource import METRIC_ALARM, Resource
from inferwatch.infra.plan.scope import Scopes, Series
from inferwatch.infra.plan.spec import Anomaly, Spec
from inferwatch.infra.plan.values import Value
from inferwatch.infra.plan.words import description, plain, span

PERIODS: Final = 3
_OPERATORS: Final = {
    "above": "GreaterThanUpperThreshold",
    "below": "LessThanLowerThreshold",
    "both": "LessThanLowerOrGreaterThanUpperThreshold",
}
_WHERE: Final = {"above": "above", "below": "below", "both": "outside of"}


def anomaly_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """One for each that is asked for, of all inferences."""
    for anomaly in spec.anomalies:
        metric = METRICS[anomaly.metric]
        series = scopes.of_all(Term(metric.key, metric.statistics[0]))
        key = f"anomaly/{anomaly.metric}/{anomaly.severity}"
        properties: dict[str, Value] = {
            **alarm_words(spec, key, _words(spec, anomaly, series)),
            "metric_queries": _watched(anomaly, series),
            "threshold_metric_id": "band",
            "comparison_operator": _OPERATORS[anomaly.direction],
            "evaluation_periods": PERIODS,
            "datapoints_to_alarm": PERIODS,
            "treat_missing_data": "notBreaching",
            **alarm_ends(spec, told_by(spec, anomaly.severity)),
        }
        yield Resource(METRIC_ALARM, key, f"{spec.name}/{key}", properties)


def _watched(anomaly: Anomaly, series: Series) -> list[Value]:
    return [
        {"id": "watched", "metric": metric_stat(series, anomaly.period_s), "return_data": True},
        {
            "id": "band",
            "expression": f"ANOMALY_DETECTION_BAND(watched, {plain(anomaly.deviations)})",
            "label": f"{series.name}, as usual",
            "return_data": True,
        },
    ]


def _words(spec: Spec, anomaly: Anomaly, series: Series) -> str:
    return description(
        f"{series.name} ({series.statistic}) {_WHERE[anomaly.direction]} what is usual for the hour and the "
        f"weekday, for {span(PERIODS * anomaly.period_s)}.",
        f"Unusual is not bad by itself. {METRICS[anomaly.metric].about}",
        "Compare with the same hour of last week on the dashboard; look for a release or a campaign.",
        spec.runbook(),
    )
