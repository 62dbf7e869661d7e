"""What makes a metric alarm's inputs valid, before anything is sent.

Source: terraform-provider-aws `metric_alarm.go` (schema and CustomizeDiff); API reference, "PutMetricAlarm".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from inferwatch.deploy.resources.handler import Problem, python_name
from inferwatch.deploy.values import Properties, Value
from inferwatch.model.limits import (
    ACTIONS_PER_STATE,
    ALARM_WINDOW_LONG_MAX_S,
    ALARM_WINDOW_SHORT_MAX_S,
)
from inferwatch.model.statistics import EXTENDED_STATISTIC, SIMPLE_STATISTICS

_OPERATORS: Final = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)
_MISSING: Final = ("breaching", "notBreaching", "ignore", "missing")
_LOW_SAMPLES: Final = ("evaluate", "ignore")
_SHORT_PERIODS_S: Final = (10, 20, 30)
_QUERY_SHORT_PERIODS_S: Final = (1, 5, 10, 20, 30)
_NAME_MAX_CHARS: Final = 255
_DESCRIPTION_MAX_CHARS: Final = 1_024
_BESIDE_QUERIES: Final = ("dimensions", "metricName", "namespace", "period", "statistic", "extendedStatistic")
_HOUR_S: Final = 3_600


def alarm_problems(inputs: Properties) -> Iterator[Problem]:
    """Yield everything wrong with an alarm whose properties are of the right kinds."""
    yield from _text_problems(inputs)
    yield from _choice_problems(inputs)
    yield from _source_problems(inputs)
    yield from _window_problems(inputs)
    yield from action_problems(inputs)
    if inputs.get("thresholdMetricId") is not None and inputs.get("threshold") is not None:
        yield Problem("threshold", "conflicts with threshold_metric_id")


def action_problems(inputs: Properties) -> Iterator[Problem]:
    """Yield where a metric or composite alarm has too many actions."""
    for key in ("alarmActions", "okActions", "insufficientDataActions"):
        actions = inputs.get(key)
        if isinstance(actions, list) and len(actions) > ACTIONS_PER_STATE:
            yield Problem(key, f"{len(actions)} given; at most {ACTIONS_PER_STATE} are allowed")


def _text_problems(inputs: Properties) -> Iterator[Problem]:
    name, description = inputs["name"], inputs.get("alarmDescription")
    if isinstance(name, str) and not 1 <= len(name) <= _NAME_MAX_CHARS:
        yield Problem("name", f"{len(name)} characters; expected 1-{_NAME_MAX_CHARS}")
    if isinstance(description, str) and len(description) > _DESCRIPTION_MAX_CHARS:
        yield Problem(
            "alarmDescription", f"{len(description)} characters; at most {_DESCRIPTION_MAX_CHARS} are allowed"
        )


def _choice_problems(inputs: Properties) -> Iterator[Problem]:
    for key, allowed in (
        ("comparisonOperator", _OPERATORS),
        ("statistic", SIMPLE_STATISTICS),
        ("treatMissingData", _MISSING),
        ("evaluateLowSampleCountPercentiles", _LOW_SAMPLES),
    ):
        value = inputs.get(key)
        if isinstance(value, str) and value not in allowed:
            yield Problem(key, f"expected one of {', '.join(allowed)}; got {value!r}")
    extended = inputs.get("extendedStatistic")
    if isinstance(extended, str) and not EXTENDED_STATISTIC.fullmatch(extended):
        yield Problem(
            "extendedStatistic", f"expected a statistic like p99, tm90 or TM(2%:98%), got {extended!r}"
        )


def _source_problems(inputs: Properties) -> Iterator[Problem]:
    queries = inputs.get("metricQueries")
    if not queries:
        if inputs.get("metricName") is None:
            yield Problem("metricName", "an alarm needs metric_name or metric_queries")
        elif (inputs.get("statistic") is None) == (inputs.get("extendedStatistic") is None):
            yield Problem("statistic", "metric_name needs exactly one of statistic and extended_statistic")
        return
    for key in _BESIDE_QUERIES:
        if inputs.get(key) is not None:
            yield Problem("metricQueries", f"conflicts with {python_name(key)}")
    for query in queries if isinstance(queries, list) else ():
        if isinstance(query, dict):
            yield from _query_problems(query)


def _query_problems(query: Properties) -> Iterator[Problem]:
    where = f"metricQueries[{query['id']}]"
    expression, metric = query.get("expression"), query.get("metric")
    if (expression is None) == (metric is None):
        yield Problem(where, "needs exactly one of expression and metric")
    yield from _period_problem(f"{where}.period", query.get("period"), _QUERY_SHORT_PERIODS_S)
    if isinstance(metric, dict):
        yield from _period_problem(f"{where}.metric.period", metric["period"], _QUERY_SHORT_PERIODS_S)


def _window_problems(inputs: Properties) -> Iterator[Problem]:
    periods, wanted = inputs["evaluationPeriods"], inputs.get("datapointsToAlarm")
    if isinstance(periods, int) and periods < 1:
        yield Problem("evaluationPeriods", f"expected at least 1, got {periods}")
    if isinstance(wanted, int) and wanted < 1:
        yield Problem("datapointsToAlarm", f"expected at least 1, got {wanted}")
    if isinstance(wanted, int) and isinstance(periods, int) and wanted > periods:
        yield Problem("datapointsToAlarm", f"{wanted} of {periods} evaluation periods can never breach")
    period = inputs.get("period")
    yield from _period_problem("period", period, _SHORT_PERIODS_S)
    if isinstance(period, int) and isinstance(periods, int):
        longest = ALARM_WINDOW_SHORT_MAX_S if period < _HOUR_S else ALARM_WINDOW_LONG_MAX_S
        if period * periods > longest:
            yield Problem("evaluationPeriods", f"{periods} periods of {period} s are more than {longest:,} s")


def _period_problem(where: str, period: Value, short: tuple[int, ...]) -> Iterator[Problem]:
    if isinstance(period, int) and period not in short and (period < 60 or period % 60 != 0):
        allowed = ", ".join(str(seconds) for seconds in short)
        yield Problem(where, f"expected {allowed} or a multiple of 60 seconds, got {period}")
