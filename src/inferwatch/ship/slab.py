"""A slab: log events in PutLogEvents' own wire format, in mapped memory that outlives the process.

    header, 64 bytes    magic · used · settled · number · checksum · where the data begins · checksum of the
                        place · settled, again
    the place           JSON: the log group, region and endpoint its events are for
    data                0x1E log-stream 0x1F {"timestamp":…,"message":"…"},{…},… 0x1E log-stream 0x1F …

Neither control character can stand in a JSON text unescaped, and `{"timestamp":` can stand in no JSON string:
so data is cut into events, and events into streams, without any table beside it.

`used` is the commit word: an event is there once it covers it, and it is one aligned store. A process may be
killed between any two instructions: what was appended is in the kernel's pages, which outlive it.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from inferwatch.model.limits import (
    BATCH_MAX_BYTES,
    BATCH_MAX_EVENTS,
    BATCH_MAX_SPAN_MS,
)

SLAB_BYTES: Final = 2 * 2**20
UNNAMED: Final = ".new"
"""The ending of a file that is becoming a slab."""

_MAGIC: Final = b"iwslab\x02\n"
_HEADER_BYTES: Final = 64
_USED_AT: Final = 8
_SETTLED_AT: Final = 16
_NUMBER_AT: Final = 24
_CHECKSUM_AT: Final = 32
_BEGIN_AT: Final = 40
_PLACE_CHECKSUM_AT: Final = 48
_SETTLED_AGAIN_AT: Final = 56
_WORD: Final = struct.Struct("Q")  # native: eight bytes in one store

_STREAM: Final = b"\x1e"
_EVENTS: Final = b"\x1f"
_EVENT: Final = b'{"timestamp":'
EVENT_START: Final = re.compile(re.escape(_EVENT))


class DamagedSlab(Exception):
    """A file that is no slab, or one whose header cannot be believed: which, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a slab's events are to go: kept in it, for whoever finds it."""

    log_group: str
    region: str | None
    endpoint_url: str | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Events of one log stream, as they are sent.

    Args:
        events: `{"timestamp":…,"message":"…"},` each.
    """

    log_stream: str
    events: bytes
    count: int

    @classmethod
    def of(cls, log_stream: str, parts: Sequence[bytes]) -> Piece:
        events = b"".join(parts)
        return cls(log_stream, events, events.count(_EVENT))

    @property
    def first_ms(self) -> int:
        """When its first event happened."""
        return int(self.events[len(_EVENT) : self.events.index(b",")])

    def halves(self) -> tuple[Piece, Piece]:
        """Two smaller ones in the same order: how the one event AWS refuses is found."""
        middle = self.count // 2
        at = self._starts()[middle]
        return (
            Piece(self.log_stream, self.events[:at], middle),
            Piece(self.log_stream, self.events[at:], self.count - middle),
        )

    def without_first(self, count: int) -> Piece:
        """Fewer than all."""
        at = self._starts()[count]
        return Piece(self.log_stream, self.events[at:], self.count - count)

    def each(self) -> list[bytes]:
        """The events one by one, without their commas."""
        starts = [*self._starts(), len(self.events)]
        return [self.events[start : end - 1] for start, end in pairwise(starts)]

    def _starts(self) -> list[int]:
        return [found.start() for found in EVENT_START.finditer(self.events)]


class Slab:
    """One slab. `append` is for one thread at a time; a slab without a path lives in memory only."""

    def __init__(self, path: Path | None, memory: mmap.mmap, place: Place) -> None:
        self.path = path
        self.place = place
        self.is_adopted = False
        self.is_synced = False  # or about to be, since it was sealed
        self.count = 0
        self.billed_bytes = 0
        self._memory: mmap.mmap | None = memory
        self._begin = self._word(_BEGIN_AT)
        self._end = self._begin
        self._first_ms = self._last_ms = 0
        self._log_stream = b""

    @classmethod
    def create(cls, path: Path | None, place: Place, *, size: int = SLAB_BYTES) -> Slab:
        """An empty one, all its space allocated: a full disk shows here, not later as a fault.

        Raises:
            OSError: It cannot be made; nothing is left of it.
        """
        described = json.dumps(
            {"log_group": place.log_group, "region": place.region, "endpoint_url": place.endpoint_url}
        ).encode()
        begin = -(-(_HEADER_BYTES + len(described)) // 8) * 8
        header = bytearray(begin)
        header[: len(_MAGIC)] = _MAGIC
        header[_HEADER_BYTES : _HEADER_BYTES + len(described)] = described
        _WORD.pack_into(header, _USED_AT, begin)
        _WORD.pack_into(header, _BEGIN_AT, begin)
        _WORD.pack_into(header, _PLACE_CHECKSUM_AT, zlib.crc32(header[_HEADER_BYTES:]))
        if path is None:
            memory = mmap.mmap(-1, begin + size)
            memory[:begin] = bytes(header)
        else:
            memory = _allocate(path, begin + size, bytes(header))
        return cls(path, memory, place)

    @classmethod
    def open(cls, path: Path) -> Slab:
        """One that another process left behind; only to be read and settled.

        Raises:
            DamagedSlab: It is none.
            OSError: It cannot be read.
        """
        memory = _map(path)
        try:
            place = _place_in(memory)
        except DamagedSlab:
            memory.close()
            raise
        slab = cls(path, memory, place)
        slab.is_adopted = True
        slab._end = min(max(slab._word(_USED_AT), slab._begin), len(memory))
        return slab

    @property
    def number(self) -> int:
        """Slabs of one process are sent in this order."""
        return self._word(_NUMBER_AT)

    @property
    def settled(self) -> int:
        """How many events are over, in the order of `pieces`; the smaller number, where one is damaged."""
        return min(self._word(_SETTLED_AT), self._word(_SETTLED_AGAIN_AT))

    @property
    def is_usual(self) -> bool:
        """Of the usual size: any other was made for one large event."""
        return len(self._mapped()) - self._begin == SLAB_BYTES

    def append(self, log_stream: bytes, timestamp_ms: int, message: bytes, billed_bytes: int) -> bool:
        """Add an event; False where it has no room, and nothing has changed.

        A timestamp before the last one's becomes that: PutLogEvents wants them in order.

        Args:
            message: As a JSON string, with its quotes.
            billed_bytes: What AWS counts for it.
        """
        if timestamp_ms < self._last_ms:
            timestamp_ms = self._last_ms
        event = b'{"timestamp":%d,"message":%b},' % (timestamp_ms, message)
        if log_stream != self._log_stream:
            event = b"%b%b%b%b" % (_STREAM, log_stream, _EVENTS, event)
        memory = self._memory
        assert memory is not None
        start = self._end
        end = start + len(event)
        if (
            self.count >= BATCH_MAX_EVENTS
            or end > len(memory)
            or self.billed_bytes + billed_bytes > BATCH_MAX_BYTES
            or (self.count and timestamp_ms - self._first_ms >= BATCH_MAX_SPAN_MS)
        ):
            return False
        memory[start:end] = event
        _WORD.pack_into(memory, _USED_AT, end)
        self._end = end
        if not self.count:
            self._first_ms = timestamp_ms
        self._last_ms = timestamp_ms
        self._log_stream = log_stream
        self.count += 1
        self.billed_bytes += billed_bytes
        return True

    def recount(self) -> None:
        """After an `append` that was interrupted: the commit word says what is here."""
        self._end = self._word(_USED_AT)
        data = self.data()
        self.count = data.count(_EVENT)
        self.billed_bytes = len(data)  # no less than AWS counts
        self._log_stream = data[data.rfind(_STREAM) + 1 :].partition(_EVENTS)[0]

    @property
    def is_sealed(self) -> bool:
        return bool(self._word(_CHECKSUM_AT))

    def seal(self) -> None:
        """From now on its bytes can be told from damaged ones; nothing more may be added."""
        _WORD.pack_into(self._mapped(), _CHECKSUM_AT, self._checksum())

    def rest(self) -> None:
        """Take no memory until it is needed again; one without a path has nowhere else to be."""
        if self.path is not None:
            self.close()

    def sync(self) -> None:
        """Onto the disk itself: it then survives a loss of power. Any thread may ask.

        Raises:
            OSError: The disk refuses.
        """
        if self.path is None:
            return
        for path, flags in ((self.path, os.O_RDWR), (self.path.parent, os.O_RDONLY)):
            fd = os.open(path, flags | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def reopen(self) -> None:
        """Sealed and at rest, it takes events again."""
        _WORD.pack_into(self._mapped(), _CHECKSUM_AT, 0)
        self.is_synced = False

    def pieces(self) -> list[Piece]:
        """A piece for each log stream, in the order in which they are sent, whether settled or not."""
        if (only := self._only_piece()) is not None:
            return [only]
        found: dict[bytes, list[bytes]] = {}
        for part in self.data().split(_STREAM):
            log_stream, _, events = part.partition(_EVENTS)
            if events:
                found.setdefault(log_stream, []).append(events)
        return [Piece.of(log_stream.decode(errors="replace"), parts) for log_stream, parts in found.items()]

    def _only_piece(self) -> Piece | None:
        """All of one stream, as nearly always, copied once; `None` where it is not, or another's to check."""
        memory = self._mapped()
        if not self.count or self.is_adopted or memory.rfind(_STREAM, self._begin, self._end) != self._begin:
            return None
        at = memory.find(_EVENTS, self._begin, self._end)
        return Piece(memory[self._begin + 1 : at].decode(), memory[at + 1 : self._end], self.count)

    def data(self) -> bytes:
        return self._mapped()[self._begin : self._end]

    def is_whole(self) -> bool:
        """Was it sealed, and is it still as it was then?"""
        return self.is_sealed and self._word(_CHECKSUM_AT) == self._checksum()

    def settle(self, events: int) -> None:
        """So many more are over, and stay so if this process is killed."""
        settled = self.settled + events
        for at in (_SETTLED_AT, _SETTLED_AGAIN_AT):
            _WORD.pack_into(self._mapped(), at, settled)

    def reset(self, number: int) -> None:
        """Empty it, to be used again; killed in the middle it is empty, too."""
        memory = self._mapped()
        for at, value in (
            (_USED_AT, self._begin), (_SETTLED_AT, 0), (_SETTLED_AGAIN_AT, 0), (_CHECKSUM_AT, 0),
            (_NUMBER_AT, number),
        ):  # fmt: skip
            _WORD.pack_into(memory, at, value)
        self._end = self._begin
        self.is_synced = False
        self.count = self.billed_bytes = self._first_ms = self._last_ms = 0
        self._log_stream = b""

    def remove(self) -> None:
        self.close()
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()

    @property
    def is_open(self) -> bool:
        """Does it take memory of this process?"""
        return self._memory is not None

    def close(self) -> None:
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def _checksum(self) -> int:
        """Never zero, which stands for none."""
        return zlib.crc32(self.data()) | 1 << 32

    def _mapped(self) -> mmap.mmap:
        if self._memory is None:
            assert self.path is not None
            self._memory = _map(self.path)
        return self._memory

    def _word(self, at: int) -> int:
        value: int = _WORD.unpack_from(self._mapped(), at)[0]
        return value


def unsettled(pieces: Iterable[Piece], settled: int) -> Iterator[Piece]:
    """What is left of pieces whose first events are over."""
    for piece in pieces:
        over = min(settled, piece.count)
        settled -= over
        if over < piece.count:
            yield piece.without_first(over) if over else piece


def _place_in(memory: mmap.mmap) -> Place:
    if len(memory) < _HEADER_BYTES or memory[: len(_MAGIC)] != _MAGIC:
        raise DamagedSlab("it does not begin as a slab does")
    begin: int = _WORD.unpack_from(memory, _BEGIN_AT)[0]
    described = memory[_HEADER_BYTES : min(begin, len(memory))]
    if zlib.crc32(described) != _WORD.unpack_from(memory, _PLACE_CHECKSUM_AT)[0]:
        raise DamagedSlab("its log group cannot be read")
    place = json.loads(described.rstrip(b"\0"))
    return Place(place["log_group"], place["region"], place["endpoint_url"])


def _allocate(path: Path, size: int, header: bytes) -> mmap.mmap:
    """The file has its name only once its header is in it: killed before, it is no slab."""
    unnamed = path.with_suffix(UNNAMED)
    fd = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(fd, 0, size)
        else:
            os.pwrite(fd, bytes(size), 0)
        os.pwrite(fd, header, 0)
        unnamed.rename(path)
        return mmap.mmap(fd, size)
    except OSError:
        for left in (unnamed, path):
            with contextlib.suppress(OSError):
                left.unlink()
        raise
    finally:
        os.close(fd)


def _map(path: Path) -> mmap.mmap:
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        return mmap.mmap(fd, 0)
    except ValueError as empty:
        raise DamagedSlab(str(empty)) from None
    finally:
        os.close(fd)
