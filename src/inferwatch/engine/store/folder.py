"""Where segments live: a folder on disk, or the same in memory; nothing else in this room touches files.

An append is whole or has not happened; `replace` is atomic, across a crash too.
"""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

TEMPORARY = ".tmp"
_OPEN_FILES = 16


class AppendFile(Protocol):
    @property
    def size(self) -> int: ...

    def append(self, data: bytes) -> None:
        """Raises OSError, and leaves the file as it was."""

    def sync(self) -> None:
        """What was appended outlives the machine's power."""

    def close(self) -> None: ...


class Folder(Protocol):
    def names(self) -> list[str]: ...

    def size(self, name: str) -> int: ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Fewer bytes than asked for where the file ends."""

    def create(self, name: str, start: bytes) -> AppendFile:
        """A new file that begins with `start`, there for good when this returns."""

    def resume(self, name: str, size: int) -> AppendFile:
        """Append to a file, cut to `size` first."""

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a whole file in place of the one of that name; after a crash it is the old one or the new."""

    def rename(self, name: str, to: str) -> None: ...

    def remove(self, name: str) -> None: ...

    def close(self) -> None: ...


class DiskFolder:
    """A folder on disk; the files read last stay open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: OrderedDict[str, int] = OrderedDict()

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())

    def size(self, name: str) -> int:
        return (self.path / name).stat().st_size

    def read(self, name: str, offset: int, length: int) -> bytes:
        fd = self._open.get(name)
        if fd is None:
            fd = self._open[name] = os.open(self.path / name, os.O_RDONLY | os.O_CLOEXEC)
            if len(self._open) > _OPEN_FILES:
                os.close(self._open.popitem(last=False)[1])
        self._open.move_to_end(name)
        return os.pread(fd, length, offset)

    def _forget(self, name: str) -> None:
        """Another file will have this name, or none."""
        fd = self._open.pop(name, None)
        if fd is not None:
            os.close(fd)

    def close(self) -> None:
        for name in list(self._open):
            self._forget(name)

    def create(self, name: str, start: bytes) -> AppendFile:
        self.replace(name, [start])
        return self.resume(name, len(start))

    def resume(self, name: str, size: int) -> AppendFile:
        return _DiskFile(self.path / name, size)

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        temporary = self.path / (name + TEMPORARY)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            try:
                for chunk in chunks:
                    _write(fd, chunk)
                os.fdatasync(fd)
            finally:
                os.close(fd)
            os.replace(temporary, self.path / name)
            self._forget(name)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(self.path)

    def rename(self, name: str, to: str) -> None:
        os.replace(self.path / name, self.path / to)
        self._forget(name)
        self._forget(to)
        sync_folder(self.path)

    def remove(self, name: str) -> None:
        self._forget(name)
        (self.path / name).unlink(missing_ok=True)
        sync_folder(self.path)


def sync_folder(path: Path) -> None:
    """A name is durable when its folder is."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class _DiskFile:
    def __init__(self, path: Path, size: int) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        self.size = size
        os.ftruncate(self._fd, size)
        os.lseek(self._fd, size, os.SEEK_SET)

    def append(self, data: bytes) -> None:
        try:
            _write(self._fd, data)
        except OSError:
            os.ftruncate(self._fd, self.size)
            os.lseek(self._fd, self.size, os.SEEK_SET)
            raise
        self.size += len(data)

    def sync(self) -> None:
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


def _write(fd: int, data: bytes) -> None:
    """`os.write` may write less than it was given."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


class MemoryFolder:
    """The same, gone with the process. `files` is open to tests, which cut and bend what is in it."""

    def __init__(self, files: dict[str, bytearray] | None = None) -> None:
        self.files: dict[str, bytearray] = {} if files is None else files

    def names(self) -> list[str]:
        return sorted(self.files)

    def size(self, name: str) -> int:
        return len(self.files[name])

    def read(self, name: str, offset: int, length: int) -> bytes:
        return bytes(memoryview(self.files[name])[offset : offset + length])

    def create(self, name: str, start: bytes) -> AppendFile:
        self.replace(name, [start])
        return self.resume(name, len(start))

    def resume(self, name: str, size: int) -> AppendFile:
        content = self.files[name]
        del content[size:]
        return _MemoryFile(content)

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        self.files[name] = bytearray().join(chunks)

    def rename(self, name: str, to: str) -> None:
        self.files[to] = self.files.pop(name)

    def remove(self, name: str) -> None:
        self.files.pop(name, None)

    def close(self) -> None:
        """Nothing is held."""


class _MemoryFile:
    def __init__(self, content: bytearray) -> None:
        self._content = content

    @property
    def size(self) -> int:
        return len(self._content)

    def append(self, data: bytes) -> None:
        self._content += data

    def sync(self) -> None:
        """Memory is as durable as the process."""

    def close(self) -> None:
        """Nothing is held."""
