"""CloudWatch: metrics in, their statistics and names out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.stat import check_period
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.retention import on_grid
from inferwatch.engine.metrics.statistics import SIMPLE, Statistic, parse_statistic
from inferwatch.engine.metrics.store import RECENTLY_ACTIVE_MS, VISIBLE_MS, Metric
from inferwatch.model.errors import Unsupported, invalid_combination, invalid_value
from inferwatch.model.limits import PUT_METRIC_DATA_MAX_BYTES, STATISTICS_MAX_DATAPOINTS
from inferwatch.wire.operations.metric_query import describe_metric, dimensions_of
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page
from inferwatch.wire.operations.put_metric_data import put_metric_data

_LIST_PAGE = 500


def _get_metric_statistics(engine: Engine, params: Params) -> Params:
    start_ms, end_ms, period_s = params["StartTime"], params["EndTime"], params["Period"]
    if start_ms >= end_ms:
        raise invalid_value("The parameter StartTime must be less than the parameter EndTime.")
    check_period(period_s)
    points = (end_ms - start_ms) // (period_s * 1_000)
    if points > STATISTICS_MAX_DATAPOINTS:
        raise invalid_combination(
            f"You have requested up to {points} datapoints, which exceeds the limit of "
            f"{STATISTICS_MAX_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range.",
        )
    statistics = list(_statistics(params))
    metric = Metric.of(params["Namespace"], params["MetricName"], dimensions_of(params))
    window = on_grid(start_ms, end_ms, period_s, engine.now_ms)
    is_binned = any(statistic.is_extended for statistic in statistics)
    datapoints: list[Params] = []
    if window is not None:
        for unit in [params["Unit"]] if "Unit" in params else engine.metrics.units(metric, *window):
            found = engine.metrics.periods(metric, period_s, *window, unit, binned=is_binned)
            for at, summary in found.items():
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
        raise invalid_combination(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified."
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
    "GetMetricStatistics": Operation(
        _get_metric_statistics,
        "Namespace MetricName Dimensions StartTime EndTime Period Statistics ExtendedStatistics Unit",
    ),
    "ListMetrics": Operation(
        _list_metrics,
        "Namespace MetricName Dimensions NextToken RecentlyActive IncludeLinkedAccounts OwningAccount",
    ),
}
