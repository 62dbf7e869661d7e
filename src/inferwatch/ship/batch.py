"""From waiting events to batches that PutLogEvents takes: pure, no clock, no network.

Source: CloudWatch Logs API reference, "PutLogEvents", read 2026-11 (limits in `model.limits`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from inferwatch.model.limits import (
    BATCH_MAX_BYTES,
    BATCH_MAX_EVENTS,
    BATCH_MAX_SPAN_MS,
    EVENT_MAX_BYTES,
    EVENT_OVERHEAD_BYTES,
)


class LogEvent(NamedTuple):
    """One event as CloudWatch Logs will keep it; `message` is UTF-8."""

    timestamp_ms: int
    message: bytes

    @property
    def billed_bytes(self) -> int:
        """What AWS counts against its limits."""
        return len(self.message) + EVENT_OVERHEAD_BYTES


def is_too_large(event: LogEvent) -> bool:
    """Whether AWS would refuse the event in any batch."""
    return event.billed_bytes > EVENT_MAX_BYTES


def is_full(events: int, billed_bytes: int) -> bool:
    """Whether there is a whole batch's worth waiting."""
    return events >= BATCH_MAX_EVENTS or billed_bytes >= BATCH_MAX_BYTES


def prefix_length(events: Iterable[LogEvent]) -> int:
    """How many events, from the first, make one legal batch. Timestamps may come in any order."""
    taken = size = 0
    earliest = latest = 0
    for event in events:
        timestamp_ms = event.timestamp_ms
        earliest = timestamp_ms if taken == 0 else min(earliest, timestamp_ms)
        latest = timestamp_ms if taken == 0 else max(latest, timestamp_ms)
        size += event.billed_bytes
        if taken == BATCH_MAX_EVENTS or size > BATCH_MAX_BYTES or latest - earliest > BATCH_MAX_SPAN_MS:
            break
        taken += 1
    return taken


def chronological(events: Iterable[LogEvent]) -> list[LogEvent]:
    """In the order AWS asks for; events of one millisecond keep theirs."""
    return sorted(events, key=attrgetter("timestamp_ms"))


def halves(events: Sequence[LogEvent]) -> tuple[Sequence[LogEvent], Sequence[LogEvent]]:
    """Two smaller batches in the same order: how the one event AWS refuses is found."""
    middle = len(events) // 2
    return events[:middle], events[middle:]
