"""One metric directive held against the format's rules, with its names looked up in the event.

Source: CloudWatch User Guide, "Specification: Embedded metric format" and its JSON schema, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.engine.metrics.store import UNIT_ORDER
from inferwatch.model.limits import METRIC_VALUE_MAX
from inferwatch.model.text import whole_text

NAME_MAX_CHARS: Final = 1_024
DIMENSION_NAME_MAX_CHARS: Final = 250
DIMENSION_VALUE_MAX_CHARS: Final = 1_024
DIMENSIONS_MAX: Final = 30
METRICS_MAX: Final = 100
VALUES_MAX: Final = 100
_UNITS = frozenset(UNIT_ORDER)
_RESOLUTIONS_S = (1, 60)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a directive, or one metric of it, makes no sample."""

    reason: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric, its values read from the event."""

    name: str
    values: Sequence[float]
    unit: str
    resolution_s: int


@dataclass(frozen=True, slots=True)
class Directive:
    namespace: str
    dimension_sets: Sequence[dict[str, str]]
    metrics: Sequence[Definition | Fault]


def read_directive(directive: Any, document: dict[str, Any]) -> Directive | Fault:
    """A sound directive, some of whose metrics may have faults of their own; else what is wrong with it."""
    if not isinstance(directive, dict):
        return Fault("a directive must be an object")
    namespace = _name(directive.get("Namespace"), NAME_MAX_CHARS)
    if namespace is None:
        return Fault(f"Namespace must be text of 1 to {NAME_MAX_CHARS} characters")
    sets = directive.get("Dimensions")
    if not isinstance(sets, list) or not sets:
        return Fault("Dimensions must be a list of at least one list")
    found = [_dimensions(names, document) for names in sets]
    wrong = next((item for item in found if isinstance(item, Fault)), None)
    if wrong is not None:
        return wrong
    metrics = directive.get("Metrics")
    if not isinstance(metrics, list) or len(metrics) > METRICS_MAX:
        return Fault(f"Metrics must be a list of at most {METRICS_MAX}")
    return Directive(
        namespace,
        [item for item in found if not isinstance(item, Fault)],
        [_definition(metric, document) for metric in metrics],
    )


def _dimensions(names: Any, document: dict[str, Any]) -> dict[str, str] | Fault:
    """Differs: AWS does not say what an empty dimension value does; here it is a fault: no metric has one."""
    if not isinstance(names, list) or len(names) > DIMENSIONS_MAX:
        return Fault(f"a dimension set must be a list of at most {DIMENSIONS_MAX} names")
    found = {}
    for key in names:
        name = _name(key, DIMENSION_NAME_MAX_CHARS)
        if name is None:
            return Fault(f"a dimension's name must be text of 1 to {DIMENSION_NAME_MAX_CHARS} characters")
        value = _name(document.get(key), DIMENSION_VALUE_MAX_CHARS)
        if value is None:
            return Fault(f"a dimension's value must be text of 1 to {DIMENSION_VALUE_MAX_CHARS} characters")
        found[name] = value
    return found


def _definition(metric: Any, document: dict[str, Any]) -> Definition | Fault:
    """Differs: an empty list of values is taken to be no value and no fault."""
    if not isinstance(metric, dict):
        return Fault("a metric must be an object")
    name = _name(metric.get("Name"), NAME_MAX_CHARS)
    if name is None:
        return Fault(f"a metric's Name must be text of 1 to {NAME_MAX_CHARS} characters")
    unit = metric.get("Unit", "None")
    if not isinstance(unit, str) or unit not in _UNITS:
        return Fault("Unit must be one of CloudWatch's")
    resolution_s = metric.get("StorageResolution", 60)
    if isinstance(resolution_s, bool) or resolution_s not in _RESOLUTIONS_S:
        return Fault("StorageResolution must be 1 or 60")
    target = document.get(metric["Name"])
    items = target if isinstance(target, list) else [target]
    if len(items) > VALUES_MAX:
        return Fault(f"a metric has at most {VALUES_MAX} values in an event")
    values = [_value(item) for item in items]
    if None in values:
        return Fault("a metric's value must be a number that CloudWatch can hold, or a list of such")
    return Definition(name, [value for value in values if value is not None], unit, int(resolution_s))


def _name(value: Any, max_chars: int) -> str | None:
    if not isinstance(value, str) or not 1 <= len(value) <= max_chars:
        return None
    return whole_text(value)


def _value(item: Any) -> float | None:
    """Numeric text is no number here, unlike in metric filters."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    try:
        number = float(item)
    except OverflowError:
        return None
    return number if abs(number) <= METRIC_VALUE_MAX else None
