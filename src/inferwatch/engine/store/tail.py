"""The file that is appended to, and what of it is durable.

One thread appends; `sync` may be called by any other meanwhile. What the kernel could not write it forgets,
and would call the next sync of that file a success: so such a file gets nothing more, and whoever wrote to it
while its sync failed hears of that at the next one.
"""

from __future__ import annotations

import errno
import threading

from inferwatch.engine.store.folder import AppendFile


class Tail:
    """The file in use and those before it that have not been synced since.

    Attributes:
        appended: How many times something was appended; `synced` how many of these are durable.
        is_suspect: Nothing more may be appended to this file.
    """

    def __init__(self, file: AppendFile) -> None:
        self.appended = 0
        self.synced = 0
        self.is_suspect = False
        self._file = file
        self._retired: list[AppendFile] = []
        self._owed: OSError | None = None
        self._files_lock = threading.Lock()
        self._sync_lock = threading.Lock()

    def append(self, data: bytes) -> None:
        """Raises OSError."""
        self._file.append(data)
        self.appended += 1
        if self.is_suspect:
            self._owed = OSError(errno.EIO, "a sync failed while this was written")

    def append_last(self, data: bytes) -> None:
        """What nothing depends on. Raises OSError."""
        self._file.append(data)

    def go_on_in(self, file: AppendFile) -> None:
        with self._files_lock:
            self._retired.append(self._file)
            self._file = file
            self.is_suspect = False

    def sync(self) -> None:
        """Everything that was appended before this call is durable when it returns.

        Raises:
            OSError: The disk refuses: what was appended since the last sync is not known to be durable.
        """
        with self._sync_lock:
            with self._files_lock:
                target, active, retired = self.appended, self._file, self._retired
                self._retired = []
            failed, self._owed = self._owed, None
            for file in retired:
                # One try: nobody appends to it any more, and those who wait hear of a failure now.
                try:
                    file.sync()
                except OSError as refused:
                    failed = refused
                file.close()
            try:
                active.sync()
            except OSError as refused:
                failed = refused
                with self._files_lock:
                    self.is_suspect = True
                if self.appended > target:
                    self._owed = refused
            if failed is not None:
                raise failed
            self.synced = target

    def close(self) -> None:
        for file in (*self._retired, self._file):
            file.close()
