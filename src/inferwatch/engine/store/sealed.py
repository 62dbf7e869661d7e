"""Reading events of sealed files, by row group."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from inferwatch.engine.store.catalogue import Block, SealedFile, SealedStream
from inferwatch.engine.store.frame import Damaged, Event, Key
from inferwatch.engine.store.read import Part

_CACHED_FILES = 8
_CACHED_GROUPS = 4
_COLUMNS = ["@timestamp", "@sequence", "@ingestionTime", "@message"]


class SealedReader:
    """Keeps the footers of a few files, and the few row groups that were read last.

    Args:
        on_damage: Told the file and what is wrong with it.
    """

    def __init__(self, folder: Path, on_damage: Callable[[str, str], None]) -> None:
        self._folder = folder
        self._on_damage = on_damage
        self._files: OrderedDict[str, Any] = OrderedDict()
        self._groups: OrderedDict[tuple[str, int], Any] = OrderedDict()

    def parts(
        self,
        files: Iterable[SealedFile],
        stream_ids: Collection[int],
        start: Key,
        end: Key,
        *,
        descending: bool,
    ) -> list[Part]:
        return [
            Part(*stream.bounds, partial(self._blocks, file, stream, start, end, descending))
            for file in files
            for stream_id in stream_ids
            if (stream := file.streams.get(stream_id)) is not None
        ]

    def forget(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._groups.clear()

    def _blocks(
        self, file: SealedFile, stream: SealedStream, start: Key, end: Key, descending: bool
    ) -> list[Part]:
        return [
            Part(*block.bounds, partial(self._events, file, stream.stream_id, block, start, end, descending))
            for block in stream.each_block()
        ]

    def _events(
        self, file: SealedFile, stream_id: int, block: Block, start: Key, end: Key, descending: bool
    ) -> Iterator[Event]:
        columns = self._row_group(file, block.row_group)
        if columns is None:
            return iter(())
        timestamps, sequences, ingestions, messages = (
            column.slice(block.first_row, block.rows) for column in columns
        )
        keys = list(zip(timestamps.to_pylist(), sequences.to_pylist(), strict=True))
        wanted = [index for index, key in enumerate(keys) if start <= key < end]
        if descending:
            wanted.reverse()
        return (
            Event(*keys[index], ingestions[index].as_py(), stream_id, messages[index].as_py())
            for index in wanted
        )

    def _row_group(self, file: SealedFile, row_group: int) -> tuple[Any, ...] | None:
        """The columns of a row group; `None` where it is damaged."""
        import pyarrow as pa

        key = (file.name, row_group)
        columns = self._groups.get(key)
        if columns is None:
            try:
                self._check(file, row_group)
                table = self._file(file).read_row_group(row_group, columns=_COLUMNS)
            except (Damaged, OSError, pa.ArrowException) as damaged:
                self._on_damage(file.name, f"row group {row_group}: {damaged}")
                return None
            columns = tuple(table.column(column).combine_chunks() for column in _COLUMNS)
            self._groups[key] = columns
            if len(self._groups) > _CACHED_GROUPS:
                self._groups.popitem(last=False)
        self._groups.move_to_end(key)
        return columns

    def _file(self, sealed: SealedFile) -> Any:
        import pyarrow.parquet as pq

        file = self._files.get(sealed.name)
        if file is None:
            self._check(sealed, len(sealed.checks) - 1)
            file = self._files[sealed.name] = pq.ParquetFile(self._folder / sealed.name)
            if len(self._files) > _CACHED_FILES:
                self._files.popitem(last=False)[1].close()
        self._files.move_to_end(sealed.name)
        return file

    def _check(self, file: SealedFile, number: int) -> None:
        if not file.checks[number].holds(self._folder / file.name):
            raise Damaged("it does not match its checksum")
