"""Reading events of many segments: the frames they lie in, and a few frames kept for the next reader."""

from __future__ import annotations

import logging
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from functools import partial

from inferwatch.engine.store.folder import Folder
from inferwatch.engine.store.frame import Damaged, Decoder, Event, Frame, Key
from inferwatch.engine.store.read import Part, frame_events
from inferwatch.engine.store.recovery import SET_ASIDE, Damage, tables_of
from inferwatch.engine.store.segment import Extent, Index, Row, Rows, name_of, read_rows

_LOGGER = logging.getLogger("inferwatch.store")
_CACHED_FRAMES_BYTES = 8 * 2**20
_CACHED_TABLES = 8
_ROWS_PER_PART = 256


class Reader:
    """Finds events by stream and key.

    Args:
        damages: Where damage that comes to light in reading is named.
    """

    def __init__(self, folder: Folder, damages: list[Damage]) -> None:
        self._folder = folder
        self._damages = damages
        self._decoder = Decoder()
        self._frames: OrderedDict[tuple[int, int], Frame] = OrderedDict()
        self._frames_bytes = 0
        self._tables: OrderedDict[int, array[int]] = OrderedDict()

    def parts(
        self,
        segments: Iterable[Index],
        stream_ids: Collection[int],
        start: Key,
        end: Key,
        *,
        descending: bool,
    ) -> list[Part]:
        return [
            self._extent_part(index, extent, start, end, descending)
            for index in segments
            for extent in _extents_of(index, stream_ids)
        ]

    def forget(self) -> None:
        """Segments have changed: nothing that was read before holds."""
        self._frames.clear()
        self._frames_bytes = 0
        self._tables.clear()

    def _extent_part(self, index: Index, extent: Extent, start: Key, end: Key, descending: bool) -> Part:
        def rows() -> list[Part]:
            table = self._table(index, extent)
            return [
                Part(*bounds, partial(frames, table, first))
                for first, bounds in Rows(table).blocks(_ROWS_PER_PART)
            ]

        def frames(table: array[int], first: int) -> list[Part]:
            return [
                Part(*row.bounds, partial(self._open, index, row, start, end, descending))
                for row in Rows(table).slice(first, _ROWS_PER_PART)
            ]

        return Part(*extent.bounds, rows)

    def _open(self, index: Index, row: Row, start: Key, end: Key, descending: bool) -> Iterator[Event]:
        frame = self._frame(index, row)
        return iter(()) if frame is None else frame_events(frame, start, end, descending=descending)

    def _frame(self, index: Index, row: Row) -> Frame | None:
        """A frame, from the few that were read last or from its file; `None` where it is damaged."""
        key = (index.header.number, row.offset)
        frame = self._frames.get(key)
        if frame is not None:
            self._frames.move_to_end(key)
            return frame
        name = name_of(index.header.number)
        try:
            frame = self._decoder.decode(
                self._folder.read(name, row.offset, row.frame_bytes), index.header.seed
            )
        except (Damaged, OSError, KeyError) as damaged:
            self.name_damage(name, row.offset, str(damaged))
            return None
        self._frames[key] = frame
        self._frames_bytes += frame.head.raw_bytes
        while self._frames_bytes > _CACHED_FRAMES_BYTES and len(self._frames) > 1:
            _, oldest = self._frames.popitem(last=False)
            self._frames_bytes -= oldest.head.raw_bytes
        return frame

    def _table(self, index: Index, extent: Extent) -> array[int]:
        """The rows of one stream in a segment."""
        number = index.header.number
        table = self._tables.get(number)
        if index.tables is None and table is None:
            name = name_of(number)
            size = self._folder.size(name)
            try:
                table = read_rows(index, size, lambda at, length: self._folder.read(name, at, length))
            except Damaged as damaged:
                self._damages.append(Damage(name, index.end, str(damaged), None))
                index.tables = tables_of(self._folder.read(name, 0, index.end), index.header)
        if index.tables is not None:
            return index.tables.get(extent.stream_id, array("q"))
        assert table is not None
        self._tables[number] = table
        self._tables.move_to_end(number)
        if len(self._tables) > _CACHED_TABLES:
            self._tables.popitem(last=False)
        return Rows(table).array(extent.row, extent.rows)

    def name_damage(self, name: str, offset: int, what: str) -> None:
        if any(damage.file == name and damage.offset == offset for damage in self._damages):
            return
        aside: str | None = name + SET_ASIDE
        try:
            if aside not in self._folder.names():
                self._folder.replace(name + SET_ASIDE, [self._folder.read(name, 0, self._folder.size(name))])
        except (OSError, KeyError):
            aside = None
        damage = Damage(name, offset, what, aside)
        self._damages.append(damage)
        _LOGGER.warning("%s", damage)


def _extents_of(index: Index, stream_ids: Collection[int]) -> Iterator[Extent]:
    if len(stream_ids) > len(index.extents):
        wanted = stream_ids if isinstance(stream_ids, set | frozenset) else set(stream_ids)
        yield from (extent for extent in index.extents.values() if extent.stream_id in wanted)
    else:
        for stream_id in stream_ids:
            extent = index.extents.get(stream_id)
            if extent is not None:
                yield extent
