"""Parameters held against the service model: required members, lengths, ranges, patterns, enums.

Source: constraint texts recorded from CloudWatch Logs and CloudWatch, 2026-02; several faults in one answer.
Differs: the metric service is known to accept what its model's patterns forbid, so its patterns are not held;
nor is that of a metric filter's namespace, which may hold a colon.

Differs: for names of over 512 characters AWS also has "Invalid LogGroup or LogStream, both must have length
less than or equal to 512."; of which calls is not known, so all have the constraint's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, Shape, StructureShape

from inferwatch.model.errors import AwsError, missing_parameter
from inferwatch.wire.java import java_text

_SHOWN_MAX_CHARS = 200
# Enums for which the service has words of its own, in the operation.
_CHECKED_ELSEWHERE = frozenset({"Statistic", "ComparisonOperator", "RecentlyActive"})
# A metric filter with the namespace `a:b` was accepted. Source: recorded, 2026-02.
_PATTERNS_NOT_HELD = frozenset({"MetricNamespace"})
_CODES = {"logs": "InvalidParameterException", "iam": "ValidationError"}


def validate(service: str, shape: StructureShape | None, params: dict[str, Any]) -> None:
    """Raises AwsError, with the code that the service has for it."""
    if shape is None:
        return
    if service == "cloudwatch":
        missing = next((name for name in shape.required_members if name not in params), None)
        if missing is not None:
            raise missing_parameter(f"The parameter {missing} is required.")
    faults = _faults(shape, params, holds_patterns=service in ("logs", "iam", "lambda"))
    if faults:
        noun = "error" if len(faults) == 1 else "errors"
        message = f"{len(faults)} validation {noun} detected: {'; '.join(map(_text, faults))}"
        raise AwsError(_CODES.get(service, "ValidationException"), message)


class _Fault(NamedTuple):
    """`path` leads from the shape that was checked to the fault, a dot before every step."""

    path: str
    value: Any
    constraint: str


def _faults(shape: Shape, value: Any, *, holds_patterns: bool) -> list[_Fault]:
    """Paths are put together on the way back, so a value without a fault costs none."""
    match shape:
        case StructureShape():
            found = [
                _Fault(_step(name), None, "Member must not be null")
                for name in shape.required_members
                if name not in value
            ]
            for name, item in value.items():
                inner = _faults(shape.members[name], item, holds_patterns=holds_patterns)
                if inner:
                    found += _below(_step(name), inner)
            return found
        case ListShape():
            found = _outside(shape, value, len(value), "length")
            for index, item in enumerate(value, start=1):
                inner = _faults(shape.member, item, holds_patterns=holds_patterns)
                if inner:
                    found += _below(f".{index}.member", inner)
            return found
        case MapShape():
            return _outside(shape, value, len(value), "length")
        case _:
            return _scalar(shape, value, holds_patterns=holds_patterns)


def _below(step: str, faults: Iterable[_Fault]) -> Iterator[_Fault]:
    return (fault._replace(path=step + fault.path) for fault in faults)


def _scalar(shape: Shape, value: Any, *, holds_patterns: bool) -> list[_Fault]:
    limits = shape.metadata
    if not limits:
        return []
    if isinstance(value, str):
        found = []
        allowed = limits.get("enum")
        if allowed and value not in allowed and shape.name not in _CHECKED_ELSEWHERE:
            # The one recorded text lists the model's values backwards.
            known = ", ".join(reversed(allowed))
            found.append(_Fault("", value, f"Member must satisfy enum value set: [{known}]"))
        found += _outside(shape, value, len(value), "length")
        pattern = limits.get("pattern")
        is_held = holds_patterns and shape.name not in _PATTERNS_NOT_HELD
        if is_held and pattern and not _fits(pattern, value):
            found.append(_Fault("", value, f"Member must satisfy regular expression pattern: {pattern}"))
        return found
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _outside(shape, value, value, "value")
    return []


def _outside(shape: Shape, value: Any, measure: float, what: str) -> list[_Fault]:
    limits = shape.metadata
    found = []
    if "min" in limits and measure < limits["min"]:
        least = f"Member must have {what} greater than or equal to {_plain(limits['min'])}"
        found.append(_Fault("", value, least))
    if "max" in limits and measure > limits["max"]:
        most = f"Member must have {what} less than or equal to {_plain(limits['max'])}"
        found.append(_Fault("", value, most))
    return found


def _fits(pattern: str, value: str) -> bool:
    """Patterns are Java's, where words and digits are ASCII; those that Python cannot read hold nothing."""
    try:
        return re.fullmatch(pattern, value, re.ASCII) is not None
    except re.error:
        return True


def _text(fault: _Fault) -> str:
    shown = "null" if fault.value is None else f"'{java_text(fault.value)[:_SHOWN_MAX_CHARS]}'"
    return f"Value {shown} at '{fault.path[1:]}' failed to satisfy constraint: {fault.constraint}"


def _step(name: str) -> str:
    """AWS names members in lower camel case, whatever the wire's casing."""
    return f".{name[:1].lower()}{name[1:]}"


def _plain(limit: Any) -> str:
    return str(int(limit)) if float(limit).is_integer() else str(limit)
