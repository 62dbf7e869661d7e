"""Google's streams are generators: ours stand around them, and write the record at their end."""

from __future__ import annotations

from typing import Any

from inferwatch.capture.clients import transport
from inferwatch.capture.clients.api import Api
from inferwatch.capture.clients.progress import Progress
from inferwatch.capture.draft import Draft
from inferwatch.capture.recorder import Recorder


class Chunks:
    """A sync stream; its request leaves when the first chunk is asked for."""

    def __init__(self, source: Any, recorder: Recorder, draft: Draft, api: Api) -> None:
        self._source = source
        self._draft = draft
        self._progress = Progress(self, recorder, draft, api)

    def __iter__(self) -> Chunks:
        return self

    def __next__(self) -> Any:
        self._progress.reading()
        token = transport.CURRENT.set(self._draft.attempts)
        try:
            chunk = next(self._source)
        except StopIteration:
            self._progress.ended()
            raise
        except BaseException as fault:
            self._progress.broke(fault)
            raise
        finally:
            transport.reset(token)
        self._progress.chunk(chunk)
        return chunk

    def close(self) -> None:
        """Leave the stream."""
        try:
            self._source.close()
        finally:
            self._progress.closed()


class AsyncChunks:
    """An async stream; its request has left."""

    def __init__(self, source: Any, recorder: Recorder, draft: Draft, api: Api) -> None:
        self._source = source
        self._progress = Progress(self, recorder, draft, api)

    def __aiter__(self) -> AsyncChunks:
        return self

    async def __anext__(self) -> Any:
        self._progress.reading()
        try:
            chunk = await anext(self._source)
        except StopAsyncIteration:
            self._progress.ended()
            raise
        except BaseException as fault:
            self._progress.broke(fault)
            raise
        self._progress.chunk(chunk)
        return chunk

    async def aclose(self) -> None:
        """Leave the stream."""
        try:
            await self._source.aclose()
        finally:
            self._progress.closed()
