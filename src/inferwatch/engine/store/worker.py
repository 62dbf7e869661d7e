"""Drives a process that does one thing after another: requests and answers are files, one at a time."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Final

from inferwatch.engine.store.folder import TEMPORARY

ANSWER: Final = ".answer" + TEMPORARY


class WorkerDied(Exception):
    """The process ended before it answered; the text says how."""


class Worker:
    """The process is started with the first request, and again should it die.

    It reads a request file's path a line, writes the answer beside it, and says so with a line. It ends when
    its input does, so it never outlives who started it.

    Args:
        module: What the process runs.
    """

    def __init__(self, folder: Path, module: str) -> None:
        self._folder = folder
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._request: Path | None = None

    @property
    def is_busy(self) -> bool:
        return self._request is not None

    def start(self, name: str, request: bytes) -> None:
        """Hand a request over; none may be under way.

        Args:
            name: Of its own: a process whose starter was killed may still be at work on an earlier one.

        Raises:
            OSError: The process cannot be started, or the request not written.
        """
        path = self._folder / f"{name}{TEMPORARY}"
        path.write_bytes(request)
        try:
            self._tell(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self._request = path

    def _tell(self, path: Path) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                # -P: whatever lies in the working directory is not ours to import.
                [sys.executable, "-P", "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                # A signal from the terminal is for us: we end the process by closing its input.
                start_new_session=True,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path}\n".encode())

    def answer(self, *, timeout_s: float = 0) -> bytes | None:
        """The answer to the request under way; `None` while there is none.

        Raises:
            WorkerDied: There will be none.
        """
        if self._request is None or self._process is None or self._process.stdout is None:
            return None
        output = self._process.stdout.fileno()
        ready, _, _ = select.select([output], [], [], timeout_s)
        if not ready:
            return None
        if not os.read(output, 64):
            code = self.stop()
            raise WorkerDied(f"the process ended with {code}")
        return self._take_answer()

    def _take_answer(self) -> bytes:
        request, self._request = self._request, None
        assert request is not None
        path = request.with_name(request.name + ANSWER)
        try:
            return path.read_bytes()
        except OSError as unreadable:
            raise WorkerDied(f"no answer: {unreadable}") from None
        finally:
            request.unlink(missing_ok=True)
            path.unlink(missing_ok=True)

    def stop(self) -> int | None:
        """End the process; a request under way is forgotten. How it ended; `None` where there was none."""
        process, self._process = self._process, None
        code = None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            code = process.wait()
        if self._request is not None:
            with contextlib.suppress(WorkerDied):
                self._take_answer()
        return code
