"""A dashboard body → what is wrong with it, in AWS's words.

Source: answers of PutDashboard recorded 2026-09; CloudWatch API reference, "Dashboard body structure".
Differs: AWS's whole schema is not published; we check what was recorded and what the reference states. The
text about an unknown widget type is ours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.engine.metrics.statistics import parse_statistic
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import WIDGETS_PER_DASHBOARD
from inferwatch.model.text import is_whole

WIDGET_TYPES: Final = ("metric", "text", "log", "alarm", "explorer", "chart", "custom")
_BOUNDS = {"height": (1, 1_000), "width": (1, 24), "x": (0, 23), "y": (0, None)}
_STATISTIC = 'Should match pattern "^((SampleCount|Average|Sum|Minimum|Maximum|IQM)|'


@dataclass(frozen=True, slots=True)
class Message:
    """`path` is a JSON pointer into the body."""

    path: str
    text: str


def validate(body: str) -> tuple[dict[str, Any], list[Message]]:
    """The parsed body, and its warnings.

    Raises:
        AwsError: DashboardInvalidInputError with every error; InvalidParameterValueException for no body.
    """
    if not body:
        raise AwsError("InvalidParameterValueException", "The parameter DashboardBody is required.")
    document = _parse(body)
    if not isinstance(document, dict):
        raise AwsError("DashboardInvalidInputError", "The field DashboardBody must be a valid JSON object")
    errors = list(_errors(document))
    if errors:
        listed = json.dumps(
            [{"dataPath": error.path, "message": error.text} for error in errors],
            indent=2,
            ensure_ascii=False,
        )
        raise AwsError(
            "DashboardInvalidInputError",
            f"The dashboard body is invalid, there are {len(errors)} validation errors:\n{listed}",
            details={
                "dashboardValidationMessages": [
                    {"DataPath": error.path, "Message": error.text} for error in errors
                ]
            },
        )
    return document, list(_warnings(document))


def _parse(body: str) -> Any:
    """`None` for what is no JSON, or JSON that could not be written down again."""
    try:
        document = json.loads(body, parse_constant=_refuse, parse_float=_finite)
        return document if is_whole(json.dumps(document, ensure_ascii=False)) else None
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _errors(document: dict[str, Any]) -> Iterator[Message]:
    if "widgets" not in document:
        yield Message("", "Should have required property 'widgets'")
    for name in ("widgets", "variables"):
        if name in document and not isinstance(document[name], list):
            yield Message(f"/{name}", "Should be array")
    widgets = document.get("widgets")
    if isinstance(widgets, list):
        if len(widgets) > WIDGETS_PER_DASHBOARD:
            yield Message("/widgets", f"Should not have more than {WIDGETS_PER_DASHBOARD} items")
        for index, widget in enumerate(widgets):
            yield from _widget(widget, f"/widgets/{index}")


def _widget(widget: Any, path: str) -> Iterator[Message]:
    if not isinstance(widget, dict):
        yield Message(path, "Should be object")
        return
    for name in ("type", "properties"):
        if name not in widget:
            yield Message(path, f"Should have required property '{name}'")
    for name, (low, high) in _BOUNDS.items():
        if name in widget:
            yield from _integer(widget[name], low, high, f"{path}/{name}")
    if "x" in widget and "y" not in widget:
        yield Message(path, "Should have property y when property x is present")
    kind, properties = widget.get("type"), widget.get("properties")
    if "type" in widget and not isinstance(kind, str):
        yield Message(f"{path}/type", "Should be string")
    if "properties" in widget and not isinstance(properties, dict):
        yield Message(f"{path}/properties", "Should be object")
    elif isinstance(properties, dict) and isinstance(kind, str):
        yield from _properties(kind, properties, f"{path}/properties")


def _integer(value: Any, low: int, high: int | None, path: str) -> Iterator[Message]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        yield Message(path, "Should be integer")
    elif value < low:
        yield Message(path, f"Should be >= {low}")
    elif high is not None and value > high:
        yield Message(path, f"Should be <= {high}")


def _properties(kind: str, properties: dict[str, Any], path: str) -> Iterator[Message]:
    required = {"text": ("markdown", str), "alarm": ("alarms", list)}
    if kind in required:
        name, expected = required[kind]
        if name not in properties:
            yield Message(path, f"Should have required property '{name}'")
        elif not isinstance(properties[name], expected):
            yield Message(f"{path}/{name}", "Should be string" if expected is str else "Should be array")
    elif kind == "metric":
        yield from _metric(properties, path)


def _metric(properties: dict[str, Any], path: str) -> Iterator[Message]:
    annotations = properties.get("annotations")
    has_alarm = isinstance(annotations, dict) and bool(annotations.get("alarms"))
    missing = next((name for name in ("metrics", "region") if name not in properties), None)
    if missing and not has_alarm:
        yield Message(path, f"Should have required property '{missing}'")
        yield Message(
            path, "The metric widget should have specified a region and a data source or an alarm annotation"
        )
        if "annotations" not in properties:
            yield Message(path, "Should have required property 'annotations'")
        return
    metrics = properties.get("metrics")
    rows = metrics if isinstance(metrics, list) else [None]
    if metrics is not None and not all(isinstance(row, list) for row in rows):
        yield Message(f"{path}/metrics", "Should be array")
    if "period" in properties:
        yield from _period(properties["period"], f"{path}/period")
    if "stat" in properties and not _is_statistic(properties["stat"]):
        yield Message(f"{path}/stat", f'{_STATISTIC}...)$"')


def _period(period: Any, path: str) -> Iterator[Message]:
    if isinstance(period, bool) or not isinstance(period, int):
        yield Message(path, "Should be integer")
        return
    if period in (1, 5, 10, 20, 30):
        return
    if period < 60:
        yield Message(path, "Should be >= 60")
    if period % 60:
        yield Message(path, "Should be multiple of 60")
    if period < 60 or period % 60:
        yield Message(path, "Should match exactly one schema in oneOf")


def _is_statistic(name: Any) -> bool:
    return isinstance(name, str) and parse_statistic(name) is not None


def _warnings(document: dict[str, Any]) -> Iterator[Message]:
    override = document.get("periodOverride")
    if override is not None and override not in ("inherit", "auto"):
        yield Message("/periodOverride", 'Should match pattern "^(inherit|auto)$"')
    for index, widget in enumerate(document["widgets"]):
        if widget["type"] not in WIDGET_TYPES:
            known = ", ".join(WIDGET_TYPES)
            yield Message(f"/widgets/{index}/type", f"Should be equal to one of the allowed values: {known}")
