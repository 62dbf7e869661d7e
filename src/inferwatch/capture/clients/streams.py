"""Streams of Stainless's clients, recorded: the same object, of a subclass of its own class."""

from __future__ import annotations

from functools import cache, wraps
from typing import Any, Final

from inferwatch.capture.clients.api import Api
from inferwatch.capture.clients.progress import Progress, watch_closing, watch_closing_async
from inferwatch.capture.draft import Draft
from inferwatch.capture.recorder import Recorder

_PROGRESS: Final = "_inferwatch_progress"


def is_stream(answer: Any) -> bool:
    """Whether an answer is a stream that `record` can follow."""
    kind = type(answer)
    return hasattr(answer, "response") and (hasattr(kind, "__next__") or hasattr(kind, "__anext__"))


def record(stream: Any, recorder: Recorder, draft: Draft, api: Api) -> Any:
    """Follow a stream from now on; gives back the same object."""
    kind: Any = type(stream)
    is_async = hasattr(kind, "__anext__")
    progress = Progress(stream, recorder, draft, api)
    watch = watch_closing_async if is_async else watch_closing
    watch(stream.response, progress)
    setattr(stream, _PROGRESS, progress)
    stream.__class__ = _recorded_async(kind) if is_async else _recorded(kind)
    return stream


@cache
def _recorded(kind: Any) -> type:
    """A subclass whose reading and closing also write the record."""

    def read(self: Any) -> Any:
        progress = self._inferwatch_progress
        progress.reading()
        try:
            chunk = kind.__next__(self)
        except StopIteration:
            progress.ended()
            raise
        except BaseException as fault:
            progress.broke(fault)
            raise
        progress.chunk(chunk)
        return chunk

    @wraps(kind.close)
    def close(self: Any) -> None:
        try:
            kind.close(self)
        finally:
            self._inferwatch_progress.closed()

    return subclass(kind, {"__next__": read, "__iter__": _itself, "close": close})


@cache
def _recorded_async(kind: Any) -> type:
    """The same for a stream of an async client."""

    async def read(self: Any) -> Any:
        progress = self._inferwatch_progress
        progress.reading()
        try:
            chunk = await kind.__anext__(self)
        except StopAsyncIteration:
            progress.ended()
            raise
        except BaseException as fault:
            progress.broke(fault)
            raise
        progress.chunk(chunk)
        return chunk

    @wraps(kind.close)
    async def close(self: Any) -> None:
        try:
            await kind.close(self)
        finally:
            self._inferwatch_progress.closed()

    return subclass(kind, {"__anext__": read, "__aiter__": _itself, "close": close})


def subclass(kind: type, members: dict[str, object]) -> type:
    """Of one base and with nothing more in its instances, so that an object may change to it."""
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, "__doc__": kind.__doc__, **members})


def _itself(self: Any) -> Any:
    return self
