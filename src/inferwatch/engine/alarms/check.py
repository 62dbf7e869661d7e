"""What AWS refuses of a metric alarm's configuration.

Source: CloudWatch API reference, "PutMetricAlarm"; User Guide, "Alarm evaluation window"; texts recorded or
posted in public.
Differs: AWS's texts about the queries of an alarm, about its band and about wall-clock windows were not all
recorded; ours say what is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from inferwatch.engine.alarms.actions import SCALING, action_kind, check_metric
from inferwatch.engine.alarms.definition import Definition, MathSource, WallClock
from inferwatch.engine.alarms.state import Responses, State
from inferwatch.engine.alarms.window import WALL_CLOCK_PERIODS_S
from inferwatch.engine.metricdata.query import BAND, Insights, MetricStat, Type, check_queries, is_band
from inferwatch.model.errors import Unsupported, expression_failure, validation_failure
from inferwatch.model.limits import (
    ALARM_WINDOW_LONG_MAX_S,
    ALARM_WINDOW_SHORT_MAX_S,
    EXPRESSIONS_PER_ALARM,
    INSIGHTS_ALARM_WINDOW_MAX_S,
    METRICS_PER_ALARM,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOUR_S = 3_600
_SHORT_PERIODS_S = (10, 20, 30)


def check(definition: Definition) -> None:
    """Raises AwsError, or Unsupported for what AWS has and this version lacks."""
    check_name(definition.name)
    if definition.threshold is not None and not math.isfinite(definition.threshold):
        raise validation_failure("PutMetricAlarm request should have valid Threshold parameter")
    source = definition.source
    if isinstance(source, MathSource):
        _check_band(source, definition.responses)
        _check_queries(source)
        _check_insights(source, definition)
    for stat in (source,) if isinstance(source, MetricStat) else source.metrics:
        _check_period(stat.period_s, definition.evaluation_periods)
    _check_datapoints(definition)
    _check_low_samples(definition)
    _check_window(definition)
    check_metric(definition.responses, _named(definition))


def _named(definition: Definition) -> Iterable[str] | None:
    """The names of what tells one watched thing from another; `None` where math hides them."""
    source = definition.source
    if isinstance(source, MetricStat):
        return [name for name, _ in source.metric.dimensions]
    return definition.groups or None


def check_name(name: str) -> None:
    """Raises AwsError (ValidationException)."""
    if _CONTROL.search(name):
        raise validation_failure("AlarmName must not contain ASCII Control characters")


def _check_period(period_s: int, evaluation_periods: int) -> None:
    if period_s not in _SHORT_PERIODS_S and (period_s < 60 or period_s % 60):
        raise validation_failure("Period must be 10, 20, 30 or a multiple of 60")
    window_s = period_s * evaluation_periods
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
    """Source: an answer posted in public, 2020-02."""
    needed = definition.datapoints_to_alarm
    if needed is not None and needed > definition.evaluation_periods:
        raise validation_failure("DatapointsToAlarm must be less than or equal to EvaluationPeriods")


def _check_low_samples(definition: Definition) -> None:
    option = definition.low_sample_percentile
    if option is None:
        return
    if option not in ("evaluate", "ignore"):
        raise validation_failure(
            "Supported options for EvaluateLowSampleCountPercentile are evaluate and ignore."
        )
    stat = definition.watched_stat
    if stat is None:
        raise Unsupported("EvaluateLowSampleCountPercentile on a math alarm", code="ValidationException")
    if stat.statistic.percentile is None:
        raise validation_failure(
            "Option evaluateLowSampleCountPercentile can not be applied with statistic "
            f"{stat.statistic.name}. This option is enabled only for percentile statistics."
        )


def _check_window(definition: Definition) -> None:
    if isinstance(definition.window, WallClock) and definition.period_s not in WALL_CLOCK_PERIODS_S:
        known = ", ".join(map(str, WALL_CLOCK_PERIODS_S))
        raise validation_failure(f"With a WallClockWindow the period must be one of {known} seconds")


def _check_queries(source: MathSource) -> None:
    types = check_queries(source.queries)
    returned = [query.id for query in source.queries if query.returns and query.id != source.band_id]
    if len(returned) != 1:
        raise validation_failure(f"Exactly one query of an alarm has ReturnData true; {len(returned)} have")
    watched = source.watched.source
    if types[source.watched.id] is not Type.SERIES and not isinstance(watched, Insights):
        raise expression_failure(source.watched.id, "an alarm watches one time series")
    periods = {stat.period_s for stat in source.metrics}
    if source.insights is not None:
        periods.add(source.insights.period_s)
    if len(periods) != 1:
        raise validation_failure(
            f"All metrics of a math alarm share one period; these have {', '.join(map(str, sorted(periods)))}"
        )
    expressions = sum(not isinstance(query.source, MetricStat) for query in source.queries)
    if expressions > EXPRESSIONS_PER_ALARM or len(source.metrics) > METRICS_PER_ALARM:
        raise validation_failure(
            f"An alarm has at most {METRICS_PER_ALARM} metrics and {EXPRESSIONS_PER_ALARM} expressions"
        )


def _check_band(source: MathSource, responses: Responses) -> None:
    """Source: refusals posted in public, 2020 and 2023; API reference, "PutMetricAlarm"."""
    if source.band_id is None:
        return
    band = next((query for query in source.queries if query.id == source.band_id), None)
    if band is None or not is_band(band):
        raise validation_failure(f"Threshold metric expression must use {BAND} function.")
    if not band.returns:
        raise validation_failure("A band alarm has ReturnData true for its metric and for its band")
    for state in State:
        for arn in responses.to(state):
            if action_kind(arn).words == SCALING:
                raise validation_failure(
                    f"{SCALING} are not supported on alarms with a ThresholdMetricId: {arn}"
                )


def _check_insights(source: MathSource, definition: Definition) -> None:
    """Source: CloudWatch API reference, "PutMetricAlarm"; User Guide, "Alarm evaluation window"."""
    if source.insights is None:
        return
    counted = definition.evaluation_periods + isinstance(definition.window, WallClock)
    if source.insights.period_s * counted > INSIGHTS_ALARM_WINDOW_MAX_S:
        raise validation_failure("MetricsInsights monitors cannot be checked across more than 3 hours")
    if definition.groups and source.insights.query.order is None:
        raise validation_failure("A query with GROUP BY has an ORDER BY too where an alarm watches it")
