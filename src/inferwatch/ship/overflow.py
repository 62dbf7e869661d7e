"""Where more comes than the spool holds: for whom the last room is, and what of a dropped slab is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import orjson

from inferwatch.model.limits import EVENT_OVERHEAD_BYTES
from inferwatch.ship.entries import Entry
from inferwatch.ship.policy import SAMPLED, Full, is_error
from inferwatch.ship.slab import DamagedSlab, Slab


class Room:
    """So many slabs, and who may have them.

    Args:
        slabs: As many may be in use.
    """

    def __init__(self, slabs: int, full: Full) -> None:
        self.slabs = slabs
        self.drops_oldest = full == "drop_oldest"
        self._samples = full == "sample"
        self._turn = 0
        self._for_errors = 0 if self.drops_oldest else slabs // 8 or int(slabs > 2)

    @property
    def usual(self) -> int:
        """Slabs for all records; the rest is for errors."""
        return self.slabs - self._for_errors

    def for_one(self, message: bytes) -> int:
        """Slabs that such a record may make use of."""
        return self.slabs if is_error(message) else self.usual

    def may_take(self, message: bytes, used: int) -> bool:
        """Whether a record goes into what is left where so many slabs are in use."""
        if used <= self.slabs // 2 or is_error(message):
            return True
        if used > self.usual:
            return False
        self._turn += 1
        return not self._samples or not self._turn % SAMPLED


class Kept:
    """Errors of slabs that were dropped, in one slab that waits before all others."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._slab: Slab | None = None

    def next_to_drop(self, waiting: deque[Slab]) -> Slab | None:
        """The oldest that waits; the kept errors last of all."""
        if self._slab not in waiting:
            self._slab = None  # under way, or delivered
        return next((slab for slab in waiting if slab is not self._slab), self._slab)

    def drop(self, slab: Slab, waiting: deque[Slab]) -> int:
        """Drop it, but for the errors that there is room for: how many those are."""
        is_read = self._is_wanted and not slab.is_adopted and slab is not self._slab
        errors = _errors_in(slab) if is_read else []
        waiting.remove(slab)
        if errors and self._slab is None:
            slab.reset(slab.number)
            self._slab = slab
            waiting.appendleft(slab)
        else:
            slab.remove()
        return _add(errors, self._slab) if errors and self._slab is not None else 0


def _errors_in(slab: Slab) -> list[Entry]:
    """None, where it cannot be read any more."""
    try:
        return list(_each_error(slab))
    except (OSError, DamagedSlab, orjson.JSONDecodeError):
        return []


def _each_error(slab: Slab) -> Iterator[Entry]:
    for piece in slab.pieces():
        for event in piece.each():
            if is_error(event):
                document = orjson.loads(event)
                message = document["message"].encode()
                yield Entry(document["timestamp"], message, piece.log_stream.encode())


def _add(errors: list[Entry], slab: Slab) -> int:
    """As many as there is room for."""
    added = 0
    try:
        slab.reopen()
    except OSError:  # its file is gone, which the sender will find and say
        return 0
    for timestamp_ms, message, log_stream in errors:
        escaped = orjson.dumps(message.decode())
        added += slab.append(log_stream, timestamp_ms, escaped, len(message) + EVENT_OVERHEAD_BYTES)
    slab.rest()
    return added
