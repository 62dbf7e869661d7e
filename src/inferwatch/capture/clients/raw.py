"""Raw responses: the application reads the body itself, and what it reads is read along.

`with_raw_response` and `with_streaming_response` give a response instead of an answer. A body that is there
is read at once; one that is still to come is followed through the response's `iter_bytes`, which every way of
reading it goes through, streams parsed from it included.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

from inferwatch.capture.clients.api import Api, note_error
from inferwatch.capture.clients.calls import read
from inferwatch.capture.clients.progress import Progress, watch_closing, watch_closing_async
from inferwatch.capture.clients.view import parsed
from inferwatch.capture.draft import Draft
from inferwatch.capture.recorder import Recorder

_DATA: Final = b"data:"
_LAST: Final = b"[DONE]"
_BODY_MAX_BYTES: Final = 32 * 1024 * 1024


def response_of(answer: Any) -> Any:
    """The HTTP response of a raw answer; `None` where it is none."""
    return getattr(answer, "http_response", None)


def follow(response: Any, recorder: Recorder, draft: Draft, api: Api, *, is_async: bool) -> None:
    """End the record of a body that is still to come when it has come, or will not."""
    progress = Progress(response, recorder, draft, api)
    take = functools.partial(_event, draft, progress)
    body = Events(take) if draft.request.stream else Whole(functools.partial(read, recorder, draft, api))
    if is_async:
        _tap_async(response, progress, body)
        watch_closing_async(response, progress)
    else:
        _tap(response, progress, body)
        watch_closing(response, progress)


def _event(draft: Draft, progress: Progress, event: Any) -> None:
    error = getattr(event, "error", None)
    if error is not None:
        note_error(draft, error)
    else:
        progress.chunk(event)


class Whole:
    """Collects a body of JSON, and hands it on when it is whole."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        self._take = take
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """More of the body."""
        self._size += len(data)
        if self._size <= _BODY_MAX_BYTES:
            self._parts.append(data)

    def end(self) -> None:
        """No more will come."""
        if self._size <= _BODY_MAX_BYTES:
            self._take(parsed(b"".join(self._parts)))


class Events:
    """Cuts server-sent events out of a body, and hands each one's data on.

    Source: WHATWG, "Server-sent events"; providers send one line of data per event.
    """

    def __init__(self, take: Callable[[Any], object]) -> None:
        self._take = take
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """More of the body."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)

    def end(self) -> None:
        """No more will come."""
        self._line(self._rest)

    def _line(self, line: bytes) -> None:
        if line.startswith(_DATA):
            data = line[len(_DATA) :].strip()
            if data and data != _LAST:
                self._take(parsed(data))


def _tap(response: Any, progress: Progress, body: Whole | Events) -> None:
    original = response.iter_bytes

    @functools.wraps(original)
    def iter_bytes(*args: Any, **kwargs: Any) -> Iterator[bytes]:
        progress.reading()
        try:
            for data in original(*args, **kwargs):
                progress.feed(body.feed, data)
                yield data
                progress.reading()
        except GeneratorExit:
            progress.paused()
            raise
        except BaseException as fault:
            progress.broke(fault)
            raise
        progress.feed(body.end)
        progress.ended()

    response.iter_bytes = iter_bytes


def _tap_async(response: Any, progress: Progress, body: Whole | Events) -> None:
    original = response.aiter_bytes

    @functools.wraps(original)
    async def aiter_bytes(*args: Any, **kwargs: Any) -> AsyncIterator[bytes]:
        progress.reading()
        try:
            async for data in original(*args, **kwargs):
                progress.feed(body.feed, data)
                yield data
                progress.reading()
        except GeneratorExit:
            progress.paused()
            raise
        except BaseException as fault:
            progress.broke(fault)
            raise
        progress.feed(body.end)
        progress.ended()

    response.aiter_bytes = aiter_bytes
