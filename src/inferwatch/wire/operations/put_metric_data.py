"""PutMetricData: all of a request is checked before any of it is stored.

Its checks have words of their own, other than those of every other operation, and several faults of values
are told together, a line each.

Source: answers recorded 2026-09; texts of the real service that its users posted (sizes, lengths, ASCII,
units).
Differs: where a fault's text was never seen (a missing member of a list, a colon or nothing but space in a
dimension, an infinite count) it is made in the likeness of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from inferwatch.engine.engine import Engine
from inferwatch.engine.metrics.addition import Addition, CountedValues, StatisticSet, Values
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import invalid_combination, invalid_value, missing_parameter
from inferwatch.model.limits import (
    DATA_PER_PUT,
    DIMENSION_VALUE_MAX_CHARS,
    DIMENSIONS_PER_METRIC,
    EVENT_MAX_AGE_MS,
    EVENT_MAX_FUTURE_MS,
    METRIC_NAME_MAX_CHARS,
    METRIC_VALUE_MAX,
    VALUES_PER_DATUM,
)
from inferwatch.wire.java import java_text
from inferwatch.wire.models import service_model
from inferwatch.wire.operations.entities import entity_fault
from inferwatch.wire.operations.metric_query import dimensions_of
from inferwatch.wire.operations.operation import HEADERS, Params


def put_metric_data(engine: Engine, params: Params) -> Params:
    """Entities are checked and change nothing: they only relate metrics to other telemetry."""
    namespace, now_ms = _namespace(params), engine.now_ms
    placed = list(_data(params))
    if not placed:
        raise missing_parameter("At least one MetricDatum object must be present in the request.")
    if len(placed) > DATA_PER_PUT:
        raise invalid_value(_too_many("MetricData", DATA_PER_PUT))
    faults: list[str] = []
    for where, datum in placed:
        _check_shape(datum, where)
        faults += _faults(datum, where, now_ms)
    if faults:
        raise invalid_value("\n".join(faults))
    metrics = [Metric.of(namespace, datum["MetricName"], dimensions_of(datum)) for _, datum in placed]
    fault = entity_fault(params.get("EntityMetricData", []))
    if fault is not None and params.get("StrictEntityValidation", False):
        raise invalid_value(f"{fault.code}: {fault.text}")
    engine.add_metrics(
        [_addition(metric, datum, now_ms) for metric, (_, datum) in zip(metrics, placed, strict=True)]
    )
    return {} if fault is None else {HEADERS: {"x-amzn-failure-message": fault.code}}


def _namespace(params: Params) -> str:
    namespace = params.get("Namespace")
    if not namespace:
        raise missing_parameter("The parameter Namespace is required.")
    if namespace.startswith("AWS/"):
        raise invalid_value("The value AWS/ for parameter Namespace is invalid.")
    faults = [*_text_faults(namespace, "Namespace", METRIC_NAME_MAX_CHARS)]
    if faults:
        raise invalid_value("\n".join(faults))
    return str(namespace)


def _data(params: Params) -> Iterator[tuple[str, Params]]:
    """(its name in messages, datum), those of entities last."""
    for position, datum in enumerate(params.get("MetricData", []), start=1):
        yield f"MetricData.member.{position}", datum
    for number, related in enumerate(params.get("EntityMetricData", []), start=1):
        for position, datum in enumerate(related.get("MetricData", []), start=1):
            yield f"EntityMetricData.member.{number}.MetricData.member.{position}", datum


def _addition(metric: Metric, datum: Params, now_ms: int) -> Addition:
    at_ms = datum.get("Timestamp", now_ms)
    unit = datum.get("Unit", "None")
    resolution_s = datum.get("StorageResolution", 60)
    # A statistic set beside Values wins. Source: recorded, 2026-09.
    if "StatisticValues" in datum:
        given = datum["StatisticValues"]
        count, total, minimum, maximum = (
            float(given[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")
        )
        return StatisticSet(metric, at_ms, unit, count, total, minimum, maximum, resolution_s)
    values = [float(value) for value in ([datum["Value"]] if "Value" in datum else datum["Values"])]
    if "Counts" in datum and "Value" not in datum:
        counts = [float(count) for count in datum["Counts"]]
        return CountedValues(metric, at_ms, unit, values, counts, resolution_s)
    return Values(metric, at_ms, unit, values, resolution_s)


def _check_shape(datum: Params, where: str) -> None:
    """What is there and what is not: raised at once, for nothing more can be said of such a datum."""
    if not datum.get("MetricName"):
        raise missing_parameter(f"The parameter {where}.MetricName is required.")
    for position, dimension in enumerate(datum.get("Dimensions", []), start=1):
        for name in ("Name", "Value"):
            if not dimension.get(name):
                raise missing_parameter(
                    f"The parameter {where}.Dimensions.member.{position}.{name} is required."
                )
    for name in ("SampleCount", "Sum", "Minimum", "Maximum"):
        if name not in datum.get("StatisticValues", {name: None}):
            raise missing_parameter(f"The parameter {where}.StatisticValues.{name} is required.")
    _check_forms(datum, where)


def _check_forms(datum: Params, where: str) -> None:
    if "Value" in datum:
        for other in ("Values", "StatisticValues"):
            if other in datum:
                raise invalid_combination(
                    f"The parameters {where}.Value and {where}.{other} are mutually exclusive and you have "
                    "specified both."
                )
    if "Counts" in datum and "Values" not in datum:
        raise invalid_combination("The parameter values must appears when the counts parameter is specified.")
    if "Value" not in datum and not datum.get("Values") and "StatisticValues" not in datum:
        raise invalid_combination("At least one of the parameters must be specified.")


def _faults(datum: Params, where: str, now_ms: int) -> Iterator[str]:
    yield from _text_faults(datum["MetricName"], f"{where}.MetricName", METRIC_NAME_MAX_CHARS)
    yield from _dimension_faults(datum.get("Dimensions", []), where)
    yield from _number_faults(datum, where)
    if "StatisticValues" in datum:
        yield from _set_faults(datum["StatisticValues"], f"{where}.StatisticValues")
    if datum.get("Unit", "None") not in _units():
        yield f"The parameter {where}.Unit must be a value in the set [ {', '.join(_units())} ]."
    if datum.get("StorageResolution", 60) not in (1, 60):
        yield f"The parameter {where}.StorageResolution must be a value in the set [ 1, 60 ]."
    at_ms = datum.get("Timestamp", now_ms)
    if at_ms < now_ms - EVENT_MAX_AGE_MS:
        yield f"The parameter {where}.Timestamp must specify a time within the past two weeks."
    if at_ms > now_ms + EVENT_MAX_FUTURE_MS:
        yield f"The parameter {where}.Timestamp must specify a time no more than two hours in the future."


def _dimension_faults(dimensions: list[dict[str, str]], where: str) -> Iterator[str]:
    if len(dimensions) > DIMENSIONS_PER_METRIC:
        yield _too_many(f"{where}.Dimensions", DIMENSIONS_PER_METRIC)
    if len({dimension["Name"] for dimension in dimensions}) < len(dimensions):
        yield "No metric may specify the same dimension name twice."
    for position, dimension in enumerate(dimensions, start=1):
        path = f"{where}.Dimensions.member.{position}"
        name, value = dimension["Name"], dimension["Value"]
        yield from _text_faults(name, f"{path}.Name", METRIC_NAME_MAX_CHARS)
        yield from _text_faults(value, f"{path}.Value", DIMENSION_VALUE_MAX_CHARS)
        if name.startswith(":") or name.isspace():
            yield _invalid(name, f"{path}.Name")
        if value.isspace():
            yield _invalid(value, f"{path}.Value")


def _text_faults(text: str, where: str, max_chars: int) -> Iterator[str]:
    """A line break is no ASCII character either. Source: posted by a user of the service, 2012.

    Differs: what AWS says of other control characters was not recorded.
    """
    if not text.isascii() or "\n" in text:
        yield f"The value for parameter {where} contains non-ASCII characters."
    elif not text.isprintable():
        yield f"The value for parameter {where} contains ASCII control characters."
    if len(text) > max_chars:
        yield f"The parameter {where} must be shorter than {max_chars + 1} characters."


def _number_faults(datum: Params, where: str) -> Iterator[str]:
    yield from _value_faults([datum["Value"]] if "Value" in datum else [], f"{where}.Value")
    values, counts = datum.get("Values", []), datum.get("Counts")
    if len(values) > VALUES_PER_DATUM:
        yield _too_many(f"{where}.Values", VALUES_PER_DATUM)
    yield from _value_faults(values, f"{where}.Values")
    if counts is None:
        return
    if len(counts) != len(values):
        yield f"The parameters {where}.Values and {where}.Counts must be of the same size."
    if any(count < 0 for count in counts):
        yield f"The parameter {where}.Counts must contain only values greater than 0."
    yield from _value_faults([count for count in counts if not count < 0], f"{where}.Counts")


def _set_faults(given: dict[str, float], where: str) -> Iterator[str]:
    for name, value in given.items():
        yield from _value_faults([value], f"{where}.{name}")
    if given["SampleCount"] <= 0:
        yield f"The parameter {where}.SampleCount must be greater than 0."
    if given["Minimum"] > given["Maximum"]:
        yield f"The parameter {where}.Maximum must be greater than {where}.Minimum."


def _value_faults(values: Iterable[float], where: str) -> Iterator[str]:
    """Of the first value that is no number from -2^360 to 2^360."""
    for value in values:
        if not abs(value) <= METRIC_VALUE_MAX:
            yield _invalid(java_text(value), where)
            return


@cache
def _units() -> tuple[str, ...]:
    return tuple(service_model("cloudwatch").shape_for("StandardUnit").enum)


def _invalid(value: str, where: str) -> str:
    return f"The value {value} for parameter {where} is invalid."


def _too_many(where: str, limit: int) -> str:
    return f"The collection {where} must not have a size greater than {limit}."
