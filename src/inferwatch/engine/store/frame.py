"""One frame: the accepted events of one PutLogEvents request, compressed, with checksums.

    head      80 bytes, little-endian: see `_HEAD`
    payload   zstd of: timestamps (i64 each), byte lengths (u32 each), messages (UTF-8, end to end)

Both checksums are seeded with a number drawn per file, so that no message can pass for a frame.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias
from zlib import crc32

import zstandard

from inferwatch.model.limits import EVENT_OVERHEAD_BYTES

Key: TypeAlias = tuple[int, int]
"""(timestamp_ms, sequence): the order of reading."""

MAGIC: Final = b"IWF1"
ADDED_STREAM: Final = 0
"""No stream's id: of frames that hold what was added to metrics. Their time is their sequence; their group is
the number of log events they were made of, which the next frame holds."""
_LEVEL = 1
_PIECE_EVENTS = 100
# magic, head's checksum, payload's checksum, payload's bytes, raw bytes, events,
# first sequence, ingestion_ms, group, stream, first_ms, last_ms, size_bytes
_HEAD = struct.Struct("<4sIIIIIqqqqqqq")
_CHECKED_FROM = 8
HEAD_BYTES: Final = _HEAD.size


class Event(NamedTuple):
    timestamp_ms: int
    sequence: int
    ingestion_ms: int
    stream_id: int
    message: str


class Damaged(Exception):
    """Bytes that are not what was written; the text says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a frame says of itself.

    Args:
        sequence: Of the first event; the others count up from it.
        size_bytes: As AWS bills: UTF-8 bytes and 26 an event.
    """

    payload_crc: int
    payload_bytes: int
    raw_bytes: int
    events: int
    sequence: int
    ingestion_ms: int
    group_id: int
    stream_id: int
    first_ms: int
    last_ms: int
    size_bytes: int

    @property
    def frame_bytes(self) -> int:
        return HEAD_BYTES + self.payload_bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame read back; messages are decoded one by one, as they are asked for."""

    head: Head
    timestamps: Sequence[int]
    ends: Sequence[int]
    text: bytes

    def event(self, index: int) -> Event:
        start = self.ends[index - 1] if index else 0
        head = self.head
        return Event(
            self.timestamps[index],
            head.sequence + index,
            head.ingestion_ms,
            head.stream_id,
            self.text[start : self.ends[index]].decode(),
        )

    def bounds(self, start: Key, end: Key) -> tuple[int, int]:
        """The events with `start <= key < end`, as a range of indexes."""
        first = self._at(start)
        return first, max(first, self._at(end))

    def _at(self, key: Key) -> int:
        """The first event at or beyond `key`: both halves of the key rise within a frame."""
        timestamp_ms, sequence = key
        by_time = bisect_left(self.timestamps, timestamp_ms)
        past_time = bisect_left(self.timestamps, timestamp_ms + 1)
        return min(max(by_time, sequence - self.head.sequence), past_time)


class Encoder:
    """Makes frames; not for two threads at once."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)

    def encode(
        self,
        timestamps: Sequence[int],
        messages: Sequence[str],
        *,
        seed: int,
        sequence: int,
        ingestion_ms: int,
        group_id: int,
        stream_id: int,
    ) -> tuple[Head, bytes]:
        """A frame of at least one event; timestamps never fall."""
        if all(map(str.isascii, messages)):
            lengths = array("I", map(len, messages))
        else:
            lengths = array("I", [len(message.encode()) for message in messages])
        text_bytes = sum(lengths)
        payload, raw_bytes = self._compressed(timestamps, lengths, messages, text_bytes)
        head = Head(
            crc32(payload, seed),
            len(payload),
            raw_bytes,
            len(messages),
            sequence,
            ingestion_ms,
            group_id,
            stream_id,
            timestamps[0],
            timestamps[-1],
            text_bytes + EVENT_OVERHEAD_BYTES * len(messages),
        )
        return head, _pack(head, seed) + payload

    def _compressed(
        self, timestamps: Sequence[int], lengths: array[int], messages: Sequence[str], text_bytes: int
    ) -> tuple[bytes, int]:
        """The payload, and how many bytes it was.

        Piece by piece: a block of more than 128 KiB is given by the kernel page by page and taken back after
        each request, which costs more than compressing it.
        """
        columns = _little(array("q", timestamps)) + _little(lengths)
        raw_bytes = len(columns) + text_bytes
        stream = self._compressor.compressobj(size=raw_bytes)
        packed = [stream.compress(columns)]
        for first in range(0, len(messages), _PIECE_EVENTS):
            piece = "".join(messages[first : first + _PIECE_EVENTS])
            packed.append(stream.compress(piece.encode()))
        packed.append(stream.flush())
        return b"".join(packed), raw_bytes


def _pack(head: Head, seed: int) -> bytes:
    packed = bytearray(HEAD_BYTES)
    fields = (
        head.payload_crc, head.payload_bytes, head.raw_bytes, head.events, head.sequence, head.ingestion_ms,
        head.group_id, head.stream_id, head.first_ms, head.last_ms, head.size_bytes,
    )  # fmt: skip
    _HEAD.pack_into(packed, 0, MAGIC, 0, *fields)
    struct.pack_into("<I", packed, 4, crc32(packed[_CHECKED_FROM:], seed))
    return bytes(packed)


def read_head(data: bytes | memoryview, offset: int, seed: int) -> Head:
    """Raises Damaged."""
    if len(data) - offset < HEAD_BYTES:
        raise Damaged("the head of a frame is cut off")
    magic, head_crc, *fields = _HEAD.unpack_from(data, offset)
    if magic != MAGIC:
        raise Damaged("no frame begins here")
    if head_crc != crc32(data[offset + _CHECKED_FROM : offset + HEAD_BYTES], seed):
        raise Damaged("the head of a frame does not match its checksum")
    return Head(*fields)


def check_payload(head: Head, payload: bytes | memoryview, seed: int) -> None:
    """Raises Damaged."""
    if len(payload) < head.payload_bytes:
        raise Damaged("a frame is cut off")
    if crc32(payload, seed) != head.payload_crc:
        raise Damaged("a frame does not match its checksum")


class Decoder:
    """Reads frames back; not for two threads at once."""

    def __init__(self) -> None:
        self._decompress = zstandard.ZstdDecompressor().decompress

    def decode(self, data: bytes, seed: int) -> Frame:
        """A whole frame.

        Raises:
            Damaged: It is not what was written.
        """
        view = memoryview(data)
        head = read_head(view, 0, seed)
        payload = view[HEAD_BYTES : head.frame_bytes]
        check_payload(head, payload, seed)
        raw = self._decompress(payload, max_output_size=head.raw_bytes)
        timestamps = array("q")
        lengths = array("I")
        middle = timestamps.itemsize * head.events
        text_at = middle + lengths.itemsize * head.events
        timestamps.frombytes(raw[:middle])
        lengths.frombytes(raw[middle:text_at])
        if sys.byteorder == "big":
            timestamps.byteswap()
            lengths.byteswap()
        return Frame(head, timestamps, list(accumulate(lengths)), raw[text_at:])


def _little(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()
