"""HTTP attempts of one call: what the transport saw goes in, the record's retry fields come out."""

from __future__ import annotations

from inferwatch.capture.timeline import milliseconds

_TOO_MANY_REQUESTS = 429
_ERRORS_MAX = 5
_NO_RESPONSE = "no_response"


class Attempts:
    """Counts requests, throttles and the waits between attempts; redirects belong to their attempt."""

    __slots__ = ("_answered_ns", "_following", "_status", "_wait_ns", "count", "errors", "throttles")

    def __init__(self) -> None:
        self.count = 0
        self.throttles = 0
        self.errors: list[str] = []
        self._wait_ns: int | None = 0
        self._status: int | None = None
        self._answered_ns = 0
        self._following = False

    def sent(self, now_ns: int) -> None:
        """A request leaves."""
        if self._following:
            self._following = False
            return
        if self.count > 0:
            self._retry(now_ns)
        self.count += 1
        self._status = None

    def answered(self, status: int, now_ns: int, *, redirect: bool = False) -> None:
        """An answer's head arrived; after a redirect the next request is the same attempt."""
        self._following = redirect
        self._status = status
        self._answered_ns = now_ns
        if status == _TOO_MANY_REQUESTS:
            self.throttles += 1

    def _retry(self, now_ns: int) -> None:
        if len(self.errors) < _ERRORS_MAX:
            self.errors.append(_NO_RESPONSE if self._status is None else str(self._status))
        if self._status is None:
            self._wait_ns = None  # when an unanswered attempt ended, the transport does not tell
        elif self._wait_ns is not None:
            self._wait_ns += now_ns - self._answered_ns

    @property
    def retry_wait_ms(self) -> float | None:
        """`None` when there was no retry, or when a wait could not be measured."""
        return None if self.count < 2 or self._wait_ns is None else milliseconds(self._wait_ns)
