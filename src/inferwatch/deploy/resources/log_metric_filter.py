"""aws.cloudwatch.LogMetricFilter.

Source: terraform-provider-aws `internal/service/logs/metric_filter.go`; API reference, "PutMetricFilter".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Problem, Property
from inferwatch.deploy.values import Properties
from inferwatch.model.limits import DIMENSIONS_PER_FILTER, FILTER_PATTERN_MAX_CHARS

_NAME: Final = re.compile(r"[^:*]{1,512}")
_METRIC_NAME: Final = re.compile(r"[^:*$]{1,255}")
_VALUE_MAX_CHARS: Final = 100


class LogMetricFilter(Handler):
    """A pattern over a log group's events, and the metric made of what matches."""

    token = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
    words = "log metric filter"
    autonamed = "name"
    properties: ClassVar = {
        "logGroupName": Property(Kind.STRING, required=True, forces_new=True),
        "name": Property(Kind.STRING, forces_new=True),
        "pattern": Property(Kind.STRING, required=True),
        "region": Property(Kind.STRING, forces_new=True),
        "metricTransformation": Property(
            Kind.OBJECT,
            required=True,
            fields={
                "name": Property(Kind.STRING, required=True),
                "namespace": Property(Kind.STRING, required=True),
                "value": Property(Kind.STRING, required=True),
                # Text, not a number, so that "no default" and "0" stay apart.
                "defaultValue": Property(Kind.STRING),
                "dimensions": Property(Kind.STRING_MAP),
                "unit": Property(Kind.STRING),
            },
        ),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name, pattern = inputs["name"], inputs["pattern"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-512 characters without ':' and '*'")
        if isinstance(pattern, str) and len(pattern) > FILTER_PATTERN_MAX_CHARS:
            yield Problem(
                "pattern", f"{len(pattern)} characters; at most {FILTER_PATTERN_MAX_CHARS} are allowed"
            )
        if isinstance(transformation := inputs["metricTransformation"], dict):
            yield from _transformation_problems(transformation)

    def locate(self, id: str) -> tuple[str, Properties]:
        # Its own id is the filter's name alone, which says nothing of the group.
        group, colon, name = id.partition(":")
        if not colon:
            raise ValueError("expected GROUP:FILTER")
        return name, {"logGroupName": group}

    def create(self, clients: Clients, inputs: Properties) -> Live:
        transformation = inputs["metricTransformation"]
        call: dict[str, Any] = {
            "metricName": transformation["name"],
            "metricNamespace": transformation["namespace"],
            "metricValue": transformation["value"],
        }
        if default := transformation.get("defaultValue"):
            call["defaultValue"] = float(default)
        for key in ("dimensions", "unit"):
            if value := transformation.get(key):
                call[key] = value
        clients.logs(inputs.get("region")).put_metric_filter(
            logGroupName=inputs["logGroupName"],
            filterName=inputs["name"],
            filterPattern=inputs["pattern"].strip(),
            metricTransformations=[call],
        )
        return self.must_read(clients, inputs["name"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        logs = clients.logs(state.get("region"))
        paginator = logs.get_paginator("describe_metric_filters")
        pages = []
        with PassingOver("ResourceNotFoundException"):
            pages = list(paginator.paginate(logGroupName=state["logGroupName"], filterNamePrefix=id))
        for found in (item for page in pages for item in page["metricFilters"]):
            if found["filterName"] == id:
                return Live(
                    id,
                    {
                        "name": id,
                        "logGroupName": state["logGroupName"],
                        "pattern": _pattern(found.get("filterPattern", ""), state),
                        "metricTransformation": _transformation(found["metricTransformations"][0], state),
                        "region": state.get("region") or clients.region,
                    },
                )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        logs = clients.logs(state.get("region"))
        with PassingOver("ResourceNotFoundException"):
            logs.delete_metric_filter(logGroupName=state["logGroupName"], filterName=id)


def _pattern(live: str, state: Properties) -> str:
    """As the program spells it: the provider sends it without white space around it."""
    known = state.get("pattern")
    return known if isinstance(known, str) and known.strip() == live else live


def _transformation(live: dict[str, Any], state: Properties) -> Properties:
    found: Properties = {
        "name": live["metricName"],
        "namespace": live["metricNamespace"],
        "value": live["metricValue"],
    }
    if (default := live.get("defaultValue")) is not None:
        found["defaultValue"] = _number_text(default, (state.get("metricTransformation") or {}))
    for key in ("dimensions", "unit"):
        if live.get(key):
            found[key] = live[key]
    return found


def _number_text(number: float, state: Properties) -> str:
    """As the program spells it, where it is the same number."""
    known = state.get("defaultValue")
    if known and float(known) == number:
        return str(known)
    return str(int(number)) if number.is_integer() else str(number)


def _transformation_problems(transformation: Properties) -> Iterator[Problem]:
    where = "metricTransformation"
    for key in ("name", "namespace"):
        text = transformation[key]
        if isinstance(text, str) and not _METRIC_NAME.fullmatch(text):
            yield Problem(f"{where}.{key}", f"{text!r} is not 1-255 characters without ':', '*' and '$'")
    value, default = transformation["value"], transformation.get("defaultValue")
    if isinstance(value, str) and len(value) > _VALUE_MAX_CHARS:
        yield Problem(f"{where}.value", f"{len(value)} characters; at most {_VALUE_MAX_CHARS} are allowed")
    if isinstance(default, str) and default:
        try:
            float(default)
        except ValueError:
            yield Problem(f"{where}.defaultValue", f"expected a number, got {default!r}")
    if transformation.get("dimensions") and default:
        yield Problem(where, "dimensions and default_value are mutually exclusive")
    dimensions = transformation.get("dimensions")
    if isinstance(dimensions, dict) and len(dimensions) > DIMENSIONS_PER_FILTER:
        yield Problem(
            f"{where}.dimensions", f"{len(dimensions)} given; at most {DIMENSIONS_PER_FILTER} are allowed"
        )
