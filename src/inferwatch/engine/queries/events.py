"""A stored event → the row a query sees, and the pointer that leads back from it.

Source: CloudWatch Logs User Guide, "Supported logs and discovered fields".
Differs: Lambda's own fields (`@requestId`, `@duration`) and JSON behind a prefix are not discovered.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from inferwatch.engine.insights.values import Row, Timestamp, scalar, text
from inferwatch.engine.logs.events import Key
from inferwatch.engine.store.flatten import leaves
from inferwatch.engine.store.frame import Event

HIDDEN: Final = ("@sequence", "@streamId")
"""What a row carries along for us: no fields of AWS's."""
_DECODE = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from; those before `visible_from_ms` are not seen."""

    group: str
    log: str
    stream: str
    visible_from_ms: int


def row_of(event: Event, origin: Origin) -> Row:
    """The fields of an event: its own, and what its message says."""
    row: Row = {
        "@timestamp": Timestamp(event.timestamp_ms),
        "@message": event.message,
        "@logStream": origin.stream,
        "@log": origin.log,
        "@ingestionTime": Timestamp(event.ingestion_ms),
        "@sequence": event.sequence,
        "@streamId": event.stream_id,
    }
    row.update(discovered(event.message))
    return row


def discovered(message: str) -> Row:
    """The fields of a message that is one JSON object; none of any other."""
    if not message.lstrip(" \t\r\n").startswith("{"):
        return {}
    try:
        document: Any = _DECODE(message)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}
    return {name: scalar(value) for name, value in leaves(document).items()}


def with_unmasked(row: Row, message: str, names: Collection[str]) -> Row:
    """The row, with some fields as the unmasked message has them."""
    whole = {"@message": message, **discovered(message)}
    row.update((name, whole[name]) for name in names if name in whole)
    return row


def pointer_to(row: Row) -> str | None:
    """`@ptr`: which stored event a row was made of."""
    stream_id, at_ms, sequence = (row.get(name) for name in ("@streamId", "@timestamp", "@sequence"))
    if not (isinstance(stream_id, int) and isinstance(at_ms, int) and isinstance(sequence, int)):
        return None
    return encode_pointer(stream_id, (at_ms, sequence))


def record_of(event: Event, origin: Origin) -> dict[str, str]:
    """Every field of an event as GetLogRecord gives it: moments in epoch ms."""
    row = row_of(event, origin)
    record = {"@ptr": encode_pointer(event.stream_id, (event.timestamp_ms, event.sequence))}
    for name, value in row.items():
        plain = int(value) if isinstance(value, Timestamp) else value
        if name not in HIDDEN and (found := text(plain)) is not None:
            record[name] = found
    return record


def encode_pointer(stream_id: int, key: Key) -> str:
    return base64.b64encode(f"{stream_id}:{int(key[0])}:{key[1]}".encode()).decode()


def decode_pointer(pointer: str) -> tuple[int, Key] | None:
    """(stream, key); `None` for what `encode_pointer` did not make."""
    try:
        numbers = base64.b64decode(pointer, validate=True).decode("ascii").split(":")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    if len(numbers) != 3 or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    stream_id, at_ms, sequence = map(int, numbers)
    return stream_id, (at_ms, sequence)
