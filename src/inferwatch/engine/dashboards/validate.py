"""A dashboard body → what is wrong with it, in AWS's words.

Source: answers of PutDashboard recorded 2026-09; CloudWatch API reference, "Dashboard body structure".
Differs: AWS documents no size for a body; one beyond 1 MiB is refused here, at once. The texts about that and
about more than 2,500 metrics in one dashboard are ours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from inferwatch.engine.dashboards.kinds import Message
from inferwatch.engine.dashboards.schema import BODY
from inferwatch.model.errors import AwsError, invalid_value
from inferwatch.model.limits import DASHBOARD_BODY_MAX_BYTES, METRICS_PER_DASHBOARD
from inferwatch.model.text import is_whole


def validate(body: str) -> tuple[dict[str, Any], list[Message]]:
    """The parsed body, and its warnings.

    Raises:
        AwsError: DashboardInvalidInputError with every error; InvalidParameterValueException for no body.
    """
    if not body:
        raise invalid_value("The parameter DashboardBody is required.")
    if len(body) > DASHBOARD_BODY_MAX_BYTES:
        limit = DASHBOARD_BODY_MAX_BYTES
        raise _refused(f"The field DashboardBody must not be longer than {limit} characters")
    document = parse_object(body)
    if document is None:
        raise _refused("The field DashboardBody must be a valid JSON object")
    faults = [*BODY.faults(document, ""), *_relations(document)]
    errors = [fault for fault in faults if not fault.is_warning]
    if errors:
        raise _refused(listed("dashboard body", errors))
    return document, faults


def listed(what: str, errors: Sequence[Message]) -> str:
    """The message that lists all errors, as AWS words it."""
    found = json.dumps(
        [{"dataPath": error.path, "message": error.text} for error in errors], indent=2, ensure_ascii=False
    )
    return f"The {what} is invalid, there are {len(errors)} validation errors:\n{found}"


def _refused(message: str) -> AwsError:
    return AwsError("DashboardInvalidInputError", message)


def parse_object(text: str) -> dict[str, Any] | None:
    """`None` for what is no JSON object, or one that could not be written down again."""
    try:
        document = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_finite_integer)
        is_kept = isinstance(document, dict) and is_whole(json.dumps(document, ensure_ascii=False))
        return document if is_kept else None
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _finite_integer(text: str) -> int:
    _finite(text)
    return int(text)


def _relations(document: dict[str, Any]) -> Iterator[Message]:
    """What one part of a body says of another."""
    yield from _repeated_properties(document.get("variables"))
    widgets = document.get("widgets")
    count = sum(map(_metric_count, widgets)) if isinstance(widgets, list) else 0
    if count > METRICS_PER_DASHBOARD:
        yield Message("/widgets", f"Should NOT have more than {METRICS_PER_DASHBOARD} metrics, found {count}")


def _repeated_properties(variables: Any) -> Iterator[Message]:
    seen = set()
    for index, variable in enumerate(variables if isinstance(variables, list) else ()):
        name = variable.get("property") if isinstance(variable, dict) else None
        if not isinstance(name, str) or variable.get("type") != "property":
            continue
        if name in seen:
            yield Message(f"/variables/{index}/property", f'Duplicated property in variable: "{name}"')
        seen.add(name)


def _metric_count(widget: Any) -> int:
    properties = widget.get("properties") if isinstance(widget, dict) else None
    metrics = properties.get("metrics") if isinstance(properties, dict) else None
    return len(metrics) if isinstance(metrics, list) else 0
