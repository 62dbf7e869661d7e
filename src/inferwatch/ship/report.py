"""What the sender tells: counts of a moment, and what a flush found."""

from __future__ import annotations

from dataclasses import dataclass


def counted(records: int) -> str:
    """`1 record`, `2 records`."""
    return f"{records:,} record{'' if records == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts since this process began: accepted = delivered + waiting + rejected + dropped.

    Args:
        requests: PutLogEvents calls made.
        retries: Those that were answered badly or not at all, and repeated.
        last_error: Why records wait, or why the last ones were rejected or dropped; `None` when all is well.
    """

    accepted: int = 0
    delivered: int = 0
    waiting: int = 0
    rejected: int = 0
    dropped: int = 0
    requests: int = 0
    retries: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a flush found: `waiting` is now; the rest is since the flush before, or since the beginning.

    Args:
        last_error: Why records wait, were rejected or dropped, as a sentence; `None` when none were.
    """

    sent: int = 0
    waiting: int = 0
    dropped: int = 0
    rejected: int = 0
    last_error: str | None = None

    def __str__(self) -> str:
        counts = f"sent {self.sent}, waiting {self.waiting}, dropped {self.dropped}, rejected {self.rejected}"
        return counts if self.last_error is None else f"{counts}: {self.last_error}"
