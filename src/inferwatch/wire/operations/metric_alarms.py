"""CloudWatch: metric alarms, put and described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from inferwatch.engine.alarms.alarm import MetricAlarm
from inferwatch.engine.alarms.definition import (
    BandComparison,
    Comparison,
    Definition,
    EvaluationWindow,
    MathSource,
    MissingData,
    SlidingWindow,
    Source,
    WallClock,
    WarmUp,
)
from inferwatch.engine.alarms.state import Responses, State
from inferwatch.engine.alarms.zones import offset_or_named_zone
from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.insights import MIN_PERIOD_S
from inferwatch.engine.metricdata.query import Insights, MetricStat
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import invalid_value, validation_failure
from inferwatch.wire.operations.metric_query import (
    describe_dimensions,
    describe_query,
    dimensions_of,
    queries_of,
    refuse_foreign,
)
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.tags import tags_of

PARTIAL_DATA: Final = "PARTIAL_DATA"
IN_WARM_UP: Final = "IN_WARM_UP"
"""Source: CloudWatch User Guide, "Alarm warm-up periods"; the service model does not name it yet."""

_SINGLE_MEMBERS = (
    "MetricName",
    "Namespace",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
)
_SEARCH = re.compile(r"\bSEARCH\s*\(")


def _put_metric_alarm(engine: Engine, params: Params) -> Params:
    refuse_foreign(params.get("Metrics", []), engine.realm.account_id)
    engine.alarms.put(_definition(params), tags_of(params), engine.now_ms)
    return {}


def _definition(params: Params) -> Definition:
    """Source: texts recorded from the real service, or posted in public."""
    comparison = params.get("ComparisonOperator")
    compares = Comparison if comparison in list(Comparison) else BandComparison
    if comparison not in list(compares):
        raise validation_failure("PutMetricAlarm request should have a valid ComparisonOperator parameter")
    _check_threshold(params, of_band=compares is BandComparison)
    if "EvaluationPeriods" not in params:
        raise validation_failure("PutMetricAlarm request should have an EvaluationPeriods parameter")
    missing = params.get("TreatMissingData")
    if missing is not None and missing not in list(MissingData):
        raise validation_failure(
            "Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing."
        )
    return Definition(
        name=params["AlarmName"],
        source=_math(params) if params.get("Metrics") else _single(params),
        comparison=compares(comparison),
        threshold=params.get("Threshold"),
        evaluation_periods=params["EvaluationPeriods"],
        datapoints_to_alarm=params.get("DatapointsToAlarm"),
        treat_missing_data=None if missing is None else MissingData(missing),
        low_sample_percentile=params.get("EvaluateLowSampleCountPercentile"),
        description=params.get("AlarmDescription"),
        responses=responses_of(params),
        window=_window(params),
        warm_up=_warm_up(params),
    )


def _check_threshold(params: Params, *, of_band: bool) -> None:
    """Source: refusals posted in public; API reference, "PutMetricAlarm". Those of pairs have our words."""
    if not of_band and "Threshold" not in params:
        raise validation_failure("PutMetricAlarm request should have valid Threshold parameter")
    if not of_band and "ThresholdMetricId" in params:
        raise validation_failure("ThresholdMetricId should be set for ComparisonOperators for ranges only")
    if of_band and "ThresholdMetricId" not in params:
        raise validation_failure("ComparisonOperators for ranges require ThresholdMetricId to be set")
    if of_band and "Threshold" in params:
        raise validation_failure("Threshold should not be set if ThresholdMetricId is set")
    if of_band and not params.get("Metrics"):
        raise validation_failure("ThresholdMetricId should be set with a list of Metrics only")


def responses_of(params: Params) -> Responses:
    return Responses(
        enabled=params.get("ActionsEnabled", True),
        ok=tuple(params.get("OKActions", [])),
        alarm=tuple(params.get("AlarmActions", [])),
        insufficient_data=tuple(params.get("InsufficientDataActions", [])),
    )


def describe_responses(responses: Responses) -> Params:
    return {
        "ActionsEnabled": responses.enabled,
        "OKActions": list(responses.to(State.OK)),
        "AlarmActions": list(responses.to(State.ALARM)),
        "InsufficientDataActions": list(responses.to(State.INSUFFICIENT_DATA)),
    }


def _math(params: Params) -> MathSource:
    single = next((name for name in _SINGLE_MEMBERS if params.get(name)), None)
    if single is not None:
        # Source: an answer posted in public, 2019-01, for Statistic.
        raise validation_failure(f"{single} should not be set if list of Metrics is set.")
    if any(_SEARCH.search(query.get("Expression", "")) for query in params["Metrics"]):
        raise validation_failure("SEARCH is not supported on Metric Alarms.")
    source = MathSource(queries_of(params["Metrics"], "Metrics"), params.get("ThresholdMetricId"))
    if source.insights is not None and min(_periods(params, source)) < MIN_PERIOD_S:
        raise validation_failure("MetricsInsights monitors do not support less than 60 seconds period")
    if not source.metrics and source.insights is None:
        # The text is ours: AWS's was not recorded.
        raise validation_failure("At least one of Metrics has a MetricStat, or is a Metrics Insights query")
    return source


def _periods(params: Params, source: MathSource) -> Iterator[int]:
    """The periods asked for of queries; what was read of them has the minute at least."""
    for given, query in zip(params["Metrics"], source.queries, strict=True):
        if isinstance(query.source, Insights):
            yield given["Period"]


def _single(params: Params) -> MetricStat:
    for name in ("MetricName", "Namespace", "Period"):
        if not params.get(name):
            # Source: an answer posted in public, 2019-03, for MetricName.
            raise validation_failure(f"{name} must not be null")
    metric = Metric.of(params["Namespace"], params["MetricName"], dimensions_of(params))
    return MetricStat(metric, params["Period"], _statistic(params), params.get("Unit"))


def _statistic(params: Params) -> Statistic:
    simple, extended = params.get("Statistic"), params.get("ExtendedStatistic")
    if simple is not None and extended is not None:
        raise validation_failure(
            "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. "
            "Only one of them should be present"
        )
    name, parameter = (simple, "Statistic") if extended is None else (extended, "ExtendedStatistic")
    if name is None:
        raise validation_failure("PutMetricAlarm request should have a Statistic parameter")
    statistic = parse_statistic(name)
    if statistic is None or statistic.is_extended is (parameter == "Statistic"):
        raise invalid_value(f"The value {name} for parameter {parameter} is not supported.")
    return statistic


def _window(params: Params) -> EvaluationWindow | None:
    given = params.get("EvaluationWindow")
    if not given:
        return None
    if len(given) > 1:
        # This text and the next are ours: AWS's were not recorded.
        raise validation_failure("EvaluationWindow is either a SlidingWindow or a WallClockWindow")
    if "SlidingWindow" in given:
        return SlidingWindow()
    name = given["WallClockWindow"].get("Timezone")
    zone = offset_or_named_zone("Z" if name is None else name)
    if zone is None:
        raise validation_failure(
            f"The Timezone {name} is neither a name of the IANA database nor an offset from UTC in steps of "
            "five minutes"
        )
    return WallClock(zone, name)


def _describe_window(window: EvaluationWindow | None) -> Params | None:
    match window:
        case None:
            return None
        case SlidingWindow():
            return {"SlidingWindow": {}}
        case WallClock(timezone=timezone):
            return {"WallClockWindow": {} if timezone is None else {"Timezone": timezone}}


def _warm_up(params: Params) -> WarmUp | None:
    given = params.get("WarmUpConfiguration")
    if not given:
        return None
    return WarmUp(
        given["WarmUpPeriodDurationInMinutes"], given.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds")
    )


def _describe_warm_up(warm_up: WarmUp | None) -> Params | None:
    if warm_up is None:
        return None
    return {
        "WarmUpPeriodDurationInMinutes": warm_up.minutes,
        "OnlyStartEvaluatingAfterWarmUpPeriodEnds": warm_up.is_whole,
    }


def _describe_alarms_for_metric(engine: Engine, params: Params) -> Params:
    simple, extended = params.get("Statistic"), params.get("ExtendedStatistic")
    if simple is not None and extended is not None:
        # The text is ours: AWS's was not recorded.
        raise validation_failure("Statistic and ExtendedStatistic are mutually exclusive")
    metric = Metric.of(params["Namespace"], params["MetricName"], dimensions_of(params))
    statistic = simple or extended
    return {
        "MetricAlarms": [
            describe_metric_alarm(alarm, engine.now_ms)
            for alarm in engine.alarms.all()
            if isinstance(alarm, MetricAlarm)
            and isinstance(source := alarm.definition.source, MetricStat)
            and source.metric == metric
            and statistic in (None, source.statistic.name)
            and params.get("Period") in (None, source.period_s)
            and params.get("Unit") in (None, source.unit)
        ]
    }


def describe_metric_alarm(alarm: MetricAlarm, now_ms: int) -> Params:
    """What PutMetricAlarm gave: an omitted member stays absent. Source: recorded, 2026-09."""
    definition = alarm.definition
    return {
        "AlarmName": definition.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": definition.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_ms,
        **describe_responses(definition.responses),
        "StateValue": alarm.state,
        "StateReason": alarm.newest.reason,
        "StateReasonData": alarm.newest.reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_ms,
        **_describe_source(definition.source),
        "EvaluationPeriods": definition.evaluation_periods,
        "DatapointsToAlarm": definition.datapoints_to_alarm,
        "Threshold": definition.threshold,
        "ThresholdMetricId": definition.band_id,
        "ComparisonOperator": definition.comparison,
        "TreatMissingData": definition.treat_missing_data,
        "EvaluateLowSampleCountPercentile": definition.low_sample_percentile,
        "EvaluationState": _evaluation_state(alarm, now_ms),
        "StateTransitionedTimestamp": alarm.transitioned_ms,
        "EvaluationWindow": _describe_window(definition.window),
        "WarmUpConfiguration": _describe_warm_up(definition.warm_up),
    }


def _evaluation_state(alarm: MetricAlarm, now_ms: int) -> str | None:
    if alarm.is_warming(now_ms):
        return IN_WARM_UP
    return PARTIAL_DATA if alarm.is_partial else None


def _describe_source(source: Source) -> dict[str, Any]:
    if isinstance(source, MathSource):
        return {"Metrics": [describe_query(query) for query in source.queries]}
    statistic = source.statistic
    return {
        "MetricName": source.metric.name,
        "Namespace": source.metric.namespace,
        "Statistic": None if statistic.is_extended else statistic.name,
        "ExtendedStatistic": statistic.name if statistic.is_extended else None,
        "Dimensions": describe_dimensions(source.metric),
        "Period": source.period_s,
        "Unit": source.unit,
    }


OPERATIONS: Final = {
    "PutMetricAlarm": Operation(
        _put_metric_alarm,
        "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName "
        "Namespace Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm "
        "Threshold ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics Tags "
        "ThresholdMetricId EvaluationWindow WarmUpConfiguration",
        is_kept=True,
    ),
    "DescribeAlarmsForMetric": Operation(
        _describe_alarms_for_metric,
        "MetricName Namespace Statistic ExtendedStatistic Dimensions Period Unit",
    ),
}
