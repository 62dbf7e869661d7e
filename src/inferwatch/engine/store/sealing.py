"""Drives the sealing process: one segment at a time, never waiting for it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inferwatch.engine.store.control import SealedRow
from inferwatch.engine.store.folder import TEMPORARY
from inferwatch.engine.store.sealer import ANSWER


@dataclass(frozen=True, slots=True)
class Sealed:
    """What came of one segment; `error` is `None` where it went well."""

    segment: int
    rows: list[SealedRow]
    error: str | None


class Sealing:
    """The process is started with the first segment, and again should it die.

    Attributes:
        segment: The one under way.
    """

    def __init__(self, folder: Path) -> None:
        self.segment: int | None = None
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._request: Path | None = None

    def start(self, segment: int, path: Path, streams: Mapping[int, str], attempt: str) -> None:
        """Hand a segment over; nothing may be under way.

        Raises:
            OSError: The process cannot be started, or the request not written.
        """
        # A name of its own: a process whose starter was killed may still be at work on an earlier one.
        self._request = self._folder / f"seal-{attempt}{TEMPORARY}"
        self._request.write_text(
            json.dumps({"segment": str(path), "streams": dict(streams), "attempt": attempt})
        )
        if self._process is None:
            self._process = subprocess.Popen(
                # -P: whatever lies in the working directory is not ours to import.
                [sys.executable, "-P", "-m", "inferwatch.engine.store.sealer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                # A signal from the terminal is for us: we end the process by closing its input.
                start_new_session=True,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(f"{self._request}\n".encode())
        self.segment = segment

    def finished(self, *, timeout_s: float = 0) -> Sealed | None:
        """What came of the segment under way; `None` while it is."""
        if self.segment is None or self._process is None or self._process.stdout is None:
            return None
        output = self._process.stdout.fileno()
        ready, _, _ = select.select([output], [], [], timeout_s)
        if not ready:
            return None
        segment, self.segment = self.segment, None
        if not os.read(output, 64):
            code = self._stop()
            self._take_answer()
            return Sealed(segment, [], f"the sealing process ended with {code}")
        document = self._take_answer()
        return Sealed(segment, [SealedRow(*row) for row in document["files"]], document["error"])

    def _take_answer(self) -> dict[str, Any]:
        """The answer to the request, both removed; an error where there is none."""
        request, self._request = self._request, None
        assert request is not None
        path = request.with_name(request.name + ANSWER)
        try:
            document: dict[str, Any] = json.loads(path.read_text())
        except (OSError, ValueError) as unreadable:
            document = {"error": f"no answer: {unreadable}", "files": []}
        request.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        return document

    def close(self) -> None:
        """End the process; a segment under way is left as it was."""
        self._stop()
        if self._request is not None:
            self._take_answer()

    def _stop(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return process.wait()
