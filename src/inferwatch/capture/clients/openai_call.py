"""Calls of one OpenAI client: a method of its own in, the same method recorded or counted out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final

import openai

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.clients import transport
from inferwatch.capture.clients.endpoint import Endpoint, endpoint
from inferwatch.capture.clients.openai_answer import read_completion
from inferwatch.capture.clients.openai_stream import AsyncRecordedStream, RecordedStream
from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.ending import failed, finished
from inferwatch.capture.recorder import Recorder

_RAW_HEADER: Final = "X-Stainless-Raw-Response"  # how `with_raw_response` marks a call of `create`


class Calls:
    """Wraps the methods of one client. Nothing of ours raises into the application.

    Args:
        counts_attempts: The client's HTTP client is watched.
    """

    def __init__(
        self, recorder: Callable[[], Recorder], provider: str | None, *, counts_attempts: bool
    ) -> None:
        self.is_active = True
        self._recorder = recorder
        self._provider = provider
        self._counts_attempts = counts_attempts
        self._base_url: object = None
        self._endpoint = Endpoint("openai", None)

    def create(self, original: Callable[..., Any], client: Any) -> Callable[..., Any]:
        """`original` of a client, recorded."""

        @functools.wraps(original)
        def create(*args: Any, **kwargs: Any) -> Any:
            recorder, draft = self._begin(client, kwargs)
            if draft is None:
                return original(*args, **kwargs)
            token = transport.CURRENT.set(draft.attempts)
            try:
                answer = original(*args, **kwargs)
            except BaseException as fault:
                _fail(recorder, draft, fault)
                raise
            finally:
                transport.CURRENT.reset(token)
            return _answered(recorder, draft, answer)

        return create

    def create_async(self, original: Callable[..., Any], client: Any) -> Callable[..., Any]:
        """`original` of an async client, recorded."""

        @functools.wraps(original)
        async def create(*args: Any, **kwargs: Any) -> Any:
            recorder, draft = self._begin(client, kwargs)
            if draft is None:
                return await original(*args, **kwargs)
            token = transport.CURRENT.set(draft.attempts)
            try:
                answer = await original(*args, **kwargs)
            except BaseException as fault:
                _fail(recorder, draft, fault)
                raise
            finally:
                _reset(token)
            return _answered(recorder, draft, answer)

        return create

    def parse(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """`original`, counted as skipped."""

        @functools.wraps(original)
        def parse(*args: Any, **kwargs: Any) -> Any:
            self._skip()
            return original(*args, **kwargs)

        return parse

    def parse_async(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """`original` of an async client, counted as skipped."""

        @functools.wraps(original)
        async def parse(*args: Any, **kwargs: Any) -> Any:
            self._skip()
            return await original(*args, **kwargs)

        return parse

    def _skip(self) -> None:
        if self.is_active:
            self._recorder().skip()

    def _begin(self, client: Any, kwargs: Mapping[str, Any]) -> tuple[Recorder, Draft | None]:
        """Start the record of one call, or none where this entry point is not recorded."""
        recorder = self._recorder()
        if not self.is_active:
            return recorder, None
        try:
            stream = bool(kwargs.get("stream"))
            raw = (kwargs.get("extra_headers") or {}).get(_RAW_HEADER)
            if raw is not None and (stream or raw != "true"):
                recorder.skip()
                return recorder, None
            provider, host = self._endpoint_of(client)
            model = kwargs.get("model")
            request = Request(
                operation="chat",
                provider=provider,
                model=model if isinstance(model, str) else "unknown",
                stream=stream,
                api="chat",
                endpoint_host=host,
            )
            draft = recorder.begin(request)
            draft.counts_chunks = stream
            draft.attempts = Attempts() if self._counts_attempts else None
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            recorder.fault("openai request", fault)
            return recorder, None
        return recorder, draft

    def _endpoint_of(self, client: Any) -> Endpoint:
        base_url = client.base_url
        if base_url is not self._base_url:  # reading a URL's parts costs more than the rest of a record
            found = endpoint(base_url.host, base_url.port)
            self._endpoint = Endpoint(self._provider or found.provider, found.host)
            self._base_url = base_url
        return self._endpoint


def _answered(recorder: Recorder, draft: Draft, answer: Any) -> Any:
    """End the record of a plain answer, or leave that to the stream; gives the application its answer."""
    _doubt_attempts(draft)
    try:
        if isinstance(answer, openai.Stream):
            return RecordedStream(answer, recorder, draft)
        if isinstance(answer, openai.AsyncStream):
            return AsyncRecordedStream(answer, recorder, draft)
        ended_ns = recorder.monotonic_ns()
        try:
            read_completion(draft, answer)
        except Exception as fault:  # noqa: BLE001 (an answer we cannot read is still an answer)
            recorder.fault("openai answer", fault)
        recorder.write(draft, finished(draft.finish_reason_raw), ended_ns=ended_ns)
    except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
        recorder.fault("openai answer", fault)
    return answer


def _fail(recorder: Recorder, draft: Draft, fault: BaseException) -> None:
    try:
        ending = failed(fault)
        if ending.http_status is not None:
            _doubt_attempts(draft)
        recorder.write(draft, ending)
    except Exception as ours:  # noqa: BLE001 (the application's own exception is on its way)
        recorder.fault("openai failure", ours)


def _doubt_attempts(draft: Draft) -> None:
    """An answer to no request: somebody took our hooks away, so nothing is known."""
    if draft.attempts is not None and draft.attempts.count == 0:
        draft.attempts = None


def _reset(token: Any) -> None:
    try:
        transport.CURRENT.reset(token)
    except ValueError:
        # A coroutine that is collected unfinished is closed in the collector's context, not in its own.
        return
