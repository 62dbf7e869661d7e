"""The sender's own books, as ordinary records of `type` "ship": once a minute, while records come.

Counts are since the process began, so that a record that is missing takes nothing with it; `queue_age_ms` is
the longest that any event had waited when it was settled, since the record before. None of their fields is an
inference's: no filter for inferences takes one for an inference.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from inferwatch.model.moment import iso_ms
from inferwatch.ship.report import Stats
from inferwatch.ship.slab import Piece

TYPE: Final = "ship"
EVERY_S: Final = 60.0

_COUNTS: Final = (
    "accepted", "delivered", "spooled", "rejected", "dropped", "requests", "retries", "resent", "mended",
)  # fmt: skip


class Ledger:
    """Decides when to tell, and what. Times are arguments.

    Args:
        now_s: When the process began, on a clock that never steps.
    """

    def __init__(self, service: str, host: str, pid: int, *, now_s: float) -> None:
        self._whose = {"service": service, "host": host, "pid": pid}
        self._due_s = now_s + EVERY_S
        self._queue_age_ms = 0
        self._own = 0
        self._told = 0  # how many others had been accepted then

    def settled(self, piece: Piece, now_ms: int) -> None:
        """A piece is over."""
        self._queue_age_ms = max(self._queue_age_ms, now_ms - piece.first_ms)

    def next(self, stats: Stats, *, now_ms: int, now_s: float) -> dict[str, object] | None:
        """A record, where a minute has passed and others have come than its own."""
        others = stats.accepted - self._own
        if now_s < self._due_s or others == self._told:
            return None
        counts = asdict(stats)
        record = {
            "type": TYPE,
            "ts": iso_ms(now_ms),
            **self._whose,
            "queue_age_ms": self._queue_age_ms,
            **{name: counts[name] for name in _COUNTS},
        }
        self._due_s = now_s + EVERY_S
        self._queue_age_ms = 0
        self._own += 1
        self._told = others
        return record
