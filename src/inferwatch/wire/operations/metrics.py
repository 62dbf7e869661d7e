"""CloudWatch: metrics in, statistics out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.labels import label_members, label_queries
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat, check_period, check_queries
from inferwatch.engine.metricdata.run import Result, Window, run
from inferwatch.engine.metrics.statistics import SIMPLE, Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import AwsError, Unsupported, invalid_value, validation_failure
from inferwatch.model.limits import (
    DATAPOINTS_MAX,
    EVENT_MAX_AGE_MS,
    EVENT_MAX_FUTURE_MS,
    METRIC_VALUE_MAX,
    STATISTICS_MAX_DATAPOINTS,
)
from inferwatch.wire.operations.metric_query import describe_dimensions, dimensions_of, queries_of
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page

_LIST_PAGE = 500
_MULTIPLE_UNITS = "Multiple units returned: '[{}]'"


def _put_metric_data(engine: Engine, params: Params) -> Params:
    """All of a request is checked before any of it is stored."""
    namespace, data = params["Namespace"], params.get("MetricData", [])
    if namespace.startswith("AWS/"):
        raise invalid_value("The value AWS/ for parameter Namespace is invalid.")
    if not data:
        raise AwsError(
            "MissingRequiredParameterException",
            "At least one MetricDatum object must be present in the request.",
        )
    for position, datum in enumerate(data, start=1):
        _check_datum(datum, f"MetricData.member.{position}", engine.now_ms)
    for datum in data:
        _store(engine, Metric.of(namespace, datum["MetricName"], dimensions_of(datum)), datum)
    return {}


def _store(engine: Engine, metric: Metric, datum: Params) -> None:
    at_ms = datum.get("Timestamp", engine.now_ms)
    unit = datum.get("Unit", "None")
    # A statistic set beside Values wins. Source: recorded, 2026-09.
    if "StatisticValues" in datum:
        given = datum["StatisticValues"]
        engine.metrics.add_set(
            metric,
            at_ms,
            unit,
            count=given["SampleCount"],
            total=given["Sum"],
            minimum=given["Minimum"],
            maximum=given["Maximum"],
        )
    elif "Values" in datum:
        counts = datum.get("Counts", [1.0] * len(datum["Values"]))
        for value, count in zip(datum["Values"], counts, strict=True):
            engine.metrics.add(metric, at_ms, value, unit, count)
    else:
        engine.metrics.add(metric, at_ms, datum["Value"], unit)


def _check_datum(datum: Params, where: str, now_ms: int) -> None:
    """Source: answers of PutMetricData recorded 2026-09."""
    _check_forms(datum, where)
    _check_numbers(datum, where)
    dimensions_of(datum)
    resolution = datum.get("StorageResolution", 60)
    if resolution == 1:
        raise Unsupported("metrics of one-second resolution", f"{where}.StorageResolution")
    if resolution != 60:
        raise invalid_value(f"The parameter {where}.StorageResolution must be a value in the set [ 1, 60 ].")
    at_ms = datum.get("Timestamp", now_ms)
    if at_ms < now_ms - EVENT_MAX_AGE_MS:
        raise invalid_value(f"The parameter {where}.Timestamp must specify a time within the past two weeks.")
    if at_ms > now_ms + EVENT_MAX_FUTURE_MS:
        raise invalid_value(
            f"The parameter {where}.Timestamp must specify a time no more than two hours in the future."
        )


def _check_forms(datum: Params, where: str) -> None:
    if "Value" in datum:
        for other in ("Values", "StatisticValues"):
            if other in datum:
                raise AwsError(
                    "InvalidParameterCombinationException",
                    f"The parameters {where}.Value and {where}.{other} are mutually exclusive and you have "
                    "specified both.",
                )
    if "Counts" in datum and "Values" not in datum:
        raise AwsError(
            "InvalidParameterCombinationException",
            "The parameter values must appears when the counts parameter is specified.",
        )
    if not datum.keys() & {"Value", "Values", "StatisticValues"}:
        raise AwsError(
            "InvalidParameterCombinationException", "At least one of the parameters must be specified."
        )


def _check_numbers(datum: Params, where: str) -> None:
    for value in [datum["Value"]] if "Value" in datum else []:
        _check_value(value, f"{where}.Value")
    for value in datum.get("Values", []):
        _check_value(value, f"{where}.Values")
    if "Counts" in datum:
        if len(datum["Counts"]) != len(datum["Values"]):
            raise invalid_value(f"The parameters {where}.Values and {where}.Counts must be of the same size.")
        if any(not count >= 0 for count in datum["Counts"]):
            raise invalid_value(f"The parameter {where}.Counts must contain only values greater than 0.")
    given = datum.get("StatisticValues")
    if given is not None:
        for name, value in given.items():
            _check_value(value, f"{where}.StatisticValues.{name}")
        if given["SampleCount"] <= 0:
            raise invalid_value(f"The parameter {where}.StatisticValues.SampleCount must be greater than 0.")
        if given["Minimum"] > given["Maximum"]:
            raise invalid_value(
                f"The parameter {where}.StatisticValues.Maximum must be greater than "
                f"{where}.StatisticValues.Minimum."
            )


def _check_value(value: float, where: str) -> None:
    if not abs(value) <= METRIC_VALUE_MAX:
        raise invalid_value(f"The value {_java(value)} for parameter {where} is invalid.")


def _java(value: float) -> str:
    """A double as Java prints it: 4.6970851655476665E108."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value).replace("e+", "E").replace("e", "E")


def _get_metric_data(engine: Engine, params: Params) -> Params:
    start_ms, end_ms = params["StartTime"], params["EndTime"]
    if start_ms == end_ms:
        raise validation_failure("The parameter StartTime must not equal parameter EndTime.")
    if end_ms < start_ms:
        raise validation_failure("The parameter EndTime must be greater than StartTime.")
    if "NextToken" in params:
        raise AwsError("InvalidNextToken", "")
    queries = queries_of(params["MetricDataQueries"])
    check_queries(queries)
    results = run(
        queries,
        engine.metrics,
        Window(start_ms, end_ms).on_grid,
        visible=lambda: engine.metrics.visible(engine.now_ms),
        account_id=engine.realm.account_id,
    )
    returned = [query for query in queries if query.returns]
    limit = params.get("MaxDatapoints", DATAPOINTS_MAX)
    if sum(len(result.values) for query in returned for result in results[query.id]) > limit:
        raise Unsupported(f"more than {limit} datapoints in one answer", code="ValidationException")
    labels, members = label_queries(queries), label_members(queries)
    newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    # Metrics come before expressions, each in the order asked for. Source: recorded, 2026-09.
    ordered = sorted(returned, key=lambda query: not isinstance(query.source, MetricStat))
    return {
        "MetricDataResults": [
            _describe_result(query.id, _label(query, labels, members, result), result, newest_first)
            for query in ordered
            for result in results[query.id]
        ],
        "Messages": [],
    }


def _label(query: MetricQuery, labels: Mapping[str, str], members: Mapping[str, str], result: Result) -> str:
    """A series of an array has the array's own label before that of the query it is."""
    if not result.member:
        return labels[query.id]
    member = members.get(result.member, result.member)
    return member if query.label is None else f"{query.label} {member}"


def _describe_result(query_id: str, label: str, result: Result, newest_first: bool) -> Params:
    stamps = sorted(result.values, reverse=newest_first)
    entry: Params = {
        "Id": query_id,
        "Label": label,
        "Timestamps": stamps,
        "Values": [result.values[at] for at in stamps],
        "StatusCode": "Complete",
    }
    if result.mixed_units:
        named = ", ".join(sorted(result.mixed_units))
        entry["Messages"] = [{"Code": "MultipleUnits", "Value": _MULTIPLE_UNITS.format(named)}]
    return entry


def _get_metric_statistics(engine: Engine, params: Params) -> Params:
    start_ms, end_ms, period_s = params["StartTime"], params["EndTime"], params["Period"]
    if start_ms >= end_ms:
        raise invalid_value("The parameter StartTime must be less than the parameter EndTime.")
    check_period(period_s)
    points = (end_ms - start_ms) // (period_s * 1_000)
    if points > STATISTICS_MAX_DATAPOINTS:
        raise AwsError(
            "InvalidParameterCombinationException",
            f"You have requested up to {points} datapoints, which exceeds the limit of "
            f"{STATISTICS_MAX_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range.",
        )
    statistics = list(_statistics(params))
    metric = Metric.of(params["Namespace"], params["MetricName"], dimensions_of(params))
    window = Window(start_ms, end_ms).on_grid(period_s)
    stored = engine.metrics.units(metric, window.start_ms, window.end_ms)
    units = [params["Unit"]] if "Unit" in params else stored
    datapoints: list[Params] = []
    for unit in units:
        periods = engine.metrics.periods(metric, period_s, window.start_ms, window.end_ms, unit)
        merged: dict[int, Params] = {}
        for statistic in statistics:
            for at, summary in periods.items():
                value = statistic.of(summary)
                if value is None:
                    continue
                point = merged.setdefault(at, {"Timestamp": at, "Unit": unit})
                if statistic.is_extended:
                    point.setdefault("ExtendedStatistics", {})[statistic.name] = value
                else:
                    point[statistic.name] = value
        datapoints += merged.values()
    return {"Label": params["MetricName"], "Datapoints": datapoints}


def _statistics(params: Params) -> Iterable[Statistic]:
    simple, extended = params.get("Statistics", []), params.get("ExtendedStatistics", [])
    if not simple and not extended:
        raise AwsError(
            "InvalidParameterCombinationException",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        )
    for position, name in enumerate(simple, start=1):
        if name not in SIMPLE:
            raise invalid_value(
                f"The parameter Statistics.member.{position}.<list element> must be a value in the set "
                "[SampleCount, Average, Sum, Minimum, Maximum]."
            )
        yield Statistic(name)
    for name in extended:
        statistic = parse_statistic(name)
        if statistic is None:
            raise invalid_value(f"The value {name} for parameter ExtendedStatistics is not supported.")
        yield statistic


def _list_metrics(engine: Engine, params: Params) -> Params:
    wanted = {dimension["Name"]: dimension.get("Value") for dimension in params.get("Dimensions", [])}
    found = sorted(
        (
            metric
            for metric in engine.metrics.visible(engine.now_ms)
            if params.get("Namespace", metric.namespace) == metric.namespace
            and params.get("MetricName", metric.name) == metric.name
            and _has_dimensions(metric, wanted)
        ),
        key=_sort_key,
    )
    shown, token = page(
        found,
        _sort_key,
        params.get("NextToken"),
        _LIST_PAGE,
        lambda: invalid_value("Request parameter NextToken is invalid"),
    )
    return {"Metrics": [_describe_metric(metric) for metric in shown], "NextToken": token}


def _has_dimensions(metric: Metric, wanted: dict[str, str | None]) -> bool:
    held = dict(metric.dimensions)
    return all(name in held and value in (None, held[name]) for name, value in wanted.items())


def _sort_key(metric: Metric) -> str:
    return "\0".join((metric.namespace, metric.name, *(f"{n}\1{v}" for n, v in metric.dimensions)))


def _describe_metric(metric: Metric) -> dict[str, Any]:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": describe_dimensions(metric),
    }


OPERATIONS: Final = {
    "PutMetricData": Operation(_put_metric_data, "Namespace MetricData"),
    "GetMetricData": Operation(
        _get_metric_data, "MetricDataQueries StartTime EndTime ScanBy MaxDatapoints NextToken"
    ),
    "GetMetricStatistics": Operation(
        _get_metric_statistics,
        "Namespace MetricName Dimensions StartTime EndTime Period Statistics ExtendedStatistics Unit",
    ),
    "ListMetrics": Operation(_list_metrics, "Namespace MetricName Dimensions NextToken"),
}
