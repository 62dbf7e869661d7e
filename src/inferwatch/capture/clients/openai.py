"""OpenAI's Python client, sync and async: `chat.completions.create`, plain and streamed.

The wrapper sits on the instance's resource, so `stream()` and `with_raw_response`, which call `create`
themselves, come through it and give one record too.
"""

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

_STATE: Final = "_inferwatch"
_RAW_HEADER: Final = "X-Stainless-Raw-Response"  # how `with_raw_response` marks a call of `create`
_COPIES: Final = ("copy", "with_options")
_RAW_VIEWS: Final = ("with_raw_response", "with_streaming_response")


def instrument(client: Any, *, recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Put our `create` in front of the client's own; nothing changes when it is already there."""
    if _STATE not in client.__dict__:
        client.__dict__[_STATE] = Instrumentation(client, recorder, provider)


def uninstrument(client: Any) -> None:
    """Take our `create` away again."""
    state: Instrumentation | None = client.__dict__.pop(_STATE, None)
    if state is not None:
        state.undo(client)


class Instrumentation:
    """What we put on one client, and how to take it away again."""

    def __init__(self, client: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
        self._recorder = recorder
        self._provider = provider
        self._active = True
        self._http_client = getattr(client, "_client", None)
        self._counts_attempts = transport.watch(self._http_client)
        self._base_url: object = None
        self._endpoint = Endpoint("openai", None)
        completions = client.chat.completions
        is_async = isinstance(client, openai.AsyncOpenAI)
        self._create = self._wrap_async(completions) if is_async else self._wrap(completions)
        completions.create = self._create
        self._copies = {name: self._wrap_copy(client, name) for name in _COPIES}
        client.__dict__.update(self._copies)
        _forget_raw_views(client)

    def undo(self, client: Any) -> None:
        """Restore the client; where somebody else wrapped us since, we only fall silent."""
        self._active = False
        completions = client.chat.completions
        if completions.__dict__.get("create") is self._create:
            del completions.create
        for name, copy in self._copies.items():
            if client.__dict__.get(name) is copy:
                del client.__dict__[name]
        _forget_raw_views(client)
        if self._counts_attempts:
            transport.unwatch(self._http_client)

    def _wrap(self, completions: Any) -> Callable[..., Any]:
        original = completions.create

        @functools.wraps(original)
        def create(*args: Any, **kwargs: Any) -> Any:
            recorder, draft = self._begin(completions._client, kwargs)
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

    def _wrap_async(self, completions: Any) -> Callable[..., Any]:
        original = completions.create

        @functools.wraps(original)
        async def create(*args: Any, **kwargs: Any) -> Any:
            recorder, draft = self._begin(completions._client, kwargs)
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

    def _wrap_copy(self, client: Any, name: str) -> Callable[..., Any]:
        original = getattr(type(client), name)
        recorder, provider = self._recorder, self._provider

        @functools.wraps(original)
        def copy(*args: Any, **kwargs: Any) -> Any:
            twin = original(client, *args, **kwargs)
            instrument(twin, recorder=recorder, provider=provider)
            return twin

        return copy

    def _begin(self, client: Any, kwargs: Mapping[str, Any]) -> tuple[Recorder, Draft | None]:
        """Start the record of one call, or none where this entry point is not recorded."""
        recorder = self._recorder()
        if not self._active:
            return recorder, None
        try:
            stream = kwargs.get("stream") is True
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
        recorder.write(draft, failed(fault))
    except Exception as ours:  # noqa: BLE001 (the application's own exception is on its way)
        recorder.fault("openai failure", ours)


def _reset(token: Any) -> None:
    try:
        transport.CURRENT.reset(token)
    except ValueError:
        # A coroutine that is collected unfinished is closed in the collector's context, not in its own.
        return


def _forget_raw_views(client: Any) -> None:
    """Views cached on the client hold the `create` they were built with: let them be built again."""
    for owner in (client, client.chat, client.chat.completions):
        for view in _RAW_VIEWS:
            owner.__dict__.pop(view, None)
