"""Many summaries of one series in columns: smaller than so many objects, and merged by the thousand.

A block never changes; merging, rolling up and reading by periods are one operation, `group`. numpy is
imported where it is used, for its import costs more than all else that a small engine needs.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from inferwatch.engine.metrics.histogram import ZERO_BIN, Histogram

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_HEADER: Final = struct.Struct("<4sI")  # magic and version, checksum of all that follows
_SIZES: Final = struct.Struct("<IQ")  # rows, bins
_MAGIC: Final = b"IWB\1"
_ROW_TYPES: Final = ("<i8", "<f8", "<f8", "<f8", "<f8", "?", "<i4")
_BIN_TYPES: Final = ("<i2", "<f8")
# One row and its bins, as `Block.to_bytes` lays them out.
_ROW: Final = "<qdddd?i{0}h{0}d"
_DENSE_MAX: Final = 4_000_000  # cells up to which counting in a table beats sorting


class DamagedBlock(ValueError):
    """Bytes that `Block.to_bytes` did not write, or that changed since."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Summaries by ascending start, a column each; `widths` says how many of the bins are each row's."""

    starts: Ints
    counts: Floats
    sums: Floats
    minima: Floats
    maxima: Floats
    have_percentiles: NDArray[np.bool_]
    widths: NDArray[np.int32]
    bins: NDArray[np.int16]
    weights: Floats

    @staticmethod
    def of(summaries: Mapping[int, Histogram]) -> Block:
        """Pack summaries by start; there is one at least."""
        starts = sorted(summaries)
        rows = [summaries[start] for start in starts]
        inner = [sorted(row.bins.items()) for row in rows]
        return _block(
            [
                starts,
                [row.count for row in rows],
                [row.sum for row in rows],
                [row.minimum for row in rows],
                [row.maximum for row in rows],
                [row.has_percentiles for row in rows],
                [len(row) for row in inner],
                [key for row in inner for key, _ in row],
                [weight for row in inner for _, weight in row],
            ]
        )

    def __len__(self) -> int:
        return len(self.starts)

    def rows(self, first: int, last: int) -> Block:
        """Rows [first, last), sharing memory with this block."""
        if first == 0 and last == len(self):
            return self
        ahead = int(self.widths[:first].sum())
        inner = slice(ahead, ahead + int(self.widths[first:last].sum()))
        columns = _columns(self)
        rows = [column[first:last] for column in columns[: len(_ROW_TYPES)]]
        return Block(*rows, *(column[inner] for column in columns[len(_ROW_TYPES) :]))

    def between(self, start_ms: int, end_ms: int) -> Block:
        """The rows that start in [start, end)."""
        first, last = self.starts.searchsorted([start_ms, end_ms])
        return self.rows(int(first), int(last))

    def without_bins(self) -> Block:
        """The same rows, of which only counts, sums and extremes are left."""
        return replace(self, widths=self.widths * 0, bins=self.bins[:0], weights=self.weights[:0])

    def spans(self, span_ms: int) -> Iterator[tuple[int, Block]]:
        """(start of a span, the rows in it), ascending."""
        import numpy as np

        spans, firsts = np.unique(self.starts // span_ms, return_index=True)
        lasts = [*firsts[1:].tolist(), len(self)]
        for span, first, last in zip(spans.tolist(), firsts.tolist(), lasts, strict=True):
            yield span * span_ms, self.rows(first, last)

    def histograms(self) -> dict[int, Histogram]:
        """Summaries by start, ascending."""
        keys, weights = self.bins.tolist(), self.weights.tolist()
        found = {}
        last = 0
        rows = zip(*(column.tolist() for column in _columns(self)[: len(_ROW_TYPES)]), strict=True)
        for start, count, total, minimum, maximum, has_percentiles, width in rows:
            first, last = last, last + width
            inner = dict(zip(keys[first:last], weights[first:last], strict=True))
            found[start] = Histogram(count, total, minimum, maximum, has_percentiles, inner)
        return found

    def to_bytes(self) -> bytes:
        kinds = (*_ROW_TYPES, *_BIN_TYPES)
        columns = zip(_columns(self), kinds, strict=True)
        packed = b"".join(column.astype(kind).tobytes() for column, kind in columns)
        return _with_checksum(_SIZES.pack(len(self), len(self.bins)) + packed)

    @staticmethod
    def from_bytes(data: bytes) -> Block:
        """Raises DamagedBlock."""
        import numpy as np

        body = _checked(data)
        rows, bins = _SIZES.unpack_from(body)
        columns, at = [], _SIZES.size
        for kind, length in [*((kind, rows) for kind in _ROW_TYPES), *((kind, bins) for kind in _BIN_TYPES)]:
            column = np.frombuffer(body, kind, length, at)
            columns.append(column)
            at += column.nbytes
        return Block(*columns)


def pack_one(start_ms: int, summary: Histogram) -> bytes:
    """The bytes of a block of one summary, at a tenth of its price."""
    inner = sorted(summary.bins.items())
    packed = struct.pack(
        _ROW.format(len(inner)),
        start_ms,
        summary.count,
        summary.sum,
        summary.minimum,
        summary.maximum,
        summary.has_percentiles,
        len(inner),
        *(key for key, _ in inner),
        *(weight for _, weight in inner),
    )
    return _with_checksum(_SIZES.pack(1, len(inner)) + packed)


def unpack_one(data: bytes) -> Histogram:
    """The summary that `pack_one` packed.

    Raises:
        DamagedBlock: It did not.
    """
    body = _checked(data)
    rows, bins = _SIZES.unpack_from(body)
    if rows != 1:
        raise DamagedBlock(f"a block of {rows} summaries, where one was expected")
    _, count, total, minimum, maximum, has_percentiles, _, *inner = struct.unpack_from(
        _ROW.format(bins), body, _SIZES.size
    )
    weights = dict(zip(inner[:bins], inner[bins:], strict=True))
    return Histogram(count, total, minimum, maximum, has_percentiles, weights)


def _with_checksum(body: bytes) -> bytes:
    return _HEADER.pack(_MAGIC, zlib.crc32(body)) + body


def _checked(data: bytes) -> bytes:
    """What `_with_checksum` was given. Raises DamagedBlock."""
    magic, checksum = _HEADER.unpack_from(data) if len(data) >= _HEADER.size else (b"", 0)
    body = data[_HEADER.size :]
    if magic != _MAGIC or zlib.crc32(body) != checksum:
        raise DamagedBlock(f"the magic or the checksum of a block of {len(data)} bytes is wrong")
    return body


def _columns(block: Block) -> tuple[Any, ...]:
    """The columns themselves: `dataclasses.astuple` would copy them."""
    return tuple(getattr(block, name) for name in Block.__slots__)


def _block(columns: Sequence[Any]) -> Block:
    import numpy as np

    types = (*_ROW_TYPES, *_BIN_TYPES)
    return Block(*(np.asarray(column, dtype=kind) for column, kind in zip(columns, types, strict=True)))


def group(parts: Sequence[Block], step_ms: int, origin_ms: int = 0) -> Block:
    """Add up all summaries that start in the same step; steps count from the origin.

    Rows need not be in order between parts; sums are made in the order of the parts.
    """
    import numpy as np

    columns = [np.concatenate(column) for column in zip(*map(_columns, parts), strict=True)]
    starts, counts, sums, minima, maxima, have_percentiles, widths, bins, weights = columns
    steps, which = np.unique((starts - origin_ms) // step_ms, return_inverse=True)
    lows = np.full(len(steps), np.inf)
    highs = np.full(len(steps), -np.inf)
    np.minimum.at(lows, which, minima)
    np.maximum.at(highs, which, maxima)
    distinct, column_of = _distinct(bins)
    cells, totals = _tally(
        np.repeat(which, widths) * len(distinct) + column_of, weights, len(steps) * len(distinct)
    )
    return _block(
        [
            steps * step_ms + origin_ms,
            np.bincount(which, counts),
            np.bincount(which, sums),
            lows,
            highs,
            np.bincount(which, ~have_percentiles) == 0,
            np.bincount(cells // max(len(distinct), 1), minlength=len(steps)),
            distinct[cells % max(len(distinct), 1)] if len(cells) else [],
            totals,
        ]
    )


def _distinct(bins: NDArray[np.int16]) -> tuple[Ints, Ints]:
    """The bins that occur, ascending, and for each of `bins` its position among them."""
    import numpy as np

    if not len(bins):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    offsets = bins.astype(np.int64) - ZERO_BIN
    occurs = np.zeros(int(offsets.max()) + 1, np.bool_)
    occurs[offsets] = True
    positions = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs) + ZERO_BIN, positions[offsets]


def _tally(keys: Ints, weights: Floats, size: int) -> tuple[Ints, Floats]:
    """The keys below `size` that occur, ascending, and the sum of each one's weights, all above zero."""
    import numpy as np

    if size <= _DENSE_MAX:
        sums = np.bincount(keys, weights, minlength=size).astype(np.float64, copy=False)
        found = np.flatnonzero(sums)
        return found, sums[found]
    distinct, which = np.unique(keys, return_inverse=True)
    return distinct, np.bincount(which, weights).astype(np.float64, copy=False)
