"""OpenAI's Python client, sync and async: `chat.completions.create`, plain and streamed.

The wrapper sits on the instance's resource, so `stream()` and `with_raw_response`, which call `create`
themselves, come through it and give one record too. `parse` does not: its calls are counted as skipped.
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
        client.__dict__[_STATE] = Instrumentation(client, recorder, provider, twin_of=None)


def uninstrument(client: Any) -> None:
    """Take our `create` away again."""
    state: Instrumentation | None = client.__dict__.pop(_STATE, None)
    if state is not None:
        state.undo()


class Instrumentation:
    """What we put on one client, and how to take it away again.

    Args:
        twin_of: The client this one is a copy of: where both share an HTTP client, its attempts are watched
            for the original, and no copy has to say when it is gone.
    """

    def __init__(
        self,
        client: Any,
        recorder: Callable[[], Recorder],
        provider: str | None,
        *,
        twin_of: Instrumentation | None,
    ) -> None:
        self._recorder = recorder
        self._provider = provider
        self._active = True
        self._http_client = getattr(client, "_client", None)
        self._is_twin = twin_of is not None and twin_of._http_client is self._http_client
        if twin_of is not None and self._is_twin:
            self._counts_attempts: bool = twin_of._counts_attempts
        else:
            self._counts_attempts = transport.watch(self._http_client)
        self._base_url: object = None
        self._endpoint = Endpoint("openai", None)
        self._is_async = isinstance(client, openai.AsyncOpenAI)
        self._put: list[tuple[Any, str, object]] = []
        self._viewed: list[Any] = []
        self._cover(client.chat)
        self._cover_beta(client)
        for name in _COPIES:
            self._replace(client, name, self._wrap_copy(client, name))
        self._forget_views(client)

    def undo(self) -> None:
        """Restore the client; where somebody else wrapped us since, we only fall silent."""
        self._active = False
        for owner, name, ours in self._put:
            if owner.__dict__.get(name) is ours:
                del owner.__dict__[name]
        self._forget_views(*tuple(self._viewed))
        if self._counts_attempts and not self._is_twin:
            transport.unwatch(self._http_client)

    def _replace(self, owner: Any, name: str, ours: object) -> None:
        owner.__dict__[name] = ours
        self._put.append((owner, name, ours))

    def _forget_views(self, *owners: Any) -> None:
        """Cached views of raw responses hold the methods they were built with: let them be built again."""
        self._viewed += owners
        for owner in owners:
            for view in _RAW_VIEWS:
                owner.__dict__.pop(view, None)

    def _cover(self, chat: Any) -> None:
        completions = chat.completions
        if hasattr(completions, "create"):
            wrap = self._wrap_async if self._is_async else self._wrap
            self._replace(completions, "create", wrap(completions))
        if hasattr(completions, "parse"):
            count = self._count_async if self._is_async else self._count
            self._replace(completions, "parse", count(completions.parse))
        self._forget_views(chat, completions)

    def _cover_beta(self, client: Any) -> None:
        """`client.beta` has chat completions of its own, and takes a second to import: wait for its use."""
        if "beta" in client.__dict__:
            self._forget_views(client.beta)
            self._cover(client.beta.chat)
        elif hasattr(type(client), "beta"):
            self._replace(client, "beta", _LaterBeta(lambda: self._import_beta(client)))

    def _import_beta(self, client: Any) -> Any:
        if isinstance(client.__dict__.get("beta"), _LaterBeta):
            del client.__dict__["beta"]
            if self._active:
                self._cover(client.beta.chat)
        return client.beta

    def _count(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def parse(*args: Any, **kwargs: Any) -> Any:
            self._skip()
            return original(*args, **kwargs)

        return parse

    def _count_async(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        async def parse(*args: Any, **kwargs: Any) -> Any:
            self._skip()
            return await original(*args, **kwargs)

        return parse

    def _skip(self) -> None:
        if self._active:
            self._recorder().skip()

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
            if _STATE not in twin.__dict__:
                twin.__dict__[_STATE] = Instrumentation(twin, recorder, provider, twin_of=self)
            return twin

        return copy

    def _begin(self, client: Any, kwargs: Mapping[str, Any]) -> tuple[Recorder, Draft | None]:
        """Start the record of one call, or none where this entry point is not recorded."""
        recorder = self._recorder()
        if not self._active:
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


class _LaterBeta:
    """Stands for `client.beta` until something of it is asked for."""

    def __init__(self, beta: Callable[[], Any]) -> None:
        self._inferwatch_beta = beta

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inferwatch_beta(), name)
