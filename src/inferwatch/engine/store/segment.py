"""One segment: a file of frames, and the index that finds a stream's frames in it.

    header    twice, 40 bytes each: magic, version, number, first sequence, seed, checksum
    frames
    footer    once the segment is rolled: magic, directory, frame table, trailer with checksums

The directory has one row for each stream and stays in memory; the frame table has one row for each frame,
sorted by stream, and is read when somebody reads the stream.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zlib import crc32

from inferwatch.engine.store.frame import Damaged, Head, Key
from inferwatch.model.errors import UsageError

VERSION: Final = 1
_MAGIC: Final = b"IWSEGMT\n"
_HEADER = struct.Struct("<8sIIQQI4x")
_HEADER_CHECKED = 32
HEADER_BYTES: Final = 2 * _HEADER.size
FOOTER_MAGIC: Final = b"IWFOOTR\n"
# directory's bytes, frame table's bytes, where the frames end, checksums of both, of this, magic
_TRAILER = struct.Struct("<QQQIII4x8s")
_TRAILER_CHECKED = 32
TRAILER_BYTES: Final = _TRAILER.size
_NAME = "segment-{:08d}.log"


class Row(NamedTuple):
    """One frame as the index knows it."""

    offset: int
    frame_bytes: int
    events: int
    sequence: int
    first_ms: int
    last_ms: int

    @property
    def bounds(self) -> tuple[Key, Key]:
        """The smallest and the largest key there can be."""
        return (self.first_ms, self.sequence), (self.last_ms, self.sequence + self.events - 1)


_ROW = len(Row._fields)
_SEQUENCE, _FIRST_MS, _LAST_MS = (Row._fields.index(name) for name in ("sequence", "first_ms", "last_ms"))


@dataclass(slots=True)
class Extent:
    """What one segment holds of one stream.

    Args:
        row: The first of its rows in the segment's frame table.
        file_bytes: What its frames take in the file.
    """

    stream_id: int
    group_id: int
    row: int
    rows: int
    first_ms: int
    last_ms: int
    first_sequence: int
    last_sequence: int
    ingestion_ms: int
    events: int
    size_bytes: int
    file_bytes: int

    @property
    def bounds(self) -> tuple[Key, Key]:
        """No event has a key outside these."""
        return (self.first_ms, self.first_sequence), (self.last_ms, self.last_sequence)


_EXTENT_FIELDS = tuple(Extent.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Header:
    number: int
    first_sequence: int
    seed: int

    def pack(self) -> bytes:
        fields = (_MAGIC, VERSION, self.seed, self.number, self.first_sequence)
        return _HEADER.pack(*fields, crc32(_HEADER.pack(*fields, 0)[:_HEADER_CHECKED])) * 2


@dataclass(slots=True)
class Index:
    """The frames of one segment, by stream.

    Args:
        tables: Each stream's rows, flat; `None` while they are only in the footer.
        end: Where the frames end in the file.
    """

    header: Header
    end: int = HEADER_BYTES
    extents: dict[int, Extent] = field(default_factory=dict)
    tables: dict[int, array[int]] | None = field(default_factory=dict)

    def add(self, head: Head) -> None:
        """The frame that was appended at `end`."""
        if self.tables is None:
            raise ValueError("a rolled segment takes no more frames")
        last_sequence = head.sequence + head.events - 1
        extent = self.extents.get(head.stream_id)
        if extent is None:
            self.extents[head.stream_id] = Extent(
                head.stream_id, head.group_id, 0, 1, head.first_ms, head.last_ms, head.sequence,
                last_sequence, head.ingestion_ms, head.events, head.size_bytes, head.frame_bytes,
            )  # fmt: skip
            self.tables[head.stream_id] = array("q")
        else:
            extent.rows += 1
            extent.first_ms = min(extent.first_ms, head.first_ms)
            extent.last_ms = max(extent.last_ms, head.last_ms)
            extent.last_sequence = last_sequence
            extent.ingestion_ms = head.ingestion_ms
            extent.events += head.events
            extent.size_bytes += head.size_bytes
            extent.file_bytes += head.frame_bytes
        row = Row(self.end, head.frame_bytes, head.events, head.sequence, head.first_ms, head.last_ms)
        self.tables[head.stream_id].extend(row)
        self.end += head.frame_bytes

    @property
    def next_sequence(self) -> int:
        return max(
            (extent.last_sequence + 1 for extent in self.extents.values()), default=self.header.first_sequence
        )

    @property
    def raw_bytes(self) -> int:
        return sum(extent.size_bytes for extent in self.extents.values())

    def footer(self) -> bytes:
        """Number the rows, and write both tables."""
        tables = self.tables
        if tables is None:
            raise ValueError("this segment has its footer already")
        directory, rows = array("q"), array("q")
        for stream_id in sorted(self.extents):
            extent = self.extents[stream_id]
            extent.row = len(rows) // _ROW
            rows += tables[stream_id]
            directory.extend(getattr(extent, name) for name in _EXTENT_FIELDS)
        first, second = _little(directory), _little(rows)
        packed = (len(first), len(second), self.end, crc32(first), crc32(second))
        crc = crc32(_TRAILER.pack(*packed, 0, FOOTER_MAGIC)[:_TRAILER_CHECKED])
        return FOOTER_MAGIC + first + second + _TRAILER.pack(*packed, crc, FOOTER_MAGIC)


def name_of(number: int) -> str:
    return _NAME.format(number)


def number_of(name: str) -> int | None:
    """The number in a segment's file name; `None` for any other file."""
    stem = name.removeprefix("segment-").removesuffix(".log")
    return int(stem) if stem.isdecimal() and stem.isascii() and name == name_of(int(stem)) else None


def read_header(data: bytes) -> Header:
    """The first whole one of the two.

    Raises:
        Damaged: Neither is.
        UsageError: It is whole, and of a version that this is not.
    """
    for start in (0, _HEADER.size):
        packed = data[start : start + _HEADER.size]
        if len(packed) < _HEADER.size:
            break
        magic, version, seed, number, first_sequence, crc = _HEADER.unpack(packed)
        if magic == _MAGIC and crc == crc32(packed[:_HEADER_CHECKED]):
            if version != VERSION:
                raise UsageError(
                    f"segment {number} was written by another inferwatch (version {version} of its segments, "
                    f"this one reads {VERSION}): use that one, or another folder"
                )
            return Header(number, first_sequence, seed)
    raise Damaged("both headers are damaged")


def read_footer(header: Header, size: int, read: Callable[[int, int], bytes]) -> Index | None:
    """The index of a rolled segment, its frame table left where it is; `None` where there is no footer.

    Raises:
        Damaged: There is one, and it is not what was written.
    """
    packed = read(max(0, size - TRAILER_BYTES), TRAILER_BYTES)
    if len(packed) < TRAILER_BYTES or packed[-8:] != FOOTER_MAGIC:
        return None
    directory_bytes, rows_bytes, end, directory_crc, _, crc, _ = _TRAILER.unpack(packed)
    whole = end + len(FOOTER_MAGIC) + directory_bytes + rows_bytes + TRAILER_BYTES == size
    if crc != crc32(packed[:_TRAILER_CHECKED]) or not whole:
        raise Damaged("the footer's end does not match its checksum")
    directory = read(end + len(FOOTER_MAGIC), directory_bytes)
    if crc32(directory) != directory_crc:
        raise Damaged("the footer's directory does not match its checksum")
    values = _numbers(directory)
    step = len(_EXTENT_FIELDS)
    extents = [Extent(*values[at : at + step]) for at in range(0, len(values), step)]
    return Index(header, end, {extent.stream_id: extent for extent in extents}, None)


def read_rows(index: Index, size: int, read: Callable[[int, int], bytes]) -> array[int]:
    """The whole frame table of a rolled segment.

    Raises:
        Damaged: It is not what was written.
    """
    packed = read(size - TRAILER_BYTES, TRAILER_BYTES)
    directory_bytes, rows_bytes, end, _, rows_crc, _, _ = _TRAILER.unpack(packed)
    rows = read(end + len(FOOTER_MAGIC) + directory_bytes, rows_bytes)
    if end != index.end or crc32(rows) != rows_crc:
        raise Damaged("the footer's frame table does not match its checksum")
    return _numbers(rows)


class Rows:
    """A flat frame table, row by row."""

    def __init__(self, table: array[int]) -> None:
        self._table = table

    def array(self, first: int, rows: int) -> array[int]:
        return self._table[first * _ROW : (first + rows) * _ROW]

    def slice(self, first: int, rows: int) -> Iterator[Row]:
        table = self._table
        for at in range(first * _ROW, min((first + rows) * _ROW, len(table)), _ROW):
            yield Row(*table[at : at + _ROW])

    def blocks(self, rows: int) -> Iterator[tuple[int, tuple[Key, Key]]]:
        """(first row, the bounds of the keys) of so many rows at a time."""
        for first in range(0, len(self._table) // _ROW, rows):
            block = self.array(first, rows)
            last_row = Row(*block[-_ROW:])
            low = (min(block[_FIRST_MS::_ROW]), block[_SEQUENCE])
            yield first, (low, (max(block[_LAST_MS::_ROW]), last_row.bounds[1][1]))


def _numbers(data: bytes) -> array[int]:
    values = array("q")
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _little(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column = array("q", column)
        column.byteswap()
    return column.tobytes()
