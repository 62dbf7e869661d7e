"""One process at a time uses a folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from inferwatch.model.errors import UsageError

_NAME = "LOCK"


class FolderLock:
    """Held until `close`, or until the process ends, however it ends.

    Raises:
        UsageError: Another process holds it.
        OSError: It cannot be written; it is free.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._fd, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            raise UsageError(
                f"another inferwatch is using {path} (pid {holder}): stop it, or give this one another folder"
            ) from None
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            os.close(self._fd)
            raise

    def close(self) -> None:
        os.close(self._fd)
