"""One rolled segment → Parquet files of one log group each: the events sorted by stream and key, and their
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
from inferwatch.engine.store.columns import REST, Kind, columns_of
from inferwatch.engine.store.flatten import Leaves
from inferwatch.engine.store.folder import TEMPORARY, sync_folder
from inferwatch.engine.store.frame import Damaged, Decoder, Frame
from inferwatch.engine.store.recovery import scan_frames
from inferwatch.engine.store.segment import HEADER_BYTES, number_of, read_header
from inferwatch.model.limits import EVENT_OVERHEAD_BYTES

METADATA: Final = b"inferwatch"
VERSION: Final = 1
_ROW_GROUP_EVENTS = 16_384
_SAMPLE_ROWS = 1_024
_ROW_GROUP_BYTES = 16 * 2**20
# A file's events, their columns and the file itself are in memory at once, five times this in all.
_FILE_BYTES = 64 * 2**20


@dataclass(slots=True)
class Events:
    """Live events of one group, column by column."""

    timestamps: array[int] = field(default_factory=lambda: array("q"))
    ingestions: array[int] = field(default_factory=lambda: array("q"))
    sequences: array[int] = field(default_factory=lambda: array("q"))
    streams: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("i", (0,)))
    text: bytearray = field(default_factory=bytearray)

    def add(self, frame: Frame) -> None:
        head = frame.head
        self.timestamps.extend(frame.timestamps)
        self.ingestions += array("q", (head.ingestion_ms,)) * head.events
        self.sequences.extend(range(head.sequence, head.sequence + head.events))
        self.streams += array("q", (head.stream_id,)) * head.events
        before = len(self.text)
        self.ends.extend([before + end for end in frame.ends])
        self.text += frame.text

    def table(self) -> Any:
        """By stream and key. The table lies over these columns: nothing can be added any more."""
        rows = len(self.timestamps)
        numbers = {
            "@timestamp": self.timestamps,
            "@ingestionTime": self.ingestions,
            "@sequence": self.sequences,
            "@streamId": self.streams,
        }
        columns = {
            name: pa.Array.from_buffers(pa.int64(), rows, [None, pa.py_buffer(column)])
            for name, column in numbers.items()
        }
        texts = [None, pa.py_buffer(self.ends), pa.py_buffer(self.text)]
        table = pa.table({**columns, "@message": pa.Array.from_buffers(pa.string(), rows, texts)})
        keys = [(name, "ascending") for name in ("@streamId", "@timestamp", "@sequence")]
        order = pc.sort_indices(table, sort_keys=keys)
        in_order = order.equals(pa.array(range(rows), pa.uint64()))
        return table if in_order else table.take(order)


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
    groups: dict[int, Events] = {}
    files: list[SealedFile] = []

    def write(group_id: int) -> None:
        name = sealed_name(number, group_id, len(files), attempt)
        files.append(_write_group(segment.parent / name, number, group_id, groups.pop(group_id), names))

    for frame in frames_of(segment.read_bytes()):
        if frame.head.stream_id in names:
            events = groups.setdefault(frame.head.group_id, Events())
            events.add(frame)
            if len(events.text) >= _FILE_BYTES:
                write(frame.head.group_id)
    for group_id in list(groups):
        write(group_id)
    sync_folder(segment.parent)
    return files


def frames_of(data: bytes) -> Iterator[Frame]:
    """Every frame of a segment.

    Raises:
        Damaged: Something in it is not what was written.
    """
    header = read_header(data[:HEADER_BYTES])
    scan = scan_frames(data, header)
    if scan.damages:
        offset, what = scan.damages[0]
        raise Damaged(f"byte {offset}: {what}")
    decoder = Decoder()
    for at, head in scan.frames:
        yield decoder.decode(data[at : at + head.frame_bytes], header.seed)


def _write_group(
    path: Path, number: int, group_id: int, unsorted: Events, names: Mapping[int, str]
) -> SealedFile:
    table, kinds = shredded(unsorted, names)
    events = table.select(["@timestamp", "@ingestionTime", "@sequence", "@streamId"])
    about = {"version": VERSION, "segment": number, "group": group_id, "kinds": kinds}
    table = table.replace_schema_metadata({METADATA: json.dumps(about)})
    sizes = pc.binary_length(table.column("@message").combine_chunks())
    cuts = _row_groups(sizes)
    checks = _write(path, table, cuts)
    return SealedFile(path.name, number, group_id, checks, _streams(events, sizes, cuts))


def shredded(unsorted: Events, names: Mapping[int, str]) -> tuple[Any, dict[str, Kind]]:
    """Events by stream and key with their leaves as columns, and the kind of each path."""
    events = unsorted.table()
    messages = events.column("@message").combine_chunks()
    leaves = Leaves()
    leaves.add(_bytes_of(messages))
    leaves.finish()
    columns = columns_of(leaves, len(messages))
    streams = events.column("@streamId").combine_chunks().dictionary_encode()
    log_streams = pa.array([names[stream_id] for stream_id in streams.dictionary.to_pylist()], pa.string())
    table = events.append_column("@logStream", log_streams.take(streams.indices))
    table = table.append_column("@json", pa.array(leaves.is_object))
    for name, values in columns.arrays.items():
        table = table.append_column(name, values)
    return table, columns.kinds


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
        name for name in table.column_names if name not in ("@message", REST) and _repeats(table.column(name))
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


def _repeats(values: Any) -> bool:
    """Do few values come often, by the first ones? A dictionary of others costs time and space."""
    first = values.slice(0, _SAMPLE_ROWS)
    return bool(2 * pc.count_distinct(first).as_py() <= len(first) - first.null_count)


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
    timestamps, sequences, ingestions = (
        events.column(name).combine_chunks() for name in ("@timestamp", "@sequence", "@ingestionTime")
    )
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
            edge = [column[row].as_py() for row in (low, high - 1) for column in (timestamps, sequences)]
            blocks.extend(Block(row_group, low - start, high - low, *edge))
            low = high
        of_stream = slice(first, last)
        size_bytes = pc.sum(sizes[of_stream]).as_py() + EVENT_OVERHEAD_BYTES * (last - first)
        latest, last_sequence = (pc.max(column[of_stream]).as_py() for column in (ingestions, sequences))
        found[stream_id] = SealedStream(stream_id, latest, last_sequence, size_bytes, blocks)
        first = last
    return found
