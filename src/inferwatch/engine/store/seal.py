"""One rolled segment → one Parquet file for each log group: the events sorted by stream and key, and their
leaves as columns beside the message.

    @timestamp @ingestionTime @sequence @streamId   int64
    @logStream @message                             string
    @json                                           bool: the message is one JSON object
    one column for each path (see `columns.py`); the kinds are in the file's metadata, under `inferwatch`

Source: none of AWS's; the names with `@` are those of CloudWatch Logs Insights where it has them.
"""

from __future__ import annotations

import json
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inferwatch.engine.store.catalogue import Block, Check, SealedFile, SealedStream, sealed_name
from inferwatch.engine.store.columns import REST, columns_of
from inferwatch.engine.store.flatten import Leaves
from inferwatch.engine.store.folder import TEMPORARY
from inferwatch.engine.store.frame import Damaged, Frame, decode
from inferwatch.engine.store.recovery import scan_frames
from inferwatch.engine.store.segment import HEADER_BYTES, number_of, read_header
from inferwatch.model.limits import EVENT_OVERHEAD_BYTES

METADATA: Final = b"inferwatch"
VERSION: Final = 1
_ROW_GROUP_EVENTS = 16_384
_ROW_GROUP_BYTES = 16 * 2**20


@dataclass(slots=True)
class _Group:
    """The live events of one group, frame by frame."""

    frames: list[Frame] = field(default_factory=list)

    def events(self) -> Any:
        """Every event, by stream and key."""
        heads = [frame.head for frame in self.frames]
        table = pa.table(
            {
                "@timestamp": pa.concat_arrays([_timestamps(frame) for frame in self.frames]),
                "@ingestionTime": _each([head.ingestion_ms for head in heads], self.frames),
                "@sequence": pa.concat_arrays(
                    [
                        pa.array(range(head.sequence, head.sequence + head.events), pa.int64())
                        for head in heads
                    ]
                ),
                "@streamId": _each([head.stream_id for head in heads], self.frames),
                "@message": pa.concat_arrays([_messages(frame) for frame in self.frames]),
            }
        )
        keys = [(name, "ascending") for name in ("@streamId", "@timestamp", "@sequence")]
        order = pc.sort_indices(table, sort_keys=keys)
        in_order = order.equals(pa.array(range(len(order)), pa.uint64()))
        return (table if in_order else table.take(order)).combine_chunks()


def _each(values: list[int], frames: list[Frame]) -> Any:
    """A value for each frame, as one for each of its events."""
    repeated = [
        pa.repeat(pa.scalar(value, pa.int64()), frame.head.events)
        for value, frame in zip(values, frames, strict=True)
    ]
    return pa.concat_arrays(repeated)


def _timestamps(frame: Frame) -> Any:
    return pa.Array.from_buffers(pa.int64(), frame.head.events, [None, pa.py_buffer(frame.timestamps)])


def _messages(frame: Frame) -> Any:
    offsets = array("i", (0, *frame.ends))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(frame.text)]
    return pa.Array.from_buffers(pa.string(), frame.head.events, buffers)


def seal(segment: Path, names: Mapping[int, str], attempt: str) -> list[SealedFile]:
    """Write a rolled segment's live events as columns; every file is durable when this returns.

    Args:
        names: Every stream there is; the events of others are left out.
        attempt: Makes the files' names unlike those of any other attempt.

    Raises:
        Damaged: The segment is; nothing was written.
    """
    number = number_of(segment.name)
    if number is None:
        raise Damaged(f"{segment.name} is no segment")
    groups: dict[int, _Group] = {}
    for frame in _frames(segment.read_bytes()):
        if frame.head.stream_id in names:
            groups.setdefault(frame.head.group_id, _Group()).frames.append(frame)
    files = []
    for group_id, group in groups.items():
        name = sealed_name(number, group_id, attempt)
        files.append(_write_group(segment.parent / name, number, group_id, group, names))
        group.frames.clear()
    folder = os.open(segment.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return files


def _frames(data: bytes) -> Iterator[Frame]:
    header = read_header(data[:HEADER_BYTES])
    scan = scan_frames(data, header)
    if scan.damages:
        offset, what = scan.damages[0]
        raise Damaged(f"byte {offset}: {what}")
    for at, head in scan.frames:
        yield decode(data[at : at + head.frame_bytes], header.seed)


def _write_group(
    path: Path, number: int, group_id: int, group: _Group, names: Mapping[int, str]
) -> SealedFile:
    events = group.events()
    messages = events.column("@message").combine_chunks()
    leaves = Leaves()
    leaves.add(_bytes_of(messages))
    leaves.finish()
    shredded = columns_of(leaves, len(messages))
    streams = events.column("@streamId").combine_chunks().dictionary_encode()
    log_streams = pa.array([names[stream_id] for stream_id in streams.dictionary.to_pylist()], pa.string())
    table = events.append_column("@logStream", log_streams.take(streams.indices))
    table = table.append_column("@json", pa.array(leaves.is_object))
    for name, values in shredded.arrays.items():
        table = table.append_column(name, values)
    about = {"version": VERSION, "segment": number, "group": group_id, "kinds": shredded.kinds}
    table = table.replace_schema_metadata({METADATA: json.dumps(about)})
    sizes = pc.binary_length(messages)
    cuts = _row_groups(sizes)
    checks = _write(path, table, cuts)
    return SealedFile(path.name, number, group_id, checks, _streams(events, sizes, cuts))


def _bytes_of(messages: Any) -> Iterable[bytes]:
    for first in range(0, len(messages), 4_000):
        yield from messages.slice(first, 4_000).cast(pa.binary()).to_pylist()


def _row_groups(sizes: Any) -> list[tuple[int, int]]:
    """(first row, one past the last) of each row group: so many events, and not too many bytes."""
    ends = pc.cumulative_sum(sizes.cast(pa.int64())).to_pylist()
    cuts = []
    first = 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        last = max(first + 1, min(first + _ROW_GROUP_EVENTS, bisect_right(ends, before + _ROW_GROUP_BYTES)))
        cuts.append((first, last))
        first = last
    return cuts


def _write(path: Path, table: Any, cuts: list[tuple[int, int]]) -> tuple[Check, ...]:
    """Write the file, durable but for its folder's entry; checksums of its row groups and its footer."""
    dictionaries = [
        name for name in table.column_names if name not in ("@message", "@timestamp", "@sequence", REST)
    ]
    statistics = [name for name in table.column_names if name not in ("@message", REST)]
    temporary = path.with_name(path.name + TEMPORARY)
    with temporary.open("wb") as file:
        writer = pq.ParquetWriter(
            file,
            table.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=dictionaries,
            write_statistics=statistics,
            write_page_checksum=True,
        )
        with writer:
            for first, last in cuts:
                writer.write_table(table.slice(first, last - first), row_group_size=last - first)
        file.flush()
        os.fsync(file.fileno())
    checks = _checks(temporary)
    os.replace(temporary, path)
    return checks


def _checks(path: Path) -> tuple[Check, ...]:
    """Parquet's own checksums leave out its headers and its footer: these cover every byte."""
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    metadata = pq.read_metadata(path)
    starts = [_start(metadata.row_group(number)) for number in range(metadata.num_row_groups)]
    edges = [0, *starts[1:], footer, len(content)]
    return tuple(Check(start, end - start, crc32(content[start:end])) for start, end in pairwise(edges))


def _start(row_group: Any) -> int:
    """Where its first column begins: with its dictionary, where there is one."""
    columns = [row_group.column(number) for number in range(row_group.num_columns)]
    offsets = [(column.dictionary_page_offset, column.data_page_offset) for column in columns]
    return min(int(data if dictionary is None else dictionary) for dictionary, data in offsets)


def _streams(events: Any, sizes: Any, cuts: list[tuple[int, int]]) -> dict[int, SealedStream]:
    """Where each stream's rows lie: they are consecutive, and cut only by the ends of row groups."""
    timestamps, sequences = (events.column(name).to_pylist() for name in ("@timestamp", "@sequence"))
    ingestions = events.column("@ingestionTime").combine_chunks()
    starts = [start for start, _ in cuts]
    runs = pc.run_end_encode(events.column("@streamId").combine_chunks())
    found = {}
    first = 0
    for stream_id, last in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        blocks = array("q")
        low = first
        while low < last:
            row_group = bisect_right(starts, low) - 1
            start, end = cuts[row_group]
            high = min(last, end)
            edge = (timestamps[low], sequences[low], timestamps[high - 1], sequences[high - 1])
            blocks.extend(Block(row_group, low - start, high - low, *edge))
            low = high
        of_stream = slice(first, last)
        size_bytes = pc.sum(sizes[of_stream]).as_py() + EVENT_OVERHEAD_BYTES * (last - first)
        found[stream_id] = SealedStream(
            stream_id, pc.max(ingestions[of_stream]).as_py(), max(sequences[of_stream]), size_bytes, blocks
        )
        first = last
    return found
