"""Where one process keeps its slabs: a folder of its own under the spool, held by a lock, or memory alone.

    SPOOL/WRITER/lock           held while the process lives; free, its slabs are anyone's to deliver
    SPOOL/WRITER/00000001.slab
    SPOOL/dead-letters.jsonl    what CloudWatch Logs will never take, with why

The lock is the kernel's: it ends with the process, however that ends. A forked child lets go of what it has
inherited of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from inferwatch.ship.slab import SLAB_BYTES, UNNAMED, DamagedSlab, Place, Slab

_LOCK: Final = "lock"
_SUFFIX: Final = ".slab"
_DEAD_LETTERS: Final = "dead-letters.jsonl"
_DEAD_LETTERS_MAX_BYTES: Final = 64 * 2**20


class Berth:
    """A folder for the slabs of this process, made when the first one is."""

    def __init__(self, spool: Path, writer: str) -> None:
        self.path = spool / writer
        self._lock: int | None = None
        self._making = threading.RLock()  # a caller and the sender may both need one; a signal handler, too
        self._numbers = itertools.count(1)

    def new_slab(self, place: Place, size: int = SLAB_BYTES) -> Slab:
        """Raises OSError, where the disk refuses."""
        with self._making:
            if self._lock is None:
                self._lock = _found(self.path)
        number = next(self._numbers)
        slab = Slab.create(self.path / f"{number:08d}{_SUFFIX}", place, size=size)
        slab.reset(number)
        return slab

    def leave(self) -> None:
        """Nothing is kept here any more, where nothing is left."""
        if self._lock is not None:
            _clear(self.path)
            self.forsake()

    def forsake(self) -> None:
        """Let go of the lock alone: what is here belongs to another process, or waits for one."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class Orphan:
    """A folder whose process is gone, held by this one until it leaves."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    def slabs(self) -> Iterator[Slab | DamagedSlab]:
        return slabs_in(self.path)

    def leave(self) -> None:
        """The folder goes where nothing is left in it; else it is free for others."""
        _clear(self.path)
        self.forsake()

    def forsake(self) -> None:
        os.close(self._lock)


def orphans(spool: Path) -> Iterator[Orphan]:
    """Folders under a spool whose processes are gone, each held as soon as it is given."""
    if not spool.is_dir():
        return
    for path in sorted(each for each in spool.iterdir() if each.is_dir() and each.name[0] != "."):
        if (orphan := hold(path)) is not None:
            yield orphan


def slabs_in(path: Path) -> Iterator[Slab | DamagedSlab]:
    """In the order of their numbers; those that are none first, as what is wrong with them."""
    found: list[Slab] = []
    for file in sorted(path.glob(f"*{_SUFFIX}")):
        try:
            found.append(Slab.open(file))
        except (DamagedSlab, OSError) as fault:
            yield DamagedSlab(f"{file}: {fault}")
    yield from sorted(found, key=lambda slab: slab.number)


def berths(folder: Path) -> Iterator[Path]:
    """Every process's folder in this one, itself included, at any depth."""
    for path, folders, files in os.walk(folder):
        folders.sort()
        if _LOCK in files:
            yield Path(path)


def hold(path: Path) -> Orphan | None:
    """A folder whose process is gone; `None` where it is not."""
    lock = _take_lock(path)
    return None if lock is None else Orphan(path, lock)


def write_dead_letters(spool: Path, log_stream: str, events: list[bytes], reason: str) -> None:
    """Keep what cannot be delivered, a line each, as long as there is room for it."""
    lines = [
        orjson.dumps({"reason": reason, "log_stream": log_stream, "event": event.decode(errors="replace")})
        for event in events
    ]
    path = spool / _DEAD_LETTERS
    with contextlib.suppress(OSError):
        if path.exists() and path.stat().st_size > _DEAD_LETTERS_MAX_BYTES:
            return
        with open(path, "ab", opener=_private) as file:
            file.writelines(line + b"\n" for line in lines)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _found(path: Path) -> int:
    """Make a folder that is held before anyone can see it under its name."""
    hidden = path.with_name(f".{path.name}")
    hidden.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _take_lock(hidden)
    if lock is None:
        raise BlockingIOError(f"{hidden} is held by another process")
    hidden.rename(path)
    return lock


def _take_lock(path: Path) -> int | None:
    """`None` where another holds it, or the folder is gone meanwhile."""
    try:
        fd = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(fd).st_nlink:
            return fd
    except OSError:
        pass
    os.close(fd)
    return None


def _clear(path: Path) -> None:
    if not any(path.glob(f"*{_SUFFIX}")):
        with contextlib.suppress(OSError):
            for begun in path.glob(f"*{UNNAMED}"):
                begun.unlink()
            (path / _LOCK).unlink()
            path.rmdir()
