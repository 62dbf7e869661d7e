"""Google's Gen AI client: generate_content, its stream, embed_content, sync and async.

A public method may ask the model several times, for tools that the SDK runs itself: each is a call of its
own, recorded where it becomes a request. So are those of chats. A stream that nobody iterates asks nothing,
and makes no record.
"""

from __future__ import annotations

import functools
import inspect
import sys
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.clients import google_answer, google_streams, transport
from inferwatch.capture.clients.api import Api
from inferwatch.capture.clients.calls import Begun, Called, Calls
from inferwatch.capture.clients.endpoint import Endpoint, endpoint
from inferwatch.capture.clients.patches import Patches
from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.ending import is_http_status
from inferwatch.capture.recorder import Recorder

MODULE: Final = "google.genai"
SUPPORTED: Final = "google.genai.Client"
_STATE: Final = "_inferwatch"
_PROVIDER: Final = "gcp.gemini"
_PREFIX: Final = "models/"
_GENERATE: Final = Api(
    "generate_content", "generate_content", google_answer.read_answer, google_answer.read_chunk
)
_EMBED: Final = Api("embed_content", "embeddings", google_answer.read_embeddings, google_answer.read_chunk)
# One request each; the public methods of the same names, taken where these are gone, may make several.
_METHODS: Final = {
    "_generate_content": _GENERATE,
    "_generate_content_stream": _GENERATE,
    "_embed_content": _EMBED,
}
_STREAM: Final = "_generate_content_stream"
# One attempt each.
_ATTEMPT: Final = "_request_once"
_OK: Final = 200
_ATTEMPT_ASYNC: Final = "_async_request_once"


def knows(client: object) -> bool:
    """Whether this is a client of the library."""
    genai = sys.modules.get(MODULE)
    return genai is not None and isinstance(client, genai.Client)


def instrument(client: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Record the calls of one client."""
    if _STATE not in vars(client):
        owners = (client.models, client.aio.models)
        vars(client)[_STATE] = _Instrumentation(owners, client._api_client, recorder, provider)


def uninstrument(client: Any) -> None:
    """Undo `instrument`."""
    state: _Instrumentation | None = vars(client).pop(_STATE, None)
    if state is not None:
        state.undo()


def instrument_all(recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Record the calls of every client, by the classes of its models."""
    models, transports = sys.modules[f"{MODULE}.models"], sys.modules[f"{MODULE}._api_client"]
    if _STATE not in vars(models):
        owners = (models.Models, models.AsyncModels)
        state = _Instrumentation(owners, transports.BaseApiClient, recorder, provider)
        setattr(models, _STATE, state)


def uninstrument_all() -> None:
    """Undo `instrument_all`."""
    uninstrument(sys.modules[f"{MODULE}.models"])


class _Instrumentation:
    """What we put on the models of one client, or on their classes, and how to take it away again.

    Args:
        owners: The two, sync and async.
        api_client: What makes their requests, or its class.
    """

    def __init__(
        self, owners: tuple[Any, Any], api_client: Any, recorder: Callable[[], Recorder], provider: str | None
    ) -> None:
        self._patches = Patches()
        self._calls: list[_Calls] = []
        counts_attempts = self._count_attempts(api_client)
        for owner in owners:
            for name, api in _METHODS.items():
                calls = _Calls(recorder, provider, name, api, counts_attempts=counts_attempts)
                found = name if hasattr(owner, name) else name.removeprefix("_")
                self._calls.append(calls)
                self._patches.put(owner, found, _wrap(owner, found, calls))

    def undo(self) -> None:
        """Restore them; where somebody else wrapped us since, we only fall silent."""
        for calls in self._calls:
            calls.is_active = False
        self._patches.undo()

    def _count_attempts(self, api_client: Any) -> bool:
        is_known = hasattr(api_client, _ATTEMPT) and hasattr(api_client, _ATTEMPT_ASYNC)
        if is_known:
            self._patches.put(api_client, _ATTEMPT, _attempt(getattr(api_client, _ATTEMPT)))
            self._patches.put(api_client, _ATTEMPT_ASYNC, _attempt_async(getattr(api_client, _ATTEMPT_ASYNC)))
        return is_known


class _Calls(Calls):
    """The calls of one method."""

    def __init__(
        self,
        recorder: Callable[[], Recorder],
        provider: str | None,
        method: str,
        api: Api,
        *,
        counts_attempts: bool,
    ) -> None:
        super().__init__(recorder)
        self._provider = provider
        self._api = api
        self._is_stream = method == _STREAM
        self._counts_attempts = counts_attempts

    def begin(self, recorder: Recorder, called: Called) -> Begun | None:
        """Every call of these methods is a call of a model."""
        model = called.kwargs.get("model")
        provider, host = _where(getattr(called.owner, "_api_client", None))
        request = Request(
            operation=self._api.operation,
            provider=self._provider or provider,
            model=model.rpartition(_PREFIX)[2] if isinstance(model, str) else "unknown",
            stream=self._is_stream,
            api=self._api.name,
            endpoint_host=host,
        )
        draft = recorder.begin(request)
        draft.counts_chunks = self._is_stream
        draft.attempts = Attempts() if self._counts_attempts else None
        return draft, self._api

    def follow(self, recorder: Recorder, draft: Draft, api: Api, answer: Any) -> Any:
        """Streams end later."""
        if not self._is_stream:
            return None
        if hasattr(answer, "__anext__"):
            return google_streams.AsyncChunks(answer, recorder, draft, api)
        draft.attempts = Attempts() if self._counts_attempts else None  # they are still to come
        return google_streams.Chunks(answer, recorder, draft, api)


def _wrap(owner: Any, name: str, calls: _Calls) -> Callable[..., Any]:
    """A method of one object, or of every object of a class that has none of its own."""
    original = getattr(owner, name)
    is_class = isinstance(owner, type)

    def bound(args: tuple[Any, ...]) -> tuple[Any, Callable[..., Any], tuple[Any, ...]]:
        if not is_class:
            return owner, original, args
        return args[0], functools.partial(original, args[0]), args[1:]

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        itself, inner, rest = bound(args)
        if is_class and name in vars(itself):
            return inner(*rest, **kwargs)
        return calls.call(itself, inner, rest, kwargs)

    @functools.wraps(original)
    async def method_async(*args: Any, **kwargs: Any) -> Any:
        itself, inner, rest = bound(args)
        if is_class and name in vars(itself):
            return await inner(*rest, **kwargs)
        return await calls.call_async(itself, inner, rest, kwargs)

    return method_async if inspect.iscoroutinefunction(original) else method


def _attempt(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def attempt(*args: Any, **kwargs: Any) -> Any:
        attempts = transport.CURRENT.get()
        if attempts is None:
            return original(*args, **kwargs)
        attempts.sent(time.monotonic_ns())
        token = transport.CURRENT.set(None)  # where the class counts too, once is enough
        try:
            answer = original(*args, **kwargs)
        except Exception as fault:
            _note_refusal(attempts, fault)
            raise
        finally:
            transport.reset(token)
        attempts.answered(_OK, time.monotonic_ns())
        return answer

    return attempt


def _attempt_async(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def attempt(*args: Any, **kwargs: Any) -> Any:
        attempts = transport.CURRENT.get()
        if attempts is None:
            return await original(*args, **kwargs)
        attempts.sent(time.monotonic_ns())
        token = transport.CURRENT.set(None)  # where the class counts too, once is enough
        try:
            answer = await original(*args, **kwargs)
        except Exception as fault:
            _note_refusal(attempts, fault)
            raise
        finally:
            transport.reset(token)
        attempts.answered(_OK, time.monotonic_ns())
        return answer

    return attempt


def _note_refusal(attempts: Attempts, fault: Exception) -> None:
    status = getattr(fault, "code", None)
    if is_http_status(status):
        attempts.answered(status, time.monotonic_ns())


def _where(api_client: Any) -> Endpoint:
    dialect = "gcp.vertex_ai" if getattr(api_client, "vertexai", False) else _PROVIDER
    base_url = getattr(getattr(api_client, "_http_options", None), "base_url", None)
    if not base_url:
        return Endpoint(dialect, None)
    address = urlsplit(base_url)
    return endpoint(address.hostname or "", address.port, dialect=dialect)
