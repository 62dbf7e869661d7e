"""Functions of moments. Source: CloudWatch Logs User Guide, "Datetime functions".

Differs: of Java's date patterns those letters are known that are in `_LETTERS`; others give nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inferwatch.engine.insights.functions.function import Function, of_texts
from inferwatch.engine.insights.values import Timestamp, Value, number, text

_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_LETTERS: Final = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "M": "%m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "d": "%d",
    "dd": "%d", "H": "%H", "HH": "%H", "h": "%I", "hh": "%I", "m": "%M", "mm": "%M", "s": "%S", "ss": "%S",
    "S": "%f", "SSS": "%f", "SSSSSS": "%f", "a": "%p", "E": "%a", "EEE": "%a", "EEEE": "%A", "Z": "%z",
    "X": "%z", "XX": "%z", "XXX": "%z", "xxx": "%z",
}  # fmt: skip
_LAST_MS = 253_402_300_799_999


def _moment(value: Value) -> int | None:
    found = number(value)
    return int(found) if found is not None and 0 <= found <= _LAST_MS else None


def _zone(name: Value) -> tzinfo | None:
    shown = text(name)
    if shown is None:
        return UTC
    try:
        return ZoneInfo(shown)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _directives(pattern: str) -> str | None:
    """A Java pattern as `strptime` has it; `None` where a letter is unknown."""
    found, at = "", 0
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None:
            return None
        at = piece.end()
        if piece.group(1) is not None:
            found += (piece.group(1).replace("''", "'") or "'").replace("%", "%%")
        elif piece.group(2) is not None:
            if piece.group() not in _LETTERS:
                return None
            found += _LETTERS[piece.group()]
        else:
            found += piece.group().replace("%", "%%")
    return found


def _parse(value: Value, pattern: Value, zone: Value = None) -> Value:
    shown, form, where = text(value), text(pattern), _zone(zone)
    directives = None if form is None else _directives(form)
    if shown is None or directives is None or where is None:
        return None
    try:
        at = datetime.strptime(shown, directives)  # noqa: DTZ007 (its zone is looked at next)
        aware = at.replace(tzinfo=where) if at.tzinfo is None else at
        return int(aware.timestamp()) * 1_000 + aware.microsecond // 1_000
    except (ValueError, OverflowError):
        return None


def _written(at_ms: int, directives: str, where: tzinfo) -> str:
    at = datetime.fromtimestamp(at_ms / 1_000, where)
    return at.strftime(directives.replace("%f", f"{at_ms % 1_000:03d}"))


def _format(value: Value, pattern: Value, zone: Value = None) -> Value:
    at_ms, form, where = _moment(value), text(pattern), _zone(zone)
    directives = None if form is None else _directives(form)
    return (
        None if at_ms is None or directives is None or where is None else _written(at_ms, directives, where)
    )


def _strftime(value: Value, pattern: Value, zone: Value = None) -> Value:
    at_ms, form, where = _moment(value), text(pattern), _zone(zone)
    return None if at_ms is None or form is None or where is None else _written(at_ms, form, where)


def _from_millis(value: Value) -> Value:
    found = _moment(value)
    return None if found is None else Timestamp(found)


def _to_millis(value: Value) -> Value:
    return int(value) if isinstance(value, Timestamp) else _iso_ms(value)


# A date with its zone, as ISO 8601 writes it, is a moment too.
_iso_ms = of_texts(lambda shown: int(datetime.fromisoformat(shown).timestamp() * 1_000))

DATES: Final = (
    Function("fromMillis", "milliseconds since 1970 as a moment", _from_millis),
    Function("toMillis", "a moment as milliseconds since 1970", _to_millis),
    Function("parseDate", "a text in a Java pattern as milliseconds since 1970", _parse, 2, 3),
    Function("formatDate", "a moment in a Java pattern", _format, 2, 3),
    Function("strftime", "a moment in a pattern of strftime", _strftime, 2, 3),
)
