"""When a stream's chunks came: monotonic nanoseconds in, the record's latency fields out."""

from __future__ import annotations

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000


class Timeline:
    """Counts the chunks that carry content and the gaps between them, in constant space."""

    __slots__ = ("_first_ns", "_last_ns", "_longest_gap_ns", "_started_ns", "chunks")

    def __init__(self, started_ns: int) -> None:
        self._started_ns = started_ns
        self._first_ns: int | None = None
        self._last_ns = started_ns
        self._longest_gap_ns = 0
        self.chunks = 0

    def content(self, now_ns: int) -> None:
        """A chunk with content arrived."""
        self.chunks += 1
        if self._first_ns is None:
            self._first_ns = now_ns
        else:
            self._longest_gap_ns = max(self._longest_gap_ns, now_ns - self._last_ns)
        self._last_ns = now_ns

    def first(self, now_ns: int) -> None:
        """The first content arrived, and nobody will count the rest."""
        if self._first_ns is None:
            self._first_ns = now_ns

    @property
    def ttft_ms(self) -> float | None:
        """From the start to the first content; `None` before it."""
        return None if self._first_ns is None else milliseconds(self._first_ns - self._started_ns)

    @property
    def itl_mean_ms(self) -> float | None:
        """`None` until there are two chunks to be apart."""
        if self._first_ns is None or self.chunks < 2:
            return None
        return round((self._last_ns - self._first_ns) / (self.chunks - 1) / _NS_PER_MS, 3)

    @property
    def itl_max_ms(self) -> float | None:
        """`None` until there are two chunks to be apart."""
        return None if self.chunks < 2 else milliseconds(self._longest_gap_ns)

    def output_tps(self, output_tokens: int | None, ended_ns: int) -> float | None:
        """Tokens per second from the first token to the end; `None` where no such time passed.

        It did not where all tokens came in one chunk, either.
        """
        if output_tokens is None or self._first_ns is None or ended_ns <= self._first_ns or self.chunks == 1:
            return None
        return round(output_tokens * _NS_PER_S / (ended_ns - self._first_ns), 3)


def milliseconds(duration_ns: int) -> float:
    """Nanoseconds as milliseconds, kept to the microsecond."""
    return round(duration_ns / _NS_PER_MS, 3)
