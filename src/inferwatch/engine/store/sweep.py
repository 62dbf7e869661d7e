"""Which segments hold nothing that can be read any more, which hold little else, and which may be sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from inferwatch.engine.store.catalogue import SealedStream
from inferwatch.engine.store.frame import ADDED_STREAM, Head
from inferwatch.engine.store.recovery import Scan
from inferwatch.engine.store.segment import HEADER_BYTES, Extent, Index


def is_live(held: Extent | Head | SealedStream, oldest_ms: Mapping[int, int]) -> bool:
    """Is its stream still there, and its last event not expired?"""
    oldest = oldest_ms.get(held.stream_id)
    return oldest is not None and held.last_ms >= oldest


def verdict(index: Index, oldest_ms: Mapping[int, int]) -> Literal["keep", "rewrite", "delete"]:
    """What to do with a segment: a rewrite has to win at least half of it.

    Args:
        oldest_ms: Every stream there is, with the moment before which its events have expired.
    """
    live = [extent.file_bytes for extent in index.extents.values() if is_live(extent, oldest_ms)]
    if not live:
        return "delete"
    return "rewrite" if 2 * sum(live) < index.end - HEADER_BYTES else "keep"


def kept_frames(scan: Scan, oldest_ms: Mapping[int, int]) -> Iterator[tuple[int, Head]]:
    """(offset, head) of the frames of which something can still be read."""
    return ((at, head) for at, head in scan.frames if is_live(head, oldest_ms))


def sealable(segments: Mapping[int, Index], active: Index, added_from: int) -> Iterator[int]:
    """Rolled segments without anything that a crash would have added to metrics again."""
    for number, index in segments.items():
        added = index.extents.get(ADDED_STREAM)
        if index is not active and (added is None or added.last_sequence < added_from):
            yield number
