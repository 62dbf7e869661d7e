"""What can be sent of a slab that another process left behind: all of it, or what is sound of it.

A slab that was sealed and is unchanged is taken as it is. Any other is read event by event: one that was
being filled when its process was killed is whole, and one that the disk has damaged is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import orjson

from inferwatch.ship.slab import EVENT_START, Piece, Slab, unsettled

RECOVERED: Final = "recovered"
"""The log stream of events whose own cannot be read."""

STREAM_MARK: Final = re.compile(rb"\x1e([^\x00-\x1f:*]+)\x1f")


@dataclass(frozen=True, slots=True)
class Salvage:
    """Args:
    pieces: What is still to be sent.
    damaged: What is no event, in the order of the file.
    """

    pieces: list[Piece]
    damaged: list[bytes]

    @property
    def count(self) -> int:
        return sum(piece.count for piece in self.pieces)


def salvage(slab: Slab) -> Salvage:
    """Read a slab of another process; nothing in it is believed that has not been checked."""
    damaged: list[bytes] = []
    pieces = slab.pieces() if slab.is_whole() else _sound_pieces(slab.data(), damaged)
    return Salvage(list(unsettled(pieces, slab.settled)), damaged)


def _sound_pieces(data: bytes, damaged: list[bytes]) -> list[Piece]:
    """Events are found by how they begin, so that a damaged byte costs one or two of them, wherever it is."""
    starts = [found.start() for found in EVENT_START.finditer(data)] or [len(data)]
    found: dict[str, list[bytes]] = {}
    log_stream = _log_stream(data[: starts[0]]) or RECOVERED
    for start, end in pairwise([*starts, len(data)]):
        event, comma, rest = data[start:end].rpartition(b"},")
        event += comma[:1]
        if _is_event(event):
            found.setdefault(log_stream, []).append(event + b",")
        elif event or rest:
            damaged.append(event or rest)
        log_stream = _log_stream(rest) or log_stream
    return [Piece.of(name, events) for name, events in found.items()]


def _log_stream(mark: bytes) -> str | None:
    """The name in a mark between events; `None` where there is none, or none that can be read."""
    named = STREAM_MARK.fullmatch(mark)
    return named[1].decode(errors="replace") if named else None


def _is_event(text: bytes) -> bool:
    try:
        event = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(event, dict)
        and event.keys() == {"timestamp", "message"}
        and isinstance(event["timestamp"], int)
        and isinstance(event["message"], str)
    )
