"""PutLogEvents' rules: which batches are refused, and which events of a good batch are.

Source: CloudWatch Logs API reference, "PutLogEvents"; error texts as recorded, or as users posted them.

Differs: the order of the checks is a guess: order, event size, batch size, age, span.

Differs: whether AWS counts the 26 bytes of overhead into the largest event is not stated; here they count.

Differs: that `expiredLogEventEndIndex` is one past the last expired event is a guess, by analogy with
`tooOldLogEventEndIndex`; where a batch holds events too old and events past the retention, both are given.

Differs: the texts for an event or batch too large, or too long a span, are known from users' reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from inferwatch.model.errors import invalid_parameter
from inferwatch.model.limits import (
    BATCH_MAX_BYTES,
    BATCH_MAX_SPAN_MS,
    DAY_MS,
    EVENT_MAX_AGE_MS,
    EVENT_MAX_BYTES,
    EVENT_MAX_FUTURE_MS,
    EVENT_OVERHEAD_BYTES,
)


@dataclass(frozen=True, slots=True)
class InputEvent:
    timestamp_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Where the refused events of a batch lie; each is `None` where nothing was refused for that reason.

    Args:
        too_new_start: Index of the first event too far ahead.
        too_old_end: One past the last event older than fourteen days.
        expired_end: One past the last event older than the group's retention.
    """

    too_new_start: int | None = None
    too_old_end: int | None = None
    expired_end: int | None = None

    def __bool__(self) -> bool:
        return not (self.too_new_start is None and self.too_old_end is None and self.expired_end is None)


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch after the checks."""

    accepted: Sequence[InputEvent]
    rejected: Rejected


def sort_batch(events: Sequence[InputEvent], now_ms: int, retention_days: int | None) -> Sorted:
    """Check a batch and part the good events from the refused.

    Raises:
        AwsError: InvalidParameterException, for a batch refused as a whole.
    """
    _check_order(events)
    _check_sizes(events)
    oldest_ms = now_ms - EVENT_MAX_AGE_MS
    expired_ms = oldest_ms if retention_days is None else now_ms - retention_days * DAY_MS
    newest_ms = now_ms + EVENT_MAX_FUTURE_MS
    # The batch is in order, so each refused kind lies at one end.
    too_old = sum(event.timestamp_ms < oldest_ms for event in events)
    expired = sum(event.timestamp_ms < expired_ms for event in events)
    too_new = sum(event.timestamp_ms > newest_ms for event in events)
    accepted = events[max(too_old, expired) : len(events) - too_new]
    if accepted and accepted[-1].timestamp_ms - accepted[0].timestamp_ms > BATCH_MAX_SPAN_MS:
        raise invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    return Sorted(
        accepted,
        Rejected(
            too_new_start=len(events) - too_new if too_new else None,
            too_old_end=too_old or None,
            expired_end=expired if expired > too_old else None,
        ),
    )


def _check_order(events: Sequence[InputEvent]) -> None:
    for earlier, later in pairwise(events):
        if later.timestamp_ms < earlier.timestamp_ms:
            raise invalid_parameter(
                "Log events in a single PutLogEvents request must be in chronological order."
            )


def _check_sizes(events: Sequence[InputEvent]) -> None:
    total = 0
    for event in events:
        size = len(event.message.encode()) + EVENT_OVERHEAD_BYTES
        if size > EVENT_MAX_BYTES:
            raise invalid_parameter(f"Log event too large: {size} bytes exceeds limit of {EVENT_MAX_BYTES}")
        total += size
    if total > BATCH_MAX_BYTES:
        raise invalid_parameter(f"Upload too large: {total} bytes exceeds limit of {BATCH_MAX_BYTES}")
