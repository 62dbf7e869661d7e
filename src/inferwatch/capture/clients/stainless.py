"""Clients made by Stainless, as OpenAI's and Anthropic's are: recorded where all their calls pass.

`client.request` is what every resource, `parse`, `stream` and raw view ends in, and what `client.post` calls
for endpoints without a method of their own. The path says which API it is; others are left untouched. What
the SDK refuses before that, for an argument that is missing, never becomes a request, and makes no record.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.clients import raw, streams, transport
from inferwatch.capture.clients.api import Api
from inferwatch.capture.clients.calls import Begun, Called, Calls, complete, read
from inferwatch.capture.clients.endpoint import Endpoint, endpoint
from inferwatch.capture.clients.patches import Patches
from inferwatch.capture.clients.view import parsed
from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.recorder import Recorder

_STATE: Final = "_inferwatch"
_COPIES: Final = ("copy", "with_options")
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK.

    Args:
        provider: Who serves the models, where the host does not say.
        apis: By the path of their requests.
        skipped: Paths of calls of models that are not recorded yet, but counted.
    """

    provider: str
    apis: Mapping[str, Api]
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Setting:
    """What calls are recorded with; the provider only where it was given."""

    sdk: Sdk
    recorder: Callable[[], Recorder]
    provider: str | None


def bases(module: str, names: Iterable[str]) -> tuple[type, ...]:
    """The classes that define `request` for these clients of an imported library, and for their siblings."""
    kinds = (vars(sys.modules[module])[name] for name in names if module in sys.modules)
    return tuple(next(base for base in kind.__mro__ if "request" in vars(base)) for kind in kinds)


def instrument(client: Any, setting: Setting) -> None:
    """Put our `request` in front of the client's own; nothing changes when it is already there."""
    if _STATE not in vars(client):
        vars(client)[_STATE] = _Client(client, setting, twin_of=None)


def instrument_class(kind: Any, setting: Setting) -> None:
    """The same for every client of a class, there already or still to be made."""
    if _STATE not in vars(kind):
        setattr(kind, _STATE, _Class(kind, setting))


def uninstrument(owner: Any) -> None:
    """Take our `request` away from a client or a class."""
    state: _Client | _Class | None = vars(owner).get(_STATE)
    if state is not None:
        delattr(owner, _STATE)
        state.undo()


class _Calls(Calls):
    """The calls of one client; it is not held."""

    def __init__(self, setting: Setting, *, counts_attempts: bool, is_async: bool) -> None:
        super().__init__(setting.recorder)
        self._setting = setting
        self._counts_attempts = counts_attempts
        self._is_async = is_async
        self._base_url: object = None
        self._endpoint = Endpoint(setting.provider or setting.sdk.provider, None)

    def begin(self, recorder: Recorder, called: Called) -> Begun | None:
        """A POST to one of the SDK's APIs is a call of a model."""
        kwargs = called.kwargs
        options = kwargs["options"] if "options" in kwargs else called.args[1]
        sdk, path = self._setting.sdk, options.url.partition("?")[0]
        api = sdk.apis.get(path)
        if api is None or options.method.lower() != "post":
            if path in sdk.skipped:
                recorder.skip()
            return None
        body = options.json_data
        model = body.get("model") if isinstance(body, Mapping) else None
        provider, host = self._where(called.owner)
        stream = bool(kwargs.get("stream"))
        request = Request(
            operation=api.operation,
            provider=provider,
            model=model if isinstance(model, str) else _UNKNOWN,
            stream=stream,
            api=api.name,
            endpoint_host=host,
        )
        draft = recorder.begin(request)
        draft.counts_chunks = stream
        draft.attempts = Attempts() if self._counts_attempts else None
        if not stream:
            _read_before_parsing(options, recorder, draft, api)
        return draft, api

    def follow(self, recorder: Recorder, draft: Draft, api: Api, answer: Any) -> Any:
        """Streams and raw responses end later."""
        if streams.is_stream(answer):
            return streams.record(answer, recorder, draft, api)
        response = raw.response_of(answer)
        if response is None:
            return None
        if response.is_closed:
            complete(recorder, draft, api, parsed(response.content))
        else:
            raw.follow(response, recorder, draft, api, is_async=self._is_async)
        return answer

    def _where(self, client: Any) -> Endpoint:
        base_url = client.base_url
        if base_url is not self._base_url:  # reading a URL's parts costs more than the rest of a record
            found = endpoint(base_url.host, base_url.port, dialect=self._setting.sdk.provider)
            self._endpoint = Endpoint(self._setting.provider or found.provider, found.host)
            self._base_url = base_url
        return self._endpoint


def _read_before_parsing(options: Any, recorder: Recorder, draft: Draft, api: Api) -> None:
    """Where an SDK goes on working on the answer, it was an answer even if that work fails."""
    original = getattr(options, "post_parser", None)
    if not callable(original):
        return

    @functools.wraps(original)
    def post_parser(answer: Any) -> Any:
        read(recorder, draft, api, answer)
        return original(answer)

    options.post_parser = post_parser


class _Client:
    """What we put on one client, and how to take it away again.

    Args:
        twin_of: The client this one is a copy of: where both share an HTTP client, its attempts are watched
            for the original, and no copy has to say when it is gone.
    """

    def __init__(self, client: Any, setting: Setting, *, twin_of: _Client | None) -> None:
        self._setting = setting
        self._http_client = getattr(client, "_client", None)
        self._is_twin = twin_of is not None and twin_of._http_client is self._http_client
        if twin_of is not None and self._is_twin:
            self._counts_attempts: bool = twin_of._counts_attempts
        else:
            self._counts_attempts = transport.watch(self._http_client)
        is_async = inspect.iscoroutinefunction(client.request)
        self._calls = _Calls(setting, counts_attempts=self._counts_attempts, is_async=is_async)
        self._patches = Patches()
        self._patches.put(client, "request", self._wrap_request(client, is_async=is_async))
        for name in _COPIES:
            self._patches.put(client, name, self._wrap_copy(client, name))

    def undo(self) -> None:
        """Restore the client; where somebody else wrapped us since, we only fall silent."""
        self._calls.is_active = False
        self._patches.undo()
        if self._counts_attempts and not self._is_twin:
            transport.unwatch(self._http_client)

    def _wrap_request(self, client: Any, *, is_async: bool) -> Callable[..., Any]:
        original, calls = client.request, self._calls

        @functools.wraps(original)
        def request(*args: Any, **kwargs: Any) -> Any:
            return calls.call(client, original, args, kwargs)

        @functools.wraps(original)
        async def request_async(*args: Any, **kwargs: Any) -> Any:
            return await calls.call_async(client, original, args, kwargs)

        return request_async if is_async else request

    def _wrap_copy(self, client: Any, name: str) -> Callable[..., Any]:
        original = getattr(type(client), name)
        setting = self._setting

        @functools.wraps(original)
        def copy(*args: Any, **kwargs: Any) -> Any:
            twin = original(client, *args, **kwargs)
            if _STATE not in vars(twin):
                vars(twin)[_STATE] = _Client(twin, setting, twin_of=self)
            return twin

        return copy


class _Class:
    """What we put on a class of clients; a client that was instrumented by itself stays as it is."""

    def __init__(self, kind: Any, setting: Setting) -> None:
        self._setting = setting
        self._is_async = inspect.iscoroutinefunction(kind.request)
        self._calls: WeakKeyDictionary[Any, _Calls] = WeakKeyDictionary()
        self._watched: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
        self._patches = Patches()
        self._patches.put(kind, "request", self._wrap_request(kind.request))

    def undo(self) -> None:
        """Restore the class, and every HTTP client that was watched."""
        for calls in list(self._calls.values()):
            calls.is_active = False
        self._patches.undo()
        for http_client in list(self._watched):
            transport.unwatch(http_client)
        self._watched.clear()

    def _wrap_request(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            calls = self._calls_of(client)
            bound = functools.partial(original, client)
            return bound(*args, **kwargs) if calls is None else calls.call(client, bound, args, kwargs)

        @functools.wraps(original)
        async def request_async(client: Any, *args: Any, **kwargs: Any) -> Any:
            calls = self._calls_of(client)
            bound = functools.partial(original, client)
            if calls is None:
                return await bound(*args, **kwargs)
            return await calls.call_async(client, bound, args, kwargs)

        return request_async if self._is_async else request

    def _calls_of(self, client: Any) -> _Calls | None:
        try:
            if _STATE in vars(client):
                return None
            calls = self._calls.get(client)
            if calls is None:
                calls = self._calls[client] = self._begin_with(client)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._setting.recorder().fault("client", fault)
            return None
        return calls

    def _begin_with(self, client: Any) -> _Calls:
        http_client = getattr(client, "_client", None)
        counts_attempts = http_client is not None and (
            http_client in self._watched or transport.watch(http_client)
        )
        if counts_attempts:
            self._watched[http_client] = True
        return _Calls(self._setting, counts_attempts=counts_attempts, is_async=self._is_async)
