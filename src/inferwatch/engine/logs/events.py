"""One stored log event, and the order events are read in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

Key: TypeAlias = tuple[int, int]
"""(timestamp_ms, sequence): the order of reading; the sequence counts up per engine, from 1."""

LAST_KEY: Final[Key] = (10**20 - 1, 0)
_STAMP_DIGITS = 20
_ID_DIGITS = 56


@dataclass(frozen=True, slots=True)
class LogEvent:
    timestamp_ms: int
    ingestion_ms: int
    sequence: int
    message: str
    stream: str

    @property
    def key(self) -> Key:
        return (self.timestamp_ms, self.sequence)

    @property
    def id(self) -> str:
        return encode_key(self.key)


def after(key: Key) -> Key:
    """The smallest key beyond this one."""
    return (key[0], key[1] + 1)


def encode_key(key: Key) -> str:
    """56 decimal digits, as AWS's event ids and tokens have; they sort as the keys do."""
    timestamp_ms, sequence = key
    return f"{timestamp_ms:0{_STAMP_DIGITS}d}{sequence:0{_ID_DIGITS - _STAMP_DIGITS}d}"


def decode_key(digits: str) -> Key | None:
    """The key that `encode_key` wrote; `None` for any other text."""
    if len(digits) != _ID_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits[:_STAMP_DIGITS]), int(digits[_STAMP_DIGITS:])
