"""Amazon Bedrock through boto3's `bedrock-runtime` clients: Converse, InvokeModel, and the streams of both.

A call is recorded where every operation of a botocore client passes, its attempts by botocore's own events.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.clients import bedrock_bodies, bedrock_converse, bedrock_streams, transport
from inferwatch.capture.clients.api import Api
from inferwatch.capture.clients.calls import Begun, Called, Calls
from inferwatch.capture.clients.endpoint import Endpoint, endpoint
from inferwatch.capture.clients.patches import Patches
from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.recorder import Recorder

MODULE: Final = "botocore.client"
SUPPORTED: Final = 'boto3.client("bedrock-runtime")'
_STATE: Final = "_inferwatch"
_CALL: Final = "_make_api_call"
_SERVICE: Final = "bedrock-runtime"
_PROVIDER: Final = "aws.bedrock"
_CONVERSE: Final = Api("converse", "chat", bedrock_converse.read_answer, bedrock_converse.read_event)
_INVOKE: Final = Api("invoke_model", "chat", bedrock_bodies.read_answer, bedrock_bodies.read_event)
_APIS: Final = {
    "Converse": _CONVERSE,
    "ConverseStream": _CONVERSE,
    "InvokeModel": _INVOKE,
    "InvokeModelWithResponseStream": _INVOKE,
}
_STREAMS: Final = frozenset({"ConverseStream", "InvokeModelWithResponseStream"})
_SKIPPED: Final = frozenset({"InvokeModelWithBidirectionalStream", "StartAsyncInvoke"})
# An InvokeModel names no operation: the model's name does.
_OPERATIONS: Final = {"embed": "embeddings", "rerank": "rerank"}


def knows(client: object) -> bool:
    """Whether this is a client of Bedrock's runtime; asynchronous ones are other libraries' own."""
    module = sys.modules.get(MODULE)
    return module is not None and isinstance(client, module.BaseClient) and _is_runtime(client)


def instrument(client: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Record the calls of one client."""
    if _STATE not in vars(client):
        vars(client)[_STATE] = _Client(client, recorder, provider)


def uninstrument(client: Any) -> None:
    """Undo `instrument`."""
    state: _Client | None = vars(client).pop(_STATE, None)
    if state is not None:
        state.undo()


def instrument_all(recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Record the calls of every client of Bedrock's runtime; those of other services pass."""
    kind = sys.modules[MODULE].BaseClient
    if _STATE not in vars(kind):
        setattr(kind, _STATE, _Class(kind, recorder, provider))


def uninstrument_all() -> None:
    """Undo `instrument_all`."""
    kind = sys.modules[MODULE].BaseClient
    state: _Class | None = vars(kind).get(_STATE)
    if state is not None:
        delattr(kind, _STATE)
        state.undo()


def _is_runtime(client: Any) -> bool:
    is_async = inspect.iscoroutinefunction(getattr(client, _CALL, None))
    return client.meta.service_model.service_name == _SERVICE and not is_async


class _Calls(Calls):
    """The calls of one client; it is not held."""

    def __init__(self, client: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
        super().__init__(recorder)
        address = urlsplit(client.meta.endpoint_url)
        found = endpoint(address.hostname or "", address.port, dialect=_PROVIDER)
        self._endpoint = Endpoint(provider or found.provider, found.host)
        self._counts_attempts = _watch(client)

    def begin(self, recorder: Recorder, called: Called) -> Begun | None:
        """An operation that asks a model is a call of one."""
        operation, params = called.args
        api = _APIS.get(operation)
        if api is None:
            if operation in _SKIPPED:
                recorder.skip()
            return None
        model = params.get("modelId")
        model = model if isinstance(model, str) else "unknown"
        request = Request(
            operation=_operation(api, model),
            provider=self._endpoint.provider,
            model=model,
            stream=operation in _STREAMS,
            api=api.name,
            endpoint_host=self._endpoint.host,
        )
        draft = recorder.begin(request)
        draft.counts_chunks = request.stream
        draft.attempts = Attempts() if self._counts_attempts else None
        return draft, api

    def follow(self, recorder: Recorder, draft: Draft, api: Api, answer: Any) -> Any:
        """Streams end later, and so do the bodies of InvokeModel."""
        if api is _INVOKE:
            bedrock_bodies.read_headers(draft, answer)
        if draft.request.stream:
            bedrock_streams.record_events(
                answer["stream" if api is _CONVERSE else "body"], recorder, draft, api
            )
            return answer
        if api is _INVOKE:
            bedrock_streams.record_body(answer["body"], recorder, draft, api)
            return answer
        return None


def _operation(api: Api, model: str) -> str:
    if api is _INVOKE:
        for part, operation in _OPERATIONS.items():
            if part in model:
                return operation
    return api.operation


class _Client:
    """What we put on one client, and how to take it away again."""

    def __init__(self, client: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
        self._client = client
        self._calls = _Calls(client, recorder, provider)
        self._patches = Patches()
        original, calls = getattr(client, _CALL), self._calls

        @functools.wraps(original)
        def make_api_call(*args: Any, **kwargs: Any) -> Any:
            return calls.call(client, original, args, kwargs)

        self._patches.put(client, _CALL, make_api_call)

    def undo(self) -> None:
        """Restore the client; where somebody else wrapped us since, we only fall silent."""
        self._calls.is_active = False
        self._patches.undo()
        _unwatch(self._client)


class _Class:
    """What we put on the class of all clients; one that was instrumented by itself stays as it is."""

    def __init__(self, kind: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
        self._recorder = recorder
        self._provider = provider
        self._calls: WeakKeyDictionary[Any, _Calls | None] = WeakKeyDictionary()
        self._patches = Patches()
        original = getattr(kind, _CALL)

        @functools.wraps(original)
        def make_api_call(client: Any, *args: Any, **kwargs: Any) -> Any:
            calls = self._calls_of(client)
            bound = functools.partial(original, client)
            return bound(*args, **kwargs) if calls is None else calls.call(client, bound, args, kwargs)

        self._patches.put(kind, _CALL, make_api_call)

    def undo(self) -> None:
        """Restore the class, and every client that was watched."""
        self._patches.undo()
        for client, calls in list(self._calls.items()):
            if calls is not None:
                calls.is_active = False
                _unwatch(client)

    def _calls_of(self, client: Any) -> _Calls | None:
        try:
            if _STATE in vars(client):
                return None
            if client not in self._calls:
                is_ours = _is_runtime(client)
                self._calls[client] = _Calls(client, self._recorder, self._provider) if is_ours else None
            return self._calls[client]
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._recorder().fault("client", fault)
            return None


def _watch(client: Any) -> bool:
    """Count this client's attempts from now on; False where it has no events to do it with."""
    events = getattr(client.meta, "events", None)
    if events is None:
        return False
    for name, handler in _HANDLERS.items():
        events.register(f"{name}.{_SERVICE}", handler, unique_id=f"inferwatch-{name}")
    return True


def _unwatch(client: Any) -> None:
    for name, handler in _HANDLERS.items():
        client.meta.events.unregister(f"{name}.{_SERVICE}", handler, unique_id=f"inferwatch-{name}")


def _sent(**_: Any) -> None:
    transport.note_sent()


def _answered(response_dict: Mapping[str, Any] | None = None, **_: Any) -> None:
    if response_dict is not None:
        transport.note_answered(response_dict["status_code"])


_HANDLERS: Final = {"before-send": _sent, "response-received": _answered}
