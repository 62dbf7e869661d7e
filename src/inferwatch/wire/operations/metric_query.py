"""MetricDataQuery and Dimensions in AWS's casing ↔ the engine's values, shared by metrics and alarms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inferwatch.engine import metricinsights, metricmath
from inferwatch.engine.metricdata.insights import MIN_PERIOD_S
from inferwatch.engine.metricdata.query import (
    Insights,
    Math,
    MetricQuery,
    MetricStat,
    check_period,
    statistic_of,
)
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import Unsupported, expression_failure, invalid_value, validation_failure


def dimensions_of(params: dict[str, Any]) -> dict[str, str]:
    """Raises AwsError (InvalidParameterValueException) for a name that comes twice."""
    given = params.get("Dimensions", [])
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in given}
    if len(dimensions) < len(given):
        raise invalid_value("No metric may specify the same dimension name twice.")
    return dimensions


def describe_dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions]


def describe_metric(metric: Metric) -> dict[str, Any]:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": describe_dimensions(metric),
    }


def refuse_foreign(given: Iterable[dict[str, Any]], account_id: str) -> None:
    """Raises Unsupported for a query of another account."""
    for query in given:
        if query.get("AccountId", account_id) != account_id:
            where = f"AccountId of {query['Id']}"
            raise Unsupported("queries of another account", where, code="ValidationException")


def queries_of(given: list[dict[str, Any]], parameter: str = "MetricDataQueries") -> tuple[MetricQuery, ...]:
    """Raises AwsError (ValidationException)."""
    return tuple(_query(query, f"{parameter}.member.{n}") for n, query in enumerate(given, start=1))


def _query(given: dict[str, Any], where: str) -> MetricQuery:
    stat, expression = given.get("MetricStat"), given.get("Expression")
    if stat is not None and expression is not None:
        raise validation_failure(
            f"The parameters {where}.Expression and {where}.MetricStat are mutually exclusive and you have "
            "specified both."
        )
    if stat is None and expression is None:
        # The text is ours: AWS's was not recorded.
        raise validation_failure(f"Either {where}.Expression or {where}.MetricStat must be specified.")
    source = _stat(stat, where) if stat is not None else _expression(given)
    return MetricQuery(
        given["Id"], source, given.get("Label"), given.get("ReturnData", True), given.get("AccountId")
    )


def _expression(given: dict[str, Any]) -> Math | Insights:
    query_id, text, period_s = given["Id"], given["Expression"], given.get("Period")
    if period_s is not None:
        check_period(period_s)
    if not metricinsights.is_query(text):
        return Math(text, metricmath.parse(text, query_id), period_s)
    if period_s is None:
        raise expression_failure(query_id, "Period is a required field when using query within an expression")
    return Insights(text, metricinsights.parse(text, query_id), max(period_s, MIN_PERIOD_S))


def _stat(given: dict[str, Any], where: str) -> MetricStat:
    metric = given["Metric"]
    for name in ("Namespace", "MetricName"):
        if not metric.get(name):
            # The text is ours: AWS's was not recorded.
            raise validation_failure(f"{where}.MetricStat.Metric should have a {name}")
    check_period(given["Period"])
    return MetricStat(
        Metric.of(metric["Namespace"], metric["MetricName"], dimensions_of(metric)),
        given["Period"],
        statistic_of(given["Stat"], where),
        given.get("Unit"),
    )


def describe_query(query: MetricQuery) -> dict[str, Any]:
    """The query as PutMetricAlarm gave it."""
    entry: dict[str, Any] = {"Id": query.id}
    source = query.source
    if isinstance(source, MetricStat):
        entry["MetricStat"] = {
            "Metric": describe_metric(source.metric),
            "Period": source.period_s,
            "Stat": source.statistic.name,
            "Unit": source.unit,
        }
    else:
        entry |= {"Expression": source.text, "Period": source.period_s}
    entry["Label"] = query.label
    entry["ReturnData"] = query.returns
    entry["AccountId"] = query.account_id
    return entry
