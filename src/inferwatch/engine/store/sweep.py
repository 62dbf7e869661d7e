"""Which segments hold nothing that can be read any more, and which hold little else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from inferwatch.engine.store.frame import Head
from inferwatch.engine.store.recovery import Scan
from inferwatch.engine.store.segment import HEADER_BYTES, Index


def verdict(index: Index, oldest_ms: Mapping[int, int]) -> Literal["keep", "rewrite", "delete"]:
    """What to do with a segment: a rewrite has to win at least half of it.

    Args:
        oldest_ms: Every stream there is, with the moment before which its events have expired.
    """
    live = [
        extent.file_bytes
        for extent in index.extents.values()
        if (oldest := oldest_ms.get(extent.stream_id)) is not None and extent.last_ms >= oldest
    ]
    if not live:
        return "delete"
    return "rewrite" if 2 * sum(live) < index.end - HEADER_BYTES else "keep"


def kept_frames(scan: Scan, oldest_ms: Mapping[int, int]) -> Iterator[tuple[int, Head]]:
    """(offset, head) of the frames of which something can still be read."""
    for at, head in scan.frames:
        oldest = oldest_ms.get(head.stream_id)
        if oldest is not None and head.last_ms >= oldest:
            yield at, head
