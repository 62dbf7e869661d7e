"""Where a stream's events lie in a sealed file: written when it is sealed, kept in the control state."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from inferwatch.engine.store.control import SealedRow
from inferwatch.engine.store.frame import Key

_PREFIX: Final = "sealed-"
_SUFFIX: Final = ".parquet"


class Block(NamedTuple):
    """Consecutive rows of one stream in one row group, by key."""

    row_group: int
    first_row: int
    rows: int
    first_ms: int
    first_sequence: int
    last_ms: int
    last_sequence: int

    @property
    def bounds(self) -> tuple[Key, Key]:
        return (self.first_ms, self.first_sequence), (self.last_ms, self.last_sequence)


_BLOCK = len(Block._fields)


class Check(NamedTuple):
    """A stretch of a sealed file, and the checksum of its bytes."""

    offset: int
    length: int
    crc: int

    def holds(self, path: Path) -> bool:
        with path.open("rb") as file:
            file.seek(self.offset)
            return crc32(file.read(self.length)) == self.crc


@dataclass(frozen=True, slots=True)
class SealedStream:
    """One stream in one sealed file.

    Args:
        blocks: Flat, in the order of the keys.
    """

    stream_id: int
    ingestion_ms: int
    last_sequence: int
    size_bytes: int
    blocks: array[int]

    def each_block(self) -> list[Block]:
        return [Block(*self.blocks[at : at + _BLOCK]) for at in range(0, len(self.blocks), _BLOCK)]

    @property
    def bounds(self) -> tuple[Key, Key]:
        first, last = Block(*self.blocks[:_BLOCK]), Block(*self.blocks[-_BLOCK:])
        return first.bounds[0], last.bounds[1]

    @property
    def last_ms(self) -> int:
        _, (last_ms, _) = self.bounds
        return last_ms


@dataclass(frozen=True, slots=True)
class SealedFile:
    """Events of one group in one segment, as columns.

    Args:
        checks: Of each row group, and then of the footer.
    """

    name: str
    segment: int
    group_id: int
    checks: tuple[Check, ...]
    streams: dict[int, SealedStream]

    def row(self) -> SealedRow:
        streams = [
            [
                stream.stream_id,
                stream.ingestion_ms,
                stream.last_sequence,
                stream.size_bytes,
                list(stream.blocks),
            ]
            for stream in self.streams.values()
        ]
        catalogue = json.dumps({"checks": self.checks, "streams": streams})
        return SealedRow(self.name, self.segment, self.group_id, catalogue)


@dataclass(frozen=True, slots=True)
class Layout:
    """A store's folder at one moment.

    Args:
        segments: Those that are not sealed, each with the byte up to which it holds events.
        files: The sealed ones.
    """

    path: Path
    segments: Mapping[str, int]
    files: tuple[SealedFile, ...]


def from_row(row: SealedRow) -> SealedFile:
    catalogue = json.loads(row.catalogue)
    streams = {
        stream_id: SealedStream(stream_id, ingestion_ms, last_sequence, size_bytes, array("q", blocks))
        for stream_id, ingestion_ms, last_sequence, size_bytes, blocks in catalogue["streams"]
    }
    checks = tuple(Check(*check) for check in catalogue["checks"])
    return SealedFile(row.name, row.segment, row.group_id, checks, streams)


def sealed_name(segment: int, group_id: int, part: int, attempt: str) -> str:
    """A name of its own for each attempt: one that was given up can never overwrite a later one."""
    return f"{_PREFIX}{segment:08d}-{group_id}-{part}-{attempt}{_SUFFIX}"


def is_sealed_name(name: str) -> bool:
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)
