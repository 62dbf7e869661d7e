"""What AWS refuses of an alarm's configuration.

Source: CloudWatch API reference, "PutMetricAlarm"; texts recorded or posted in public, except where a comment
says that the text is ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from inferwatch.engine.alarms.alarm import Definition, MathSource, State
from inferwatch.engine.metricdata.query import Math, MetricStat, check_queries, gives_one_series
from inferwatch.model.errors import Unsupported, validation_failure
from inferwatch.model.limits import (
    ACTIONS_PER_STATE,
    ALARM_WINDOW_LONG_MAX_S,
    ALARM_WINDOW_SHORT_MAX_S,
    EXPRESSIONS_PER_ALARM,
    METRICS_PER_ALARM,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ARN = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+")
_HOUR_S = 3_600


def check(definition: Definition) -> None:
    """Raises AwsError, or Unsupported for what AWS has and this version lacks."""
    if _CONTROL.search(definition.name):
        raise validation_failure("AlarmName must not contain ASCII Control characters")
    if not math.isfinite(definition.threshold):
        raise validation_failure(f"Threshold {definition.threshold} is not a finite number")
    _check_periods(definition)
    _check_datapoints(definition)
    _check_low_samples(definition)
    if isinstance(definition.source, MathSource):
        _check_math(definition.source)
    for state in State:
        _check_actions(state, definition.actions(state))


def _check_periods(definition: Definition) -> None:
    period_s = definition.period_s
    if period_s not in (10, 20, 30) and (period_s < 60 or period_s % 60):
        raise validation_failure("Period must be 10, 20, 30 or a multiple of 60")
    if period_s < 60:
        raise Unsupported("alarm periods below 60 seconds", f"Period {period_s}", code="ValidationException")
    window_s = period_s * definition.evaluation_periods
    if period_s < _HOUR_S and window_s > ALARM_WINDOW_SHORT_MAX_S:
        raise validation_failure(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) "
            "for alarms using period < 3600"
        )
    if window_s > ALARM_WINDOW_LONG_MAX_S:
        raise validation_failure(
            "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= "
            "604800) for alarms using period >= 3600"
        )


def _check_datapoints(definition: Definition) -> None:
    needed = definition.datapoints_to_alarm
    if needed is not None and not 1 <= needed <= definition.evaluation_periods:
        # The text is ours: AWS's was not recorded.
        raise validation_failure(
            f"DatapointsToAlarm ({needed}) must be between 1 and EvaluationPeriods "
            f"({definition.evaluation_periods})"
        )


def _check_low_samples(definition: Definition) -> None:
    option = definition.low_sample_percentile
    if option is None:
        return
    if option not in ("evaluate", "ignore"):
        raise validation_failure(
            "Supported options for EvaluateLowSampleCountPercentile are evaluate and ignore."
        )
    source = definition.source
    if isinstance(source, MetricStat) and source.statistic.percentile is None:
        raise validation_failure(
            "Option evaluateLowSampleCountPercentile can not be applied with statistic "
            f"{source.statistic.name}. This option is enabled only for percentile statistics."
        )
    if isinstance(source, MathSource):
        raise Unsupported("EvaluateLowSampleCountPercentile on a math alarm", code="ValidationException")


def _check_math(source: MathSource) -> None:
    # Texts of this function are ours, except those of check_queries.
    check_queries(source.queries)
    returned = [query.id for query in source.queries if query.returns]
    if len(returned) != 1:
        raise validation_failure(f"Exactly one query of an alarm has ReturnData true; {returned} have")
    if not gives_one_series(source.queries, source.watched.id):
        raise validation_failure(
            f"Error in expression '{source.watched.id}': an alarm watches one time series"
        )
    periods = {query.source.period_s for query in source.queries if isinstance(query.source, MetricStat)}
    if len(periods) != 1:
        raise validation_failure(
            f"All metrics of a math alarm share one period; these have {sorted(periods)}"
        )
    expressions = sum(isinstance(query.source, Math) for query in source.queries)
    metrics = len(source.queries) - expressions
    if expressions > EXPRESSIONS_PER_ALARM or metrics > METRICS_PER_ALARM:
        raise validation_failure(
            f"An alarm has at most {METRICS_PER_ALARM} metrics and {EXPRESSIONS_PER_ALARM} expressions"
        )


def _check_actions(state: State, actions: Iterable[str]) -> None:
    arns = list(actions)
    if len(arns) > ACTIONS_PER_STATE:
        raise validation_failure(f"An alarm has at most {ACTIONS_PER_STATE} actions for the state {state}")
    for arn in arns:
        if not _ARN.fullmatch(arn):
            raise validation_failure(f"Invalid arn syntax: {arn}")
        if arn.split(":")[2] != "sns":
            raise Unsupported("alarm actions other than SNS topics", arn, code="ValidationException")
