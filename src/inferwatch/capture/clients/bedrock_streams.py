"""Streams and bodies of botocore, recorded: the same object, of a subclass of its own class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any, Final

from inferwatch.capture.clients.api import Api
from inferwatch.capture.clients.calls import read
from inferwatch.capture.clients.progress import Progress
from inferwatch.capture.clients.streams import subclass
from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import OK
from inferwatch.capture.recorder import Recorder

_BODY_MAX_BYTES: Final = 1024 * 1024  # pictures and vectors say nothing more than Bedrock's headers do
_PROGRESS: Final = "_inferwatch_progress"
_PARTS: Final = "_inferwatch_parts"


def record_events(stream: Any, recorder: Recorder, draft: Draft, api: Api) -> None:
    """Follow an event stream from now on."""
    setattr(stream, _PROGRESS, Progress(stream, recorder, draft, api))
    kind: Any = type(stream)
    stream.__class__ = _recorded_events(kind)


def record_body(body: Any, recorder: Recorder, draft: Draft, api: Api) -> None:
    """Follow the body of an answer that is whole already, and only has to be read."""
    draft.verdict = OK
    draft.last_chunk_ns = recorder.monotonic_ns()
    progress = Progress(body, recorder, draft, api)

    def take(data: bytes) -> None:
        draft.verdict = None
        read(recorder, draft, api, data)

    setattr(body, _PARTS, _Parts(progress, take))
    kind: Any = type(body)
    body.__class__ = _recorded_body(kind)


class _Events:
    """One iteration of an event stream; dropping it is not the end, another may go on."""

    def __init__(self, events: Iterator[Any], stream: Any) -> None:
        self._events = events
        self._stream = stream  # whoever iterates keeps it
        self._progress: Progress = getattr(stream, _PROGRESS)

    def __iter__(self) -> _Events:
        return self

    def __next__(self) -> Any:
        progress = self._progress
        progress.reading()
        try:
            event = next(self._events)
        except StopIteration:
            progress.ended()
            raise
        except BaseException as fault:
            progress.broke(fault)
            raise
        progress.chunk(event)
        return event


@cache
def _recorded_events(kind: Any) -> type:
    def iterate(self: Any) -> _Events:
        return _Events(kind.__iter__(self), self)

    @wraps(kind.close)
    def close(self: Any) -> None:
        try:
            kind.close(self)
        finally:
            getattr(self, _PROGRESS).closed()

    return subclass(kind, {"__iter__": iterate, "close": close})


class _Parts:
    """What was read of a body, until it is whole."""

    def __init__(self, progress: Progress, take: Callable[[bytes], None]) -> None:
        self.progress = progress
        self._take = take
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, data: bytes, *, is_last: bool) -> None:
        """More of the body was read."""
        self._size += len(data)
        if self._size <= _BODY_MAX_BYTES:
            self._parts.append(data)
        if is_last:
            if self._size <= _BODY_MAX_BYTES:
                self.progress.feed(self._take, b"".join(self._parts))
            self.progress.ended()
            self._parts.clear()


@cache
def _recorded_body(kind: Any) -> type:
    """Every way of reading a `StreamingBody` but the raw stream itself ends in `read` or `readinto`."""

    @wraps(kind.read)
    def read(self: Any, amt: int | None = None) -> Any:
        parts: _Parts = getattr(self, _PARTS)
        try:
            data = kind.read(self, amt)
        except BaseException as fault:
            parts.progress.broke(fault)
            raise
        parts.add(data, is_last=amt is None or amt < 0 or (amt > 0 and not data))
        return data

    @wraps(kind.readinto)
    def readinto(self: Any, buffer: Any) -> int:
        parts: _Parts = getattr(self, _PARTS)
        try:
            size: int = kind.readinto(self, buffer)
        except BaseException as fault:
            parts.progress.broke(fault)
            raise
        parts.add(bytes(buffer[:size]), is_last=size == 0 and len(buffer) > 0)
        return size

    @wraps(kind.close)
    def close(self: Any) -> None:
        try:
            kind.close(self)
        finally:
            getattr(self, _PARTS).progress.closed()

    return subclass(kind, {"read": read, "readinto": readinto, "close": close})
