"""A record that JSON cannot say → what can be said of it, with the fields named that are not as they were.

| Value | Becomes |
|---|---|
| an object of the application | the name of its type: its own `repr` may raise, or tell secrets |
| NaN, an infinity | left out: a number that is none is unknown |
| an integer past 64 bits | its decimal digits, as text |
| half a surrogate pair | U+FFFD, the replacement character |
| bytes | their UTF-8 text, with replacement characters |
| nested deeper than 16, as what contains itself | left out below that |
| a string, where the record is too large for an event | its first 1,000 characters, and how many there were |
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import orjson

from inferwatch.model.limits import EVENT_MAX_BYTES, EVENT_OVERHEAD_BYTES
from inferwatch.model.text import is_whole, whole_text

UNRECORDED: Final = "unrecorded"
"""The field that names the others."""

MESSAGE_MAX_BYTES: Final = EVENT_MAX_BYTES - EVENT_OVERHEAD_BYTES

_DEPTH_MAX: Final = 16
_KEPT_CHARS: Final = 1_000
_DIGITS_MAX_BITS: Final = 4_096

_NOTHING: Final = object()


def is_exact(message: bytes, record: Mapping[str, object]) -> bool:
    """Whether JSON text says all of a record, and fits an event: NaN and infinities are written as null."""
    if len(message) > MESSAGE_MAX_BYTES:
        return False
    # Asked of every record: `rfind` takes two thirds of the time of `in`.
    return message.rfind(b"null") < 0 or not _has_no_number(record, _DEPTH_MAX)


def mended(record: Mapping[str, object]) -> tuple[bytes, dict[str, object]]:
    """What can be recorded of a record, as JSON and as it is, made to fit an event where that helps."""
    kept = plain(record)
    message = orjson.dumps(kept)
    if len(message) > MESSAGE_MAX_BYTES:
        kept = plain(record, is_too_large=True)
        message = orjson.dumps(kept)
    return message, kept


def plain(record: Mapping[str, object], *, is_too_large: bool = False) -> dict[str, object]:
    """What can be recorded of a record; its `unrecorded` names each field that is not as it was."""
    kept: dict[str, object] = {}
    changed: list[str] = []
    for name, value in list(record.items()):
        text = _text(name)
        mended = _plain(value, _DEPTH_MAX)
        if is_too_large:
            mended = _shorter(mended)
        if mended is not _NOTHING:
            kept[text] = mended
        if mended is _NOTHING or text != name or not _is_same(mended, value):
            changed.append(text)
    kept[UNRECORDED] = changed
    return kept


def _plain(value: object, depth: int) -> object:
    match value:
        case None | bool():
            return value
        case str():
            return _text(value)
        case int():
            return value if -(2**63) <= value < 2**64 else _digits(value)
        case float():
            return value if math.isfinite(value) else _NOTHING
        case bytes() | bytearray():
            return bytes(value).decode(errors="replace")
        case dict():
            return _plain_object(value, depth - 1) if depth else _NOTHING
        case list() | tuple() | set() | frozenset():
            items = [_plain(item, depth - 1) for item in list(value)] if depth else [_NOTHING]
            return [item for item in items if item is not _NOTHING]
        case _:
            return _native(value)


def _plain_object(value: dict[object, object], depth: int) -> dict[str, object]:
    found = {_key(key): _plain(item, depth) for key, item in list(value.items())}
    return {key: item for key, item in found.items() if item is not _NOTHING}


def _key(key: object) -> str:
    if isinstance(key, str):
        return _text(key)
    return str(key) if isinstance(key, (int, float, bool, type(None))) else _type_name(key)


def _native(value: object) -> object:
    """What orjson knows by itself: dates, UUIDs, enumerations, dataclasses."""
    try:
        return orjson.loads(orjson.dumps(value))
    except (TypeError, ValueError):
        return _type_name(value)


def _type_name(value: object) -> str:
    return f"<{type(value).__name__}>"


def _text(value: str) -> str:
    """Surrogates that are pairs become their character, halves the replacement character."""
    return str(value) if is_whole(value) else whole_text(value)


def _digits(value: int) -> str:
    return str(value) if value.bit_length() <= _DIGITS_MAX_BITS else _type_name(value)


def _shorter(value: object) -> object:
    """Long text cut, and what holds too much of it left out."""
    if isinstance(value, str) and len(value) > _KEPT_CHARS:
        return f"{value[:_KEPT_CHARS]}… ({len(value):,} characters)"
    if isinstance(value, (dict, list)) and len(orjson.dumps(value)) > _KEPT_CHARS * 4:
        return _NOTHING
    return value


def _is_same(mended: object, value: object) -> bool:
    """Whether JSON would say the one as it says the other."""
    try:
        return orjson.dumps(mended) == orjson.dumps(value) and not _has_no_number(value, _DEPTH_MAX)
    except (TypeError, ValueError):
        return False


def _has_no_number(value: object, depth: int) -> bool:
    match value:
        case float():
            return not math.isfinite(value)
        case dict():
            return depth > 0 and any(_has_no_number(item, depth - 1) for item in list(value.values()))
        case list() | tuple():
            return depth > 0 and any(_has_no_number(item, depth - 1) for item in list(value))
        case _:
            return False
