"""Segments that became columns: which files there are, and the handing over from one to the other.

A sealed file counts from the moment it has its row in the control state; until then the segment does. So a
crash leaves either one or the other, and what is left over of the other is removed at the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from inferwatch.engine.store.catalogue import SealedFile, SealedStream, from_row, is_sealed_name
from inferwatch.engine.store.control import Control
from inferwatch.engine.store.folder import Folder
from inferwatch.engine.store.frame import Key
from inferwatch.engine.store.read import Part
from inferwatch.engine.store.sealed import SealedReader
from inferwatch.engine.store.sealing import Sealing
from inferwatch.engine.store.segment import name_of
from inferwatch.engine.store.sweep import is_live

_LOGGER = logging.getLogger("inferwatch.store")


class Archive:
    """The sealed files of one folder; none in memory, where segments stay as they are.

    Args:
        path: Where the folder is on disk.
        on_damage: Told the file, the byte, and what is wrong.
    """

    def __init__(
        self,
        folder: Folder,
        path: Path | None,
        control: Control,
        on_damage: Callable[[str, int, str], None],
    ) -> None:
        self._folder = folder
        self._path = path
        self._control = control
        self._on_damage = on_damage
        self._files: dict[str, SealedFile] = {}
        self._failed: set[int] = set()
        self._reader = (
            None if path is None else SealedReader(path, lambda name, what: on_damage(name, 0, what))
        )
        self._sealing = None if path is None else Sealing(path)

    def recover(self) -> set[int]:
        """Find the files that count and remove those that do not; the segments that are sealed."""
        rows = {row.name: row for row in self._control.sealed()}
        names = set(self._folder.names())
        for name in names - rows.keys():
            if is_sealed_name(name):
                self._folder.remove(name)
        for name, row in rows.items():
            if name in names:
                self._files[name] = from_row(row)
            else:
                self._on_damage(name, 0, "the file is missing")
        return {row.segment for row in rows.values()}

    @property
    def next_sequence(self) -> int:
        return max((stream.last_sequence + 1 for stream in self.each_stream()), default=1)

    def each_stream(self) -> Iterator[SealedStream]:
        for file in self._files.values():
            yield from file.streams.values()

    def files(self) -> Iterable[SealedFile]:
        return self._files.values()

    def parts(self, stream_ids: Collection[int], start: Key, end: Key, *, descending: bool) -> list[Part]:
        if self._reader is None:
            return []
        return self._reader.parts(self._files.values(), stream_ids, start, end, descending=descending)

    @property
    def under_way(self) -> int | None:
        """The segment that is being sealed: nobody else may change it."""
        return None if self._sealing is None else self._sealing.segment

    def finished(self, *, timeout_s: float) -> int | None:
        """Let the files of a finished segment count; its number: from now on it is not needed any more."""
        sealed = None if self._sealing is None else self._sealing.finished(timeout_s=timeout_s)
        if sealed is None:
            return None
        if sealed.error is not None:
            self._failed.add(sealed.segment)
            _LOGGER.warning("%s stays as it is: %s", name_of(sealed.segment), sealed.error)
            return None
        files = {row.name: from_row(row) for row in sealed.rows}
        self._control.add_sealed(sealed.rows)
        self._files.update(files)
        return sealed.segment

    def go_on(self, segments: Iterable[int], attempt: str) -> bool:
        """Hand over the first segment that can be sealed, if the process is idle; is one under way?"""
        if self._sealing is None or self._path is None:
            return False
        if self._sealing.segment is None:
            number = next((number for number in segments if number not in self._failed), None)
            if number is not None:
                names = {row.id: row.name for row in self._control.streams()}
                self._sealing.start(number, self._path / name_of(number), names, attempt)
        return self._sealing.segment is not None

    def sweep(self, oldest_ms: Mapping[int, int]) -> None:
        """Remove the files of which nothing can be read any more."""
        for name, file in list(self._files.items()):
            if not any(is_live(stream, oldest_ms) for stream in file.streams.values()):
                self._control.remove_sealed(name)
                del self._files[name]
                self._folder.remove(name)
        if self._reader is not None:
            self._reader.forget()

    def close(self) -> None:
        if self._sealing is not None:
            self._sealing.close()
