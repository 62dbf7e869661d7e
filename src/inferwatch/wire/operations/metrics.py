"""CloudWatch: metrics in, statistics out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.labels import label_members, label_queries
from inferwatch.engine.metricdata.query import MetricQuery, MetricStat, check_period, check_queries
from inferwatch.engine.metricdata.run import Result, Window, run
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.retention import on_grid
from inferwatch.engine.metrics.statistics import SIMPLE, Statistic, parse_statistic
from inferwatch.engine.metrics.store import RECENTLY_ACTIVE_MS, VISIBLE_MS, Metric
from inferwatch.model.errors import AwsError, Unsupported, invalid_value, validation_failure
from inferwatch.model.limits import (
    DATAPOINTS_MAX,
    PUT_METRIC_DATA_MAX_BYTES,
    STATISTICS_MAX_DATAPOINTS,
)
from inferwatch.wire.operations.metric_query import describe_metric, dimensions_of, queries_of
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page
from inferwatch.wire.operations.put_metric_data import put_metric_data

_LIST_PAGE = 500
_MULTIPLE_UNITS = "Multiple units returned: '[{}]'"


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
        partial(Window(start_ms, end_ms).on_grid, now_ms=engine.now_ms),
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
    window = on_grid(start_ms, end_ms, period_s, engine.now_ms)
    datapoints: list[Params] = []
    if window is not None:
        for unit in [params["Unit"]] if "Unit" in params else engine.metrics.units(metric, *window):
            for at, summary in engine.metrics.periods(metric, period_s, *window, unit).items():
                point = _describe_point(statistics, summary)
                if point:
                    datapoints.append({"Timestamp": at, "Unit": unit, **point})
    return {"Label": params["MetricName"], "Datapoints": datapoints}


def _describe_point(statistics: Iterable[Statistic], summary: Histogram) -> Params:
    """Every statistic that the period has; nothing where it has none."""
    point: Params = {}
    for statistic in statistics:
        value = statistic.of(summary)
        if value is None:
            continue
        if statistic.is_extended:
            point.setdefault("ExtendedStatistics", {})[statistic.name] = value
        else:
            point[statistic.name] = value
    return point


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
        if statistic is None or not statistic.is_extended:
            raise invalid_value(f"The value {name} for parameter ExtendedStatistics is not supported.")
        yield statistic


def _list_metrics(engine: Engine, params: Params) -> Params:
    within_ms = VISIBLE_MS
    if "RecentlyActive" in params:
        if params["RecentlyActive"] != "PT3H":
            raise invalid_value("Request parameter recentlyActive value is invalid")
        within_ms = RECENTLY_ACTIVE_MS
    if params.get("OwningAccount", engine.realm.account_id) != engine.realm.account_id:
        raise Unsupported("metrics of another account", "OwningAccount")
    wanted = {dimension["Name"]: dimension.get("Value") for dimension in params.get("Dimensions", [])}
    found = sorted(
        (
            metric
            for metric in engine.metrics.visible(engine.now_ms, within_ms)
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
    answer: Params = {"Metrics": [describe_metric(metric) for metric in shown], "NextToken": token}
    if params.get("IncludeLinkedAccounts", False):
        answer["OwningAccounts"] = [engine.realm.account_id] * len(shown)
    return answer


def _has_dimensions(metric: Metric, wanted: dict[str, str | None]) -> bool:
    held = dict(metric.dimensions)
    return all(name in held and value in (None, held[name]) for name, value in wanted.items())


def _sort_key(metric: Metric) -> str:
    return "\0".join((metric.namespace, metric.name, *(f"{n}\1{v}" for n, v in metric.dimensions)))


OPERATIONS: Final = {
    "PutMetricData": Operation(
        put_metric_data,
        "Namespace MetricData EntityMetricData StrictEntityValidation",
        checks_itself=True,
        body_max_bytes=PUT_METRIC_DATA_MAX_BYTES,
    ),
    "GetMetricData": Operation(
        _get_metric_data, "MetricDataQueries StartTime EndTime ScanBy MaxDatapoints NextToken"
    ),
    "GetMetricStatistics": Operation(
        _get_metric_statistics,
        "Namespace MetricName Dimensions StartTime EndTime Period Statistics ExtendedStatistics Unit",
    ),
    "ListMetrics": Operation(
        _list_metrics,
        "Namespace MetricName Dimensions NextToken RecentlyActive IncludeLinkedAccounts OwningAccount",
    ),
}
