"""Records as lines of the standard output: AWS Lambda, for one, takes them to CloudWatch Logs.

A line is with the kernel, whole, before `emit` returns, or written next by the thread that is writing: there
is nothing to spool. It waits for the reader of a pipe, as `print` does. Whoever emits in the middle of a
line, as a signal handler may, has its own written after it.

Source: Lambda Developer Guide, "Log and monitor Python Lambda functions", read 2026-11.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

import orjson

from inferwatch.model.limits import EVENT_OVERHEAD_BYTES
from inferwatch.model.process import in_forked_children, warn_once
from inferwatch.ship.entries import Loss, too_large
from inferwatch.ship.plain import MESSAGE_MAX_BYTES, is_exact, mended
from inferwatch.ship.report import Report, Stats

_PATIENCE_S: Final = 1.0


class Lines:
    """Writes a JSON object a line.

    Args:
        fd: A file descriptor, and not `sys.stdout`, whose buffer is the application's.
    """

    def __init__(self, fd: int = 1) -> None:
        self._fd = fd
        self._start_fresh()
        in_forked_children(self._start_fresh)

    def _start_fresh(self) -> None:
        self._waiting: deque[bytes | Loss] = deque()
        self._lock = threading.Lock()
        self._is_torn = False  # a line was not written to its end
        self._delivered = self._rejected = self._dropped = self._mended = 0
        self._loss: str | None = None
        self._reported = Stats()

    def before_closing(self, emit_the_last: Callable[[], object]) -> None:
        """Call this at the exit of the process, while records are still accepted."""
        import atexit

        atexit.register(emit_the_last)

    def emit(self, record: dict[str, object]) -> None:
        """Write one record: no exception, whoever calls."""
        self._waiting.append(self._line(record))
        while self._waiting and self._lock.acquire(blocking=False):  # who has it writes ours, too
            try:
                while self._waiting:
                    self._settle(self._waiting.popleft())
            finally:
                self._lock.release()

    def _line(self, record: dict[str, object]) -> bytes | Loss:
        try:
            message = orjson.dumps(record)
            is_whole = is_exact(message, record)
        except TypeError:
            is_whole = False
        if not is_whole:
            try:
                message, _ = mended(record)
            except Exception as fault:  # noqa: BLE001 (values may do anything when they are looked at)
                why = f"a record cannot be written as JSON ({type(fault).__name__})"
                return Loss(why, is_rejected=True)
            self._mended += 1
        if len(message) > MESSAGE_MAX_BYTES:
            return Loss(too_large(len(message) + EVENT_OVERHEAD_BYTES), is_rejected=True)
        return message + b"\n"

    def _settle(self, line: bytes | Loss) -> None:
        if isinstance(line, Loss):
            self._rejected += 1
            self._loss = line.reason
            return
        try:
            self._write(memoryview(b"\n" + line if self._is_torn else line))
        except BaseException as broken:
            self._dropped += 1
            self._loss = (
                f"the standard output takes no records ({getattr(broken, 'strerror', None) or broken})"
            )
            if not isinstance(broken, OSError):  # Ctrl-C is the application's
                raise
            warn_once(self._loss)
        else:
            self._delivered += 1

    def _write(self, line: memoryview) -> None:
        """Whole, or the next one begins on a line of its own."""
        written = 0
        try:
            while written < len(line):
                written += self._written(line[written:])
        finally:
            self._is_torn = written < len(line) and (self._is_torn or written > 0)

    def _written(self, data: memoryview) -> int:
        """Raises OSError, where it takes nothing, or nothing for a second where it never waits."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            if not select.select([], [self._fd], [], _PATIENCE_S)[1]:
                raise
            return 0

    def stats(self) -> Stats:
        """What became of every record; `delivered` is to the standard output."""
        waiting = len(self._waiting)
        settled = self._delivered + self._rejected + self._dropped
        return Stats(
            accepted=settled + waiting,
            delivered=self._delivered,
            spooled=waiting,
            rejected=self._rejected,
            dropped=self._dropped,
            mended=self._mended,
            last_error=self._loss,
        )

    def flush(self, timeout_s: float = 5.0) -> Report:  # noqa: ARG002 (as a sender's)
        """Say what became of the records since the flush before; there is nothing to wait for."""
        before, now = self._reported, self.stats()
        self._reported = now
        dropped, rejected = now.dropped - before.dropped, now.rejected - before.rejected
        return Report(
            sent=now.delivered - before.delivered,
            waiting=now.spooled,
            dropped=dropped,
            rejected=rejected,
            last_error=now.last_error if dropped or rejected else None,
        )
