"""Drives the sealing process: one segment at a time, never waiting for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inferwatch.engine.store.control import SealedRow
from inferwatch.engine.store.worker import Worker, WorkerDied


@dataclass(frozen=True, slots=True)
class Sealed:
    """What came of one segment; `error` is `None` where it went well."""

    segment: int
    rows: list[SealedRow]
    error: str | None


class Sealing:
    """One segment after the other.

    Attributes:
        segment: The one under way.
    """

    def __init__(self, folder: Path) -> None:
        self.segment: int | None = None
        self._worker = Worker(folder, "inferwatch.engine.store.sealer")

    def start(self, segment: int, path: Path, streams: Mapping[int, str], attempt: str) -> None:
        """Hand a segment over; nothing may be under way.

        Raises:
            OSError: The process cannot be started, or the request not written.
        """
        request = {"segment": str(path), "streams": dict(streams), "attempt": attempt}
        self._worker.start(f"seal-{attempt}", json.dumps(request).encode())
        self.segment = segment

    def finished(self, *, timeout_s: float = 0) -> Sealed | None:
        """What came of the segment under way; `None` while it is."""
        if self.segment is None:
            return None
        segment = self.segment
        try:
            answer = self._worker.answer(timeout_s=timeout_s)
            if answer is None:
                return None
            document = json.loads(answer)
        except (WorkerDied, ValueError) as failed:
            document = {"error": str(failed), "files": []}
        self.segment = None
        return Sealed(segment, [SealedRow(*row) for row in document["files"]], document["error"])

    def close(self) -> None:
        """End the process; a segment under way is left as it was."""
        self._worker.stop()
