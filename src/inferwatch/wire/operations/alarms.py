"""CloudWatch: metric alarms."""

from __future__ import annotations

import json
from typing import Any, Final

from inferwatch.engine.alarms.alarm import (
    Alarm,
    Comparison,
    Definition,
    Evaluation,
    HistoryItem,
    MathSource,
    MissingData,
    Source,
    State,
)
from inferwatch.engine.alarms.history import compact
from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.query import MetricStat
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import AwsError, Unsupported, invalid_value, validation_failure
from inferwatch.model.text import is_whole
from inferwatch.wire.operations.metric_query import (
    describe_dimensions,
    describe_query,
    dimensions_of,
    queries_of,
)
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import numbered_page, page
from inferwatch.wire.operations.tags import describe_tags, tags_of, untag

_PAGE = 100
_SINGLE_MEMBERS = (
    "MetricName",
    "Namespace",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
)


def _put_metric_alarm(engine: Engine, params: Params) -> Params:
    tags = tags_of(params)
    if any(key.startswith("aws:") for key in tags):
        # The text is ours: AWS's was not recorded.
        raise AwsError("AccessDenied", "Tag keys that start with aws: are AWS's own", status=403)
    engine.alarms.put(_definition(params), tags, engine.now_ms)
    return {}


def _definition(params: Params) -> Definition:
    """Source: texts recorded from the real service, or posted in public."""
    comparison = params.get("ComparisonOperator")
    if comparison is None:
        raise validation_failure("PutMetricAlarm request should have a valid ComparisonOperator parameter")
    if comparison not in list(Comparison):
        raise Unsupported(f"the comparison operator {comparison}", code="ValidationException")
    if "Threshold" not in params:
        raise validation_failure("PutMetricAlarm request should have valid Threshold parameter")
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
        comparison=Comparison(comparison),
        threshold=params["Threshold"],
        evaluation_periods=params["EvaluationPeriods"],
        datapoints_to_alarm=params.get("DatapointsToAlarm"),
        treat_missing_data=None if missing is None else MissingData(missing),
        low_sample_percentile=params.get("EvaluateLowSampleCountPercentile"),
        description=params.get("AlarmDescription"),
        actions_enabled=params.get("ActionsEnabled", True),
        ok_actions=tuple(params.get("OKActions", [])),
        alarm_actions=tuple(params.get("AlarmActions", [])),
        insufficient_data_actions=tuple(params.get("InsufficientDataActions", [])),
    )


def _math(params: Params) -> MathSource:
    single = [name for name in _SINGLE_MEMBERS if params.get(name)]
    if single:
        # The text is ours: AWS's was not recorded.
        raise validation_failure(f"Metrics cannot be given together with {', '.join(single)}")
    source = MathSource(queries_of(params["Metrics"], "Metrics"))
    if not any(isinstance(query.source, MetricStat) for query in source.queries):
        raise validation_failure("At least one of Metrics has a MetricStat")
    return source


def _single(params: Params) -> MetricStat:
    for name in ("MetricName", "Namespace", "Period"):
        if not params.get(name):
            # The text is ours: AWS's was not recorded.
            raise validation_failure(f"PutMetricAlarm request should have a {name} parameter, or Metrics")
    metric = Metric.of(params["Namespace"], params["MetricName"], dimensions_of(params))
    return MetricStat(metric, params["Period"], _statistic(params), params.get("Unit"))


def _statistic(params: Params) -> Statistic:
    simple, extended = params.get("Statistic"), params.get("ExtendedStatistic")
    if simple is not None and extended is not None:
        raise validation_failure(
            "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. "
            "Only one of them should be present"
        )
    name = simple or extended
    if name is None:
        raise validation_failure("PutMetricAlarm request should have a Statistic parameter")
    statistic = parse_statistic(name)
    if statistic is None:
        raise invalid_value(f"The value {name} for parameter ExtendedStatistic is not supported.")
    return statistic


def _describe_alarms(engine: Engine, params: Params) -> Params:
    if "AlarmNames" in params and "AlarmNamePrefix" in params:
        raise validation_failure("AlarmNames and AlarmNamePrefix are mutually exclusive")
    names = params.get("AlarmNames")
    found = [
        alarm
        for alarm in engine.alarms.all()
        if (names is None or alarm.definition.name in names)
        and alarm.definition.name.startswith(params.get("AlarmNamePrefix", ""))
        and params.get("StateValue", alarm.state) == alarm.state
        and _has_action(alarm.definition, params.get("ActionPrefix"))
    ]
    # Without AlarmTypes only metric alarms are listed, and this engine has no others.
    if "MetricAlarm" not in params.get("AlarmTypes", ["MetricAlarm"]):
        found = []
    shown, token = page(
        found,
        lambda alarm: alarm.definition.name,
        params.get("NextToken"),
        params.get("MaxRecords", _PAGE),
        _bad_token,
    )
    return {
        "MetricAlarms": [_describe(alarm) for alarm in shown],
        "CompositeAlarms": [],
        "LogAlarms": [],
        "NextToken": token,
    }


def _bad_token() -> AwsError:
    return AwsError("InvalidNextToken", "")


def _has_action(definition: Definition, prefix: str | None) -> bool:
    return prefix is None or any(
        action.startswith(prefix) for state in State for action in definition.actions(state)
    )


def _describe_alarms_for_metric(engine: Engine, params: Params) -> Params:
    metric = Metric.of(params["Namespace"], params["MetricName"], dimensions_of(params))
    statistic = params.get("Statistic", params.get("ExtendedStatistic"))
    return {
        "MetricAlarms": [
            _describe(alarm)
            for alarm in engine.alarms.all()
            if isinstance(source := alarm.definition.source, MetricStat)
            and source.metric == metric
            and statistic in (None, source.statistic.name)
            and params.get("Period") in (None, source.period_s)
            and params.get("Unit") in (None, source.unit)
        ]
    }


def _describe(alarm: Alarm) -> Params:
    """What PutMetricAlarm gave: an omitted member stays absent. Source: recorded, 2026-09."""
    definition = alarm.definition
    data = alarm.evaluation.reason_data
    return {
        "AlarmName": definition.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": definition.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_ms,
        "ActionsEnabled": definition.actions_enabled,
        "OKActions": list(definition.ok_actions),
        "AlarmActions": list(definition.alarm_actions),
        "InsufficientDataActions": list(definition.insufficient_data_actions),
        "StateValue": alarm.state,
        "StateReason": alarm.evaluation.reason,
        "StateReasonData": None if data is None else compact(data),
        "StateUpdatedTimestamp": alarm.state_updated_ms,
        **_describe_source(definition.source),
        "EvaluationPeriods": definition.evaluation_periods,
        "DatapointsToAlarm": definition.datapoints_to_alarm,
        "Threshold": definition.threshold,
        "ComparisonOperator": definition.comparison,
        "TreatMissingData": definition.treat_missing_data,
        "EvaluateLowSampleCountPercentile": definition.low_sample_percentile,
        "StateTransitionedTimestamp": alarm.state_updated_ms,
    }


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


def _delete_alarms(engine: Engine, params: Params) -> Params:
    engine.alarms.delete(params["AlarmNames"], engine.now_ms)
    return {}


def _set_alarm_state(engine: Engine, params: Params) -> Params:
    text = params.get("StateReasonData")
    data = None
    if text is not None:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or not is_whole(compact(data)):
            raise AwsError("InvalidFormatFault", "StateReasonData must be a JSON object")
    evaluation = Evaluation(State(params["StateValue"]), params["StateReason"], data)
    engine.alarms.set_state(params["AlarmName"], evaluation, engine.now_ms)
    return {}


def _enable_actions(engine: Engine, params: Params) -> Params:
    engine.alarms.enable_actions(params["AlarmNames"], True, engine.now_ms)
    return {}


def _disable_actions(engine: Engine, params: Params) -> Params:
    engine.alarms.enable_actions(params["AlarmNames"], False, engine.now_ms)
    return {}


def _describe_history(engine: Engine, params: Params) -> Params:
    types = params.get("AlarmTypes", ["MetricAlarm"])
    found = [
        item
        for item in engine.alarms.history()
        if params.get("AlarmName") in (None, item.alarm)
        and params.get("HistoryItemType") in (None, item.kind)
        and params.get("StartDate", 0) <= item.timestamp_ms <= params.get("EndDate", item.timestamp_ms)
        and "MetricAlarm" in types
    ]
    if params.get("ScanBy") == "TimestampAscending":
        found.reverse()
    limit = params.get("MaxRecords", _PAGE)
    shown, token = numbered_page(found, params.get("NextToken"), limit, _bad_token)
    return {"AlarmHistoryItems": [_describe_item(item) for item in shown], "NextToken": token}


def _describe_item(item: HistoryItem) -> Params:
    return {
        "AlarmName": item.alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": item.timestamp_ms,
        "HistoryItemType": item.kind,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    }


def _list_tags(engine: Engine, params: Params) -> Params:
    """Tags of an alarm that is gone are an empty list. Source: recorded, 2026-09."""
    alarm = engine.alarms.by_arn(params["ResourceARN"])
    return describe_tags(alarm.tags if alarm is not None else {})


def _tag(engine: Engine, params: Params) -> Params:
    _tagged(engine, params).tags |= tags_of(params)
    return {}


def _untag(engine: Engine, params: Params) -> Params:
    untag(_tagged(engine, params).tags, params)
    return {}


def _tagged(engine: Engine, params: Params) -> Alarm:
    alarm = engine.alarms.by_arn(params["ResourceARN"])
    if alarm is None:
        raise AwsError("ResourceNotFoundException", f"No alarm has the ARN {params['ResourceARN']}")
    return alarm


OPERATIONS: Final = {
    "PutMetricAlarm": Operation(
        _put_metric_alarm,
        "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName "
        "Namespace Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm "
        "Threshold ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics Tags",
        is_kept=True,
    ),
    "DescribeAlarms": Operation(
        _describe_alarms, "AlarmNames AlarmNamePrefix AlarmTypes StateValue ActionPrefix MaxRecords NextToken"
    ),
    "DescribeAlarmsForMetric": Operation(
        _describe_alarms_for_metric,
        "MetricName Namespace Statistic ExtendedStatistic Dimensions Period Unit",
    ),
    "DeleteAlarms": Operation(_delete_alarms, "AlarmNames", is_kept=True),
    "SetAlarmState": Operation(
        _set_alarm_state, "AlarmName StateValue StateReason StateReasonData", is_kept=True
    ),
    "EnableAlarmActions": Operation(_enable_actions, "AlarmNames", is_kept=True),
    "DisableAlarmActions": Operation(_disable_actions, "AlarmNames", is_kept=True),
    "DescribeAlarmHistory": Operation(
        _describe_history,
        "AlarmName AlarmTypes HistoryItemType StartDate EndDate MaxRecords NextToken ScanBy",
    ),
    "ListTagsForResource": Operation(_list_tags, "ResourceARN"),
    "TagResource": Operation(_tag, "ResourceARN Tags", is_kept=True),
    "UntagResource": Operation(_untag, "ResourceARN TagKeys", is_kept=True),
}
