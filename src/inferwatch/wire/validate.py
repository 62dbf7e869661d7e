"""Parameters held against the service model: required members, lengths, ranges, patterns, enums.

Source: constraint texts recorded from CloudWatch Logs and CloudWatch, 2026-02; several faults in one answer.
Differs: the metric service is known to accept what its model's patterns forbid, so its patterns are not held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from inferwatch.model.errors import AwsError

_SHOWN_MAX_CHARS = 200
# Enums for which the service has words of its own, in the operation.
_CHECKED_ELSEWHERE = frozenset({"Statistic", "ComparisonOperator"})


def validate(service: str, shape: StructureShape | None, params: dict[str, Any]) -> None:
    """Raises AwsError: InvalidParameterException for logs, else ValidationException or a missing one."""
    if shape is None:
        return
    if service == "cloudwatch":
        missing = next((name for name in shape.required_members if name not in params), None)
        if missing is not None:
            raise AwsError("MissingRequiredParameterException", f"The parameter {missing} is required.")
    faults = list(_faults(shape, params, "", holds_patterns=service == "logs"))
    if faults:
        noun = "error" if len(faults) == 1 else "errors"
        message = f"{len(faults)} validation {noun} detected: {'; '.join(faults)}"
        code = "InvalidParameterException" if service == "logs" else "ValidationException"
        raise AwsError(code, message)


def _faults(shape: Shape, value: Any, path: str, *, holds_patterns: bool) -> Iterator[str]:
    match shape:
        case StructureShape():
            for name in shape.required_members:
                if name not in value:
                    yield _fault(None, _join(path, name), "Member must not be null")
            for name, item in value.items():
                where = _join(path, name)
                yield from _faults(shape.members[name], item, where, holds_patterns=holds_patterns)
        case ListShape():
            yield from _length(shape, len(value), value, path)
            for index, item in enumerate(value, start=1):
                where = f"{path}.{index}.member"
                yield from _faults(shape.member, item, where, holds_patterns=holds_patterns)
        case MapShape():
            yield from _length(shape, len(value), value, path)
        case _:
            yield from _scalar(shape, value, path, holds_patterns=holds_patterns)


def _scalar(shape: Shape, value: Any, path: str, *, holds_patterns: bool) -> Iterator[str]:
    limits = shape.metadata
    if isinstance(value, str):
        allowed = limits.get("enum")
        if allowed and value not in allowed and shape.name not in _CHECKED_ELSEWHERE:
            # The one recorded text lists the model's values backwards.
            known = ", ".join(reversed(allowed))
            yield _fault(value, path, f"Member must satisfy enum value set: [{known}]")
        yield from _length(shape, len(value), value, path)
        pattern = limits.get("pattern")
        if holds_patterns and pattern and not _fits(pattern, value):
            yield _fault(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if "min" in limits and value < limits["min"]:
            yield _fault(
                value, path, f"Member must have value greater than or equal to {_plain(limits['min'])}"
            )
        if "max" in limits and value > limits["max"]:
            yield _fault(value, path, f"Member must have value less than or equal to {_plain(limits['max'])}")


def _length(shape: Shape, length: int, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if "min" in limits and length < limits["min"]:
        yield _fault(value, path, f"Member must have length greater than or equal to {_plain(limits['min'])}")
    if "max" in limits and length > limits["max"]:
        yield _fault(value, path, f"Member must have length less than or equal to {_plain(limits['max'])}")


def _fits(pattern: str, value: str) -> bool:
    """Model patterns are Java's; the few that Python cannot read hold nothing."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _fault(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{str(value)[:_SHOWN_MAX_CHARS]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    """AWS names members in lower camel case, whatever the wire's casing."""
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _plain(limit: Any) -> str:
    return str(int(limit)) if float(limit).is_integer() else str(limit)
