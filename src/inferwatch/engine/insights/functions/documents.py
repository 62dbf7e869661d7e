"""Functions of JSON. Source: CloudWatch Logs User Guide, "JSON functions"."""

from __future__ import annotations

import json
from typing import Any, Final

from inferwatch.engine.insights.functions.function import Function
from inferwatch.engine.insights.values import Value, scalar, text


def _parse(value: Value) -> Value:
    if isinstance(value, dict | list):
        return value
    shown = text(value)
    if shown is None:
        return None
    try:
        found: Any = json.loads(shown)
    except (ValueError, RecursionError):
        return None
    return scalar(found)


def _stringify(value: Value) -> Value:
    try:
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except RecursionError:
        return None


def _array(value: Value) -> list[Any] | None:
    found = _parse(value)
    return found if isinstance(found, list) else None


def _size(value: Value) -> Value:
    found = _array(value)
    return None if found is None else len(found)


def _contains(value: Value, element: Value) -> Value:
    found, wanted = _array(value), text(element)
    return None if found is None else int(any(text(each) == wanted for each in found if each is not None))


DOCUMENTS: Final = (
    Function("jsonParse", "a text as a map, a list or a value", _parse),
    Function("jsonStringify", "a value as JSON", _stringify),
    Function("jsonArraySize", "how many elements", _size),
    Function("jsonArrayContains", "1 where the element is in the array, else 0", _contains, 2, 2),
)
