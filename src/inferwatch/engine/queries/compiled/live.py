"""Segments that are not sealed yet, as tables in memory: what was made of them once is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from inferwatch.engine.queries.request import SegmentRequest
from inferwatch.engine.store.frame import ADDED_STREAM
from inferwatch.engine.store.seal import Events, frames_of, shredded
from inferwatch.engine.store.segment import HEADER_BYTES

# From here on a table is not made again when its segment grows.
_WHOLE_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class LiveTable:
    """Events of one group in one segment."""

    name: str
    group_id: int
    data: Any
    kinds: Mapping[str, str]
    streams: frozenset[int]
    events: int
    size_bytes: int
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class _Segment:
    """Tables of a segment up to a byte, and of what has come since."""

    until: int = HEADER_BYTES
    whole: list[LiveTable] = field(default_factory=list)
    end: int = HEADER_BYTES
    tail: list[LiveTable] = field(default_factory=list)


class LiveSegments:
    """The segments of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segments: dict[str, _Segment] = {}
        self._numbers = count(1)

    def tables(self, wanted: Sequence[SegmentRequest], names: Mapping[int, str]) -> list[LiveTable]:
        """Tables of these segments; others are forgotten.

        Raises:
            OSError: A segment is there no more.
            Damaged: One is not what was written.
        """
        self._segments = {segment.name: self._segments.get(segment.name, _Segment()) for segment in wanted}
        for segment in wanted:
            known = self._segments[segment.name]
            if segment.end > known.end:
                self._read(known, segment, names)
        return [table for known in self._segments.values() for table in (*known.whole, *known.tail)]

    def _read(self, known: _Segment, segment: SegmentRequest, names: Mapping[int, str]) -> None:
        """Make tables of what comes after the whole ones."""
        with (self._folder / segment.name).open("rb") as file:
            header = file.read(HEADER_BYTES)
            file.seek(known.until)
            data = header + file.read(segment.end - known.until)
        groups: dict[int, Events] = {}
        made: list[LiveTable] = []
        size = 0
        for frame in frames_of(data):
            if frame.head.stream_id == ADDED_STREAM or frame.head.stream_id not in names:
                continue
            events = groups.setdefault(frame.head.group_id, Events())
            events.add(frame)
            size += len(frame.text)
            if len(events.text) >= _WHOLE_BYTES:
                made.append(self._table(frame.head.group_id, groups.pop(frame.head.group_id), names))
        made += [self._table(group_id, events, names) for group_id, events in groups.items()]
        known.end, known.tail = segment.end, made
        if size >= _WHOLE_BYTES:
            known.until, known.whole, known.tail = segment.end, known.whole + made, []

    def _table(self, group_id: int, events: Events, names: Mapping[int, str]) -> LiveTable:
        size_bytes = len(events.text)
        data, kinds = shredded(events, names)
        span = pc.min_max(data.column("@timestamp")).as_py()
        return LiveTable(
            f"live_{next(self._numbers)}",
            group_id,
            data,
            kinds,
            frozenset(pc.unique(data.column("@streamId")).to_pylist()),
            len(data),
            size_bytes,
            span["min"],
            span["max"],
        )
