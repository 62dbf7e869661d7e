"""What a store holds of each stream, counted as it is appended, and again when files come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inferwatch.engine.store.catalogue import SealedStream
from inferwatch.engine.store.frame import Head
from inferwatch.engine.store.segment import Extent, Index


@dataclass(slots=True)
class Totals:
    """What the store holds of one stream; the swept no longer count."""

    first_ms: int
    last_ms: int
    ingestion_ms: int
    size_bytes: int

    def add(self, first_ms: int, last_ms: int, ingestion_ms: int, size_bytes: int) -> None:
        self.first_ms = min(self.first_ms, first_ms)
        self.last_ms = max(self.last_ms, last_ms)
        self.ingestion_ms = max(self.ingestion_ms, ingestion_ms)
        self.size_bytes += size_bytes


class TotalsByStream:
    def __init__(self) -> None:
        self._streams: dict[int, Totals] = {}

    def get(self, stream_id: int) -> Totals | None:
        """`None` for a stream without events."""
        return self._streams.get(stream_id)

    def add(self, held: Head | Extent) -> None:
        """Count a frame, or all that a segment holds of a stream."""
        self._add(held.stream_id, held.first_ms, held.last_ms, held.ingestion_ms, held.size_bytes)

    def count_again(self, segments: Iterable[Index], sealed: Iterable[SealedStream]) -> None:
        """Forget everything, and count these."""
        self._streams.clear()
        for index in segments:
            for extent in index.extents.values():
                self.add(extent)
        for stream in sealed:
            (first_ms, _), (last_ms, _) = stream.bounds
            self._add(stream.stream_id, first_ms, last_ms, stream.ingestion_ms, stream.size_bytes)

    def _add(self, stream_id: int, first_ms: int, last_ms: int, ingestion_ms: int, size_bytes: int) -> None:
        totals = self._streams.get(stream_id)
        if totals is None:
            self._streams[stream_id] = Totals(first_ms, last_ms, ingestion_ms, size_bytes)
        else:
            totals.add(first_ms, last_ms, ingestion_ms, size_bytes)
