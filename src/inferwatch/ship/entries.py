"""What goes through the spool, and the counts of what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from inferwatch.model.limits import EVENT_MAX_BYTES

AFTER_CLOSING: Final = "a record came after closing"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of every event put so far: accepted = delivered + spooled + rejected + dropped.

    Args:
        loss: Why the last event was rejected or dropped, in words.
    """

    accepted: int = 0
    delivered: int = 0
    spooled: int = 0
    rejected: int = 0
    dropped: int = 0
    loss: str | None = None

    @property
    def settled(self) -> int:
        """Events that will not be sent any more."""
        return self.delivered + self.rejected + self.dropped


class Entry(NamedTuple):
    """A record on its way into a slab.

    Args:
        message: JSON text in UTF-8.
    """

    timestamp_ms: int
    message: bytes
    log_stream: bytes


class Loss(NamedTuple):
    """A record that never became an event."""

    reason: str
    is_rejected: bool


def too_large(billed_bytes: int) -> str:
    """Why such a record is rejected."""
    return f"a record of {billed_bytes:,} bytes is larger than the {EVENT_MAX_BYTES:,} CloudWatch Logs takes"
