"""One log stream: its events in reading order, read from the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from inferwatch.engine.logs.batch import InputEvent
from inferwatch.engine.logs.events import LAST_KEY, Key, LogEvent
from inferwatch.engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Moment:
    timestamp_ms: int


@dataclass(slots=True, eq=False)
class LogStream:
    """One stream of one group.

    Args:
        id: Of this stream and no other, gone ones included.
        oldest_ms: Events before this moment were swept away.
    """

    store: Store
    id: int
    group_id: int
    name: str
    created_ms: int
    oldest_ms: int = 0

    def append(self, events: Sequence[InputEvent], now_ms: int, *, ahead: str | None = None) -> int:
        """Keep a batch, oldest first, durable once the store has been synced; the sequence of the first.

        Args:
            ahead: What the batch adds to metrics, kept with it or not at all.

        Raises:
            AwsError: ServiceUnavailableException, where the disk refuses; nothing was kept.
        """
        timestamps = [event.timestamp_ms for event in events]
        messages = [event.message for event in events]
        return self.store.append(self.group_id, self.id, timestamps, messages, now_ms, ahead=ahead)

    @property
    def last_ingestion_ms(self) -> int | None:
        totals = self.store.totals(self.id)
        return None if totals is None else totals.ingestion_ms

    @property
    def stored_bytes(self) -> int:
        """As AWS bills, and as late: what has expired counts until it is swept away."""
        totals = self.store.totals(self.id)
        return 0 if totals is None else totals.size_bytes

    @property
    def first(self) -> Moment | None:
        """When the oldest event happened."""
        totals = self.store.totals(self.id)
        if totals is None or totals.last_ms < self.oldest_ms:
            return None
        if totals.first_ms >= self.oldest_ms:
            return Moment(totals.first_ms)
        event = next(self.scan((self.oldest_ms, 0), LAST_KEY), None)
        return None if event is None else Moment(event.timestamp_ms)

    @property
    def last(self) -> Moment | None:
        """When the newest event happened."""
        totals = self.store.totals(self.id)
        return None if totals is None or totals.last_ms < self.oldest_ms else Moment(totals.last_ms)

    def head(self, start: Key, end: Key, limit: int) -> Sequence[LogEvent]:
        """The oldest events with `start <= key < end`, oldest first."""
        return list(islice(self.scan(start, end), limit))

    def tail(self, start: Key, end: Key, limit: int) -> Sequence[LogEvent]:
        """The newest events with `start <= key < end`, oldest first."""
        newest_first = self.store.scan([self.id], start, end, descending=True)
        found = [self._event(*event) for event in islice(newest_first, limit)]
        found.reverse()
        return found

    def scan(self, start: Key, end: Key) -> Iterator[LogEvent]:
        """Events with `start <= key < end`, oldest first, one by one."""
        return (self._event(*event) for event in self.store.scan([self.id], start, end))

    def _event(
        self, timestamp_ms: int, sequence: int, ingestion_ms: int, _stream_id: int, message: str
    ) -> LogEvent:
        return LogEvent(timestamp_ms, ingestion_ms, sequence, message, self.name)


def scan_streams(streams: Iterable[LogStream], start: Key, end: Key) -> Iterator[LogEvent]:
    """Events of several streams with `start <= key < end`, in one order, one by one."""
    by_id: Mapping[int, LogStream] = {stream.id: stream for stream in streams}
    for stream in by_id.values():
        events = stream.store.scan(by_id.keys(), start, end)
        return (
            LogEvent(timestamp_ms, ingestion_ms, sequence, message, by_id[stream_id].name)
            for timestamp_ms, sequence, ingestion_ms, stream_id, message in events
        )
    return iter(())
