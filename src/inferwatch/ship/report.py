"""What the sender tells: counts of a moment, and what a flush found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


def counted(records: int) -> str:
    """`1 record`, `2 records`."""
    return f"{records:,} record{'' if records == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts since this process began: accepted = delivered + spooled + rejected + dropped.

    Args:
        requests: PutLogEvents calls made.
        retries: Those that were answered badly or not at all, and repeated.
        resent: Records sent again after an answer that was ambiguous: so many may be there twice.
        mended: Records that were no JSON, and went as what could be recorded of them.
        last_error: Why records wait, or why the last ones were rejected or dropped; `None` when all is well.
    """

    accepted: int = 0
    delivered: int = 0
    spooled: int = 0
    rejected: int = 0
    dropped: int = 0
    requests: int = 0
    retries: int = 0
    resent: int = 0
    mended: int = 0
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


def total_report(reports: Iterable[Report]) -> Report:
    """What several senders tell, as one."""
    found = tuple(reports)
    return Report(
        sent=sum(each.sent for each in found),
        waiting=sum(each.waiting for each in found),
        dropped=sum(each.dropped for each in found),
        rejected=sum(each.rejected for each in found),
        last_error=in_one_sentence(each.last_error for each in found),
    )


def total_stats(stats: Iterable[Stats]) -> Stats:
    """The counts of several senders, as one."""
    found = tuple(stats)
    return Stats(
        accepted=sum(each.accepted for each in found),
        delivered=sum(each.delivered for each in found),
        spooled=sum(each.spooled for each in found),
        rejected=sum(each.rejected for each in found),
        dropped=sum(each.dropped for each in found),
        requests=sum(each.requests for each in found),
        retries=sum(each.retries for each in found),
        resent=sum(each.resent for each in found),
        mended=sum(each.mended for each in found),
        last_error=in_one_sentence(each.last_error for each in found),
    )


def in_one_sentence(reasons: Iterable[str | None]) -> str | None:
    """Each reason once; `None` when there is none."""
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason is not None)) or None
