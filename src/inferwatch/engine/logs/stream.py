"""One log stream: its events in reading order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inferwatch.engine.logs.events import Key, LogEvent
from inferwatch.model.limits import EVENT_OVERHEAD_BYTES


def _key(event: LogEvent) -> Key:
    return event.key


@dataclass(slots=True)
class LogStream:
    name: str
    created_ms: int
    last_ingestion_ms: int | None = None
    stored_bytes: int = 0
    _events: list[LogEvent] = field(default_factory=list)

    def append(self, event: LogEvent) -> None:
        """Keep an event in its place; events mostly arrive in order."""
        if self._events and event.key < self._events[-1].key:
            insort(self._events, event, key=_key)
        else:
            self._events.append(event)
        self.last_ingestion_ms = event.ingestion_ms
        self.stored_bytes += _size(event)

    @property
    def first(self) -> LogEvent | None:
        return self._events[0] if self._events else None

    @property
    def last(self) -> LogEvent | None:
        return self._events[-1] if self._events else None

    def head(self, start: Key, end: Key, limit: int) -> Sequence[LogEvent]:
        """The oldest events with `start <= key < end`, oldest first."""
        first, last = self._bounds(start, end)
        return self._events[first : min(last, first + limit)]

    def tail(self, start: Key, end: Key, limit: int) -> Sequence[LogEvent]:
        """The newest events with `start <= key < end`, oldest first."""
        first, last = self._bounds(start, end)
        return self._events[max(first, last - limit) : last]

    def scan(self, start: Key, end: Key) -> Iterator[LogEvent]:
        """Events with `start <= key < end`, oldest first, one by one."""
        first, last = self._bounds(start, end)
        return (self._events[index] for index in range(first, last))

    def _bounds(self, start: Key, end: Key) -> tuple[int, int]:
        first = bisect_left(self._events, start, key=_key)
        return first, max(first, bisect_left(self._events, end, key=_key))

    def drop_before(self, timestamp_ms: int) -> None:
        gone = bisect_left(self._events, (timestamp_ms, 0), key=_key)
        self.stored_bytes -= sum(_size(event) for event in self._events[:gone])
        del self._events[:gone]


def _size(event: LogEvent) -> int:
    return len(event.message.encode()) + EVENT_OVERHEAD_BYTES
