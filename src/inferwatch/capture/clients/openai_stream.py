"""OpenAI's streams, recorded: the same class to the application, one record at their end, whatever the end.

| The stream | status |
|---|---|
| ended after a finish reason; closed or collected after one | `ok`, or `blocked` when content was filtered |
| ended without a finish reason; its connection broke before one | `cut` |
| was closed or collected before its end, or never iterated | `abandoned` |
| raised anything else | as the exception says |

Closing the response is closing the stream: openai's `stream()` helper knows no other way.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import openai

from inferwatch.capture.clients.openai_answer import (
    has_content,
    note_model,
    note_reason,
    note_tier,
    note_usage,
)
from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import ABANDONED, CUT, Ending, failed, finished
from inferwatch.capture.recorder import Recorder

_TRANSPORTS: Final = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2"})


class Progress:
    """Follows one stream for its record. Nothing here raises."""

    __slots__ = ("_draft", "_is_reading", "_recorder")

    def __init__(self, stream: object, recorder: Recorder, draft: Draft) -> None:
        self._recorder = recorder
        self._draft = draft
        self._is_reading = False
        recorder.watch(stream, draft)

    def reading(self) -> None:
        """The caller asks for the next chunk."""
        self._is_reading = True

    def chunk(self, chunk: Any) -> None:
        """A chunk arrived."""
        self._is_reading = False
        draft = self._draft
        try:
            draft.last_chunk_ns = self._recorder.monotonic_ns()
            if has_content(chunk):
                draft.timeline.content(draft.last_chunk_ns)
            for choice in chunk.choices:
                if choice.finish_reason is not None:
                    note_reason(draft, choice.finish_reason)
            if draft.model_served is None:
                note_model(draft, chunk.model)
                note_tier(draft, getattr(chunk, "service_tier", None))
            if chunk.usage is not None:
                note_usage(draft, chunk.usage)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._recorder.fault("openai chunk", fault)

    def ended(self) -> None:
        """The server ended the stream."""
        reason = self._draft.finish_reason_raw
        self._end(CUT if reason is None else finished(reason))

    def closed(self) -> None:
        """The caller left the stream."""
        reason = self._draft.finish_reason_raw
        self._end(ABANDONED if reason is None else finished(reason))

    def response_closed(self) -> None:
        """The response was closed: by the caller, or by reading, which comes to its own end."""
        if not self._is_reading:
            self.closed()

    def broke(self, fault: BaseException) -> None:
        """Reading the stream raised."""
        ending = failed(fault)
        if ending.status == "error" and self._draft.finish_reason_raw is None and _is_transport(fault):
            ending = Ending("cut", ending.error_type)
        self._end(ending)

    def _end(self, ending: Ending) -> None:
        try:
            self._recorder.unwatch(self._draft)
            self._recorder.write(self._draft, ending)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._recorder.fault("openai stream", fault)


class RecordedStream(openai.Stream[Any]):
    """A `Stream` with everything the original had; reading and closing it also writes its record."""

    def __init__(self, source: openai.Stream[Any], recorder: Recorder, draft: Draft) -> None:
        self.__dict__.update(source.__dict__)
        self._inferwatch_source = source
        self._inferwatch_progress = Progress(self, recorder, draft)
        _watch_closing(self.response, self._inferwatch_progress)

    def __next__(self) -> Any:
        self._inferwatch_progress.reading()
        try:
            chunk = self._inferwatch_source.__next__()
        except StopIteration:
            self._inferwatch_progress.ended()
            raise
        except BaseException as fault:
            self._inferwatch_progress.broke(fault)
            raise
        self._inferwatch_progress.chunk(chunk)
        return chunk

    def __iter__(self) -> RecordedStream:
        return self

    def close(self) -> None:
        """Close the response and release the connection."""
        try:
            self._inferwatch_source.close()
        finally:
            self._inferwatch_progress.closed()


class AsyncRecordedStream(openai.AsyncStream[Any]):
    """An `AsyncStream` with everything the original had; reading and closing it also writes its record."""

    def __init__(self, source: openai.AsyncStream[Any], recorder: Recorder, draft: Draft) -> None:
        self.__dict__.update(source.__dict__)
        self._inferwatch_source = source
        self._inferwatch_progress = Progress(self, recorder, draft)
        _watch_closing_async(self.response, self._inferwatch_progress)

    async def __anext__(self) -> Any:
        self._inferwatch_progress.reading()
        try:
            chunk = await self._inferwatch_source.__anext__()
        except StopAsyncIteration:
            self._inferwatch_progress.ended()
            raise
        except BaseException as fault:
            self._inferwatch_progress.broke(fault)
            raise
        self._inferwatch_progress.chunk(chunk)
        return chunk

    def __aiter__(self) -> AsyncRecordedStream:
        return self

    async def close(self) -> None:
        """Close the response and release the connection."""
        try:
            await self._inferwatch_source.close()
        finally:
            self._inferwatch_progress.closed()


def _watch_closing(response: Any, progress: Progress) -> None:
    original = response.close

    @functools.wraps(original)
    def close() -> None:
        try:
            original()
        finally:
            progress.response_closed()

    response.close = close


def _watch_closing_async(response: Any, progress: Progress) -> None:
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
    if isinstance(fault, openai.APIConnectionError):
        return True
    return type(fault).__module__.partition(".")[0] in _TRANSPORTS
