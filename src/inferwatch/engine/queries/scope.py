"""Which events a query looks at."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from inferwatch.engine.dataprotection.protection import DataProtection
from inferwatch.engine.insights.values import Row
from inferwatch.engine.logs.events import Key
from inferwatch.engine.logs.groups import LogGroup
from inferwatch.engine.queries.events import Origin, row_of, with_unmasked
from inferwatch.engine.store.frame import Event
from inferwatch.engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Scope:
    """Streams and a stretch of time, both ends inclusive."""

    origins: Mapping[int, Origin]
    start_ms: int
    end_ms: int


def visible_from_ms(group: LogGroup, now_ms: int) -> int:
    """Events from before their group was made are not seen. Source: User Guide, "Logs Insights"."""
    return max(group.created_ms, group.oldest_ms(now_ms))


def scope_of(groups: Sequence[LogGroup], account_id: str, start_ms: int, end_ms: int, now_ms: int) -> Scope:
    """Everything of these groups."""
    origins = {}
    for group in groups:
        visible = visible_from_ms(group, now_ms)
        for stream in group.streams.values():
            log = f"{account_id}:{group.name}"
            origins[stream.id] = Origin(group.name, log, stream.name, visible)
    return Scope(origins, start_ms, end_ms)


class Scan:
    """Reads a scope's events, newest first, some at a time; what is stored meanwhile may move.

    Attributes:
        records: Events read so far; `size_bytes` are those of their messages.
    """

    def __init__(
        self, store: Store, protection: DataProtection, scope: Scope, unmasked: frozenset[str]
    ) -> None:
        self.records = 0
        self.size_bytes = 0
        self.at_end = False
        self._store = store
        self._protection = protection
        self._scope = scope
        self._unmasked = unmasked
        self._before: Key = (scope.end_ms, sys.maxsize)

    def next(self, count: int) -> list[Row]:
        """The next rows, of at most `count` events; fewer, maybe none, where events are not to be seen."""
        rows = []
        read = 0
        for event in islice(self._events(), count):
            read += 1
            self._before = (event.timestamp_ms, event.sequence)
            origin = self._scope.origins[event.stream_id]
            if event.timestamp_ms >= origin.visible_from_ms:
                rows.append(self._row(event, origin))
        self.at_end = read < count
        return rows

    def _events(self) -> Iterator[Event]:
        start: Key = (self._scope.start_ms, 0)
        return self._store.scan(self._scope.origins.keys(), start, self._before, descending=True)

    def _row(self, event: Event, origin: Origin) -> Row:
        self.records += 1
        self.size_bytes += len(event.message.encode())
        if self._protection.status(origin.group) is None:
            return row_of(event, origin)
        masked = self._protection.shown(origin.group, event.message, event.ingestion_ms)
        row = row_of(event._replace(message=masked), origin)
        return with_unmasked(row, event.message, self._unmasked)
