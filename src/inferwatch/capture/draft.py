"""A record in the making: what is known of one call before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.timeline import Timeline
from inferwatch.model.fields import UsageSource
from inferwatch.model.text import whole_text

TEXT_MAX_CHARS: Final = 256
_TOKENS_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, known before the call is made."""

    operation: str
    provider: str
    model: str
    stream: bool = False
    api: str | None = None
    task: str | None = None
    endpoint_host: str | None = None
    batch: bool = False


class Draft:
    """One call that has begun. Mutable, used by one call, written once by `Recorder.write`.

    Args:
        generation: The recorder's own mark of its process: a call belongs to the process that issued it,
            so the copy that a fork makes is never written.
    """

    __slots__ = (
        "_unwritten", "attempts", "counts_chunks", "finish_reason_raw", "generation", "last_chunk_ns",
        "model_served", "request", "service_tier", "started_ms", "started_ns", "stream", "timeline", "usage",
        "usage_source",
    )  # fmt: skip

    def __init__(self, request: Request, *, started_ms: int, started_ns: int, generation: object) -> None:
        self.request = request
        self.started_ms = started_ms
        self.started_ns = started_ns
        self.generation = generation
        self.stream = request.stream
        self.timeline = Timeline(started_ns)
        self.counts_chunks = False
        self.last_chunk_ns: int | None = None
        self.attempts: Attempts | None = None
        self.model_served: str | None = None
        self.service_tier: str | None = None
        self.finish_reason_raw: str | None = None
        self.usage: dict[str, int] = {}
        self.usage_source: UsageSource = "none"
        self._unwritten = [True]

    def claim(self) -> bool:
        """True for exactly one caller, among threads and finalisers too: popping a list is atomic."""
        try:
            return self._unwritten.pop()
        except IndexError:
            return False

    @property
    def is_written(self) -> bool:
        return not self._unwritten

    def count(self, name: str, tokens: object) -> None:
        """Note one usage number; `None` is unknown and leaves no trace.

        Raises:
            ValueError: It is not a whole number of tokens, or one that JSON cannot hold.
        """
        if tokens is None:
            return
        if isinstance(tokens, bool) or not isinstance(tokens, int) or not 0 <= tokens <= _TOKENS_MAX:
            raise ValueError(f"{name}: expected a whole number of tokens, found {type(tokens).__name__}")
        self.usage[name] = tokens


def capped(text: str) -> str:
    """Text that a record takes: short enough, and with nothing in it that UTF-8 cannot say."""
    text = text[:TEXT_MAX_CHARS]
    return text if text.isascii() else whole_text(text)
