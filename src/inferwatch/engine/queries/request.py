"""What the process that runs queries is asked, and what it answers: JSON, by msgspec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from inferwatch.engine.insights import Context
from inferwatch.engine.logs.groups import LogGroup, LogGroups
from inferwatch.engine.queries.scope import visible_from_ms
from inferwatch.engine.store.catalogue import Layout, SealedFile
from inferwatch.model.limits import EVENT_OVERHEAD_BYTES


class FileRequest(msgspec.Struct, frozen=True):
    """A sealed file of a group that is searched; `streams` are those in it that there are."""

    name: str
    group_id: int
    events: int
    size_bytes: int
    first_ms: int
    last_ms: int
    hidden: list[int]


class SegmentRequest(msgspec.Struct, frozen=True):
    """A segment that is not sealed yet, up to a byte."""

    name: str
    end: int


class GroupRequest(msgspec.Struct, frozen=True):
    log: str
    visible_from_ms: int


class QueryRequest(msgspec.Struct, frozen=True):
    """One query over a folder; `streams` are the names of all there are, by id."""

    folder: str
    text: str
    now_s: int
    start_ms: int
    end_ms: int
    most: int
    groups: dict[int, GroupRequest]
    streams: dict[int, str]
    files: list[FileRequest]
    segments: list[SegmentRequest]


class QueryAnswer(msgspec.Struct, frozen=True):
    """Rows as they are shown, or why there are none."""

    rows: list[list[tuple[str, str]]] = []
    matched: int = 0
    scanned: int = 0
    size_bytes: int = 0
    skipped: int = 0
    error: str | None = None


def request_of(
    layout: Layout,
    text: str,
    context: Context,
    groups: Sequence[LogGroup],
    logs: LogGroups,
    account_id: str,
    most: int,
) -> QueryRequest:
    """A query over what lies in a folder now."""
    now_ms = context.now_s * 1_000
    streams = {stream.id: stream.name for group in logs for stream in group.streams.values()}
    searched = {
        group.id: GroupRequest(f"{account_id}:{group.name}", visible_from_ms(group, now_ms))
        for group in groups
    }
    files = [
        made
        for file in layout.files
        if file.group_id in searched and (made := _file(file, streams)) is not None
    ]
    return QueryRequest(
        str(layout.path),
        text,
        context.now_s,
        context.start_ms,
        context.end_ms,
        most,
        searched,
        streams,
        [file for file in files if file.first_ms <= context.end_ms and file.last_ms >= context.start_ms],
        [SegmentRequest(name, end) for name, end in layout.segments.items()],
    )


def _file(file: SealedFile, streams: Mapping[int, str]) -> FileRequest | None:
    """`None` where none of its streams is there any more."""
    held = [stream for id, stream in file.streams.items() if id in streams]
    if not held:
        return None
    events = [block.rows for stream in held for block in stream.each_block()]
    return FileRequest(
        file.name,
        file.group_id,
        sum(events),
        sum(stream.size_bytes for stream in held) - EVENT_OVERHEAD_BYTES * sum(events),
        min(stream.bounds[0][0] for stream in held),
        max(stream.last_ms for stream in held),
        [id for id in file.streams if id not in streams],
    )
