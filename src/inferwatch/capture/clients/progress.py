"""One stream, followed to its end: what its reader met goes in, one record comes out.

| The stream | status |
|---|---|
| ended after a finish reason; closed or collected after one | `ok`, or `blocked` when content was filtered |
| ended without a finish reason; its connection broke before one | `cut` |
| was closed or collected before its end, or never iterated | `abandoned` |
| raised anything else | as the exception says |
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from inferwatch.capture.clients.api import Api
from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import ABANDONED, CUT, OK, Ending, failed
from inferwatch.capture.recorder import Recorder

_TRANSPORTS: Final = frozenset(
    {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "urllib3", "aiohttp"}
)
_TRANSPORT_ERRORS: Final = frozenset({"APIConnectionError", "ResponseStreamingError", "IncompleteReadError"})


class Progress:
    """Follows one stream for its record. Nothing here raises.

    Args:
        owner: When it is collected before the end, the stream was abandoned.
    """

    __slots__ = ("_api", "_draft", "_is_reading", "_now_ns", "_read_chunk", "_recorder")

    def __init__(self, owner: object, recorder: Recorder, draft: Draft, api: Api) -> None:
        self._recorder = recorder
        self._draft = draft
        self._api = api
        self._read_chunk = api.chunk
        self._now_ns = recorder.monotonic_ns
        self._is_reading = False
        recorder.watch(owner, draft)

    def reading(self) -> None:
        """The caller asks for the next chunk."""
        self._is_reading = True

    def chunk(self, chunk: Any) -> None:
        """A chunk arrived."""
        self._is_reading = False
        draft = self._draft
        try:
            draft.last_chunk_ns = now_ns = self._now_ns()
            if self._read_chunk(draft, chunk):
                draft.timeline.content(now_ns)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            draft.is_unreadable = True
            self._recorder.fault(f"{self._api.name} chunk", fault)

    def paused(self) -> None:
        """The caller does not ask any more, for now."""
        self._is_reading = False

    def feed(self, take: Callable[..., object], *data: bytes) -> None:
        """Bytes arrived, or their end."""
        self._is_reading = False
        try:
            take(*data)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._draft.is_unreadable = True
            self._recorder.fault(f"{self._api.name} body", fault)

    def ended(self) -> None:
        """The server ended the answer."""
        draft = self._draft
        is_whole = draft.is_unreadable or not draft.request.stream
        self._end(draft.ending or (OK if is_whole else CUT))

    def closed(self) -> None:
        """The caller left the answer."""
        self._end(self._draft.ending or ABANDONED)

    def response_closed(self) -> None:
        """The response was closed: by the caller, or by reading, which comes to its own end."""
        if not self._is_reading:
            self.closed()

    def broke(self, fault: BaseException) -> None:
        """Reading the answer raised."""
        ending = failed(fault)
        if ending.status == "error" and self._draft.finish_reason_raw is None and _is_transport(fault):
            ending = Ending("cut", ending.error_type)
        self._end(ending)

    def _end(self, ending: Ending) -> None:
        try:
            self._recorder.unwatch(self._draft)
            self._recorder.write(self._draft, ending)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._recorder.fault(f"{self._api.name} stream", fault)


def watch_closing(response: Any, progress: Progress) -> None:
    """Closing the response is closing its stream: some helpers know no other way."""
    original = response.close

    @functools.wraps(original)
    def close() -> None:
        try:
            original()
        finally:
            progress.response_closed()

    response.close = close


def watch_closing_async(response: Any, progress: Progress) -> None:
    """The same for the response of an async client."""
    original = response.aclose

    @functools.wraps(original)
    async def aclose() -> None:
        try:
            await original()
        finally:
            progress.response_closed()

    response.aclose = aclose


def _is_transport(fault: BaseException) -> bool:
    """Whether the connection failed, rather than the server saying that the call did."""
    kind = type(fault)
    names = {each.__name__ for each in kind.__mro__}
    return not _TRANSPORT_ERRORS.isdisjoint(names) or kind.__module__.partition(".")[0] in _TRANSPORTS
