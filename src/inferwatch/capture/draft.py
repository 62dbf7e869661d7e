"""A record in the making: what is known of one call before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.ending import Ending, finished
from inferwatch.capture.timeline import Timeline
from inferwatch.model.fields import UsageSource
from inferwatch.model.text import whole_text

TEXT_MAX_CHARS: Final = 256
_TOKENS_MAX: Final = 2**63 - 1
_TOOL_NAMES_MAX: Final = 10


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

    `verdict` is the answer's own word on its end, where that is more than a finish reason; `is_read`, that
    the whole answer was read; `is_unreadable`, that some of it could not be; `wrong_usage`, a count that is
    none.
    """

    __slots__ = (
        "_unwritten", "attempts", "counts_chunks", "finish_reason_raw", "generation", "is_read",
        "is_unreadable", "last_chunk_ns", "model_served", "request", "service_tier", "started_ms",
        "started_ns", "stream", "timeline", "tool_calls", "tool_names", "usage", "usage_source",
        "verdict", "wrong_usage",
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
        self.verdict: Ending | None = None
        self.is_read = False
        self.is_unreadable = False
        self.tool_calls = 0
        self.tool_names: list[str] = []
        self.wrong_usage: ValueError | None = None
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

    @property
    def ending(self) -> Ending | None:
        """What the answer itself says about its end; `None` while it has not."""
        if self.verdict is not None:
            return self.verdict
        return None if self.finish_reason_raw is None else finished(self.finish_reason_raw)

    def tool(self, name: object) -> None:
        """The model calls a tool: its name is kept, its arguments are content."""
        self.tool_calls += 1
        if isinstance(name, str) and name not in self.tool_names and len(self.tool_names) < _TOOL_NAMES_MAX:
            self.tool_names.append(name)

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
