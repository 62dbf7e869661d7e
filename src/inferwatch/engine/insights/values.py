"""What a field or an expression may be, and how values compare.

A value's identity is its text: 500 and "500" are one value. A number is a second face of it, where the text
is a number's and finite. Maps and lists, which only `jsonParse` makes, have neither.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

Value: TypeAlias = "str | int | float | bool | dict[str, Any] | list[Any] | None"
Row: TypeAlias = dict[str, Value]
"""A field's name → its value; `None` is as good as absent."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS = re.compile(r"[0-9]+|[^0-9]+")
# Below this a float is written as the integer it is equal to.
_PLAIN_BELOW = 1e15
# From here on neighbouring integers are one float: equality goes by text.
EXACT_BELOW: Final = 2.0**53
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 253_402_300_799_999
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Timestamp(int):
    """Epoch ms, shown as a date."""


def text(value: Value) -> str | None:
    """A value as it is shown; maps and lists have no text.

    Differs: AWS does not say how it writes numbers and truth values; ours are 450, 0.1, 1e+20, true.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Timestamp):
        return _date(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _PLAIN_BELOW else repr(value)
    return None


def _date(at_ms: int) -> str:
    """`YYYY-MM-DD HH:MM:SS.mmm` in UTC; what no calendar reaches stays a number."""
    if not 0 <= at_ms <= _LAST_MS:
        return str(int(at_ms))
    at = _EPOCH + timedelta(milliseconds=at_ms)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at_ms % 1_000:03d}"


def number(value: Value) -> float | None:
    """A value as a number; `None` for what is none."""
    if isinstance(value, str):
        if _NUMBER.fullmatch(value) is None:
            return None
        found = float(value)
    elif isinstance(value, int | float):
        try:
            found = float(value)
        except OverflowError:
            return None
    else:
        return None
    return found if math.isfinite(found) else None


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def scalar(value: Any) -> Value:
    """A value out of parsed JSON, as a field has it."""
    return text(value) if isinstance(value, bool) else value


def compare(sign: str, left: Value, right: Value) -> bool:
    """Numbers by size where both are numbers, else texts; with what is missing nothing compares.

    Differs: AWS does not say whether `!=` holds of a missing field, nor how a text compares with a number;
    here it does not hold, and they compare as texts.
    """
    if left is None or right is None:
        return False
    a, b = number(left), number(right)
    test = _COMPARE[sign]
    if a is not None and b is not None:
        is_exact = sign not in ("=", "!=") or (abs(a) < EXACT_BELOW and abs(b) < EXACT_BELOW)
        if is_exact:
            return test(a, b)
    a_text, b_text = text(left), text(right)
    return a_text is not None and b_text is not None and test(a_text, b_text)


def is_true(value: Value) -> bool:
    """Does a filter let it pass: true, or a number other than 0?"""
    if isinstance(value, bool):
        return value
    as_number = number(value)
    return value == "true" if as_number is None else as_number != 0


SortKey: TypeAlias = tuple[int, float, str]


def sort_key(value: Value) -> SortKey | None:
    """Texts first, chunk by chunk, digits as numbers; then numbers. `None` sorts after all, either way.

    Source: CloudWatch Logs User Guide, "sort".
    """
    shown = text(value)
    if shown is None:
        return None
    as_number = number(value)
    if as_number is not None:
        return (1, as_number, shown)
    return (0, 0.0, natural(shown))


def natural(shown: str) -> str:
    """A text whose plain order is the natural order: each run of digits begins with its length."""
    return "".join(
        chr(48 + min(len(chunk), 9)) + chunk if "0" <= chunk[0] <= "9" else chunk
        for chunk in _DIGITS.findall(shown)
    )


def lookup(row: Row, name: str) -> Value:
    """A field, or what lies within the map or list that a field is."""
    if name in row:
        return row[name]
    head, dot, path = name.rpartition(".")
    while dot:
        found = row.get(head)
        if isinstance(found, dict | list):
            return within(found, path.split("."))
        head, dot, more = head.rpartition(".")
        path = f"{more}.{path}"
    return None


def within(value: Value, path: list[str]) -> Value:
    for key in path:
        value = member(value, key)
    return value


def member(value: Value, key: str | int) -> Value:
    """One member of a map, or element of a list."""
    if isinstance(value, dict):
        return scalar(value.get(str(key)))
    if isinstance(value, list):
        digits = str(key)
        if digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) < len(value):
            return scalar(value[int(digits)])
    return None
