"""OpenAI's Python client, sync and async: `chat.completions.create`, plain and streamed.

The wrapper sits on the instance's resource, so `stream()` and `with_raw_response`, which call `create`
themselves, come through it and give one record too. `parse` does not: its calls are counted as skipped.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Final

import openai

from inferwatch.capture.clients import transport
from inferwatch.capture.clients.openai_call import Calls
from inferwatch.capture.recorder import Recorder

_STATE: Final = "_inferwatch"
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
        self._http_client = getattr(client, "_client", None)
        self._is_twin = twin_of is not None and twin_of._http_client is self._http_client
        if twin_of is not None and self._is_twin:
            self._counts_attempts: bool = twin_of._counts_attempts
        else:
            self._counts_attempts = transport.watch(self._http_client)
        self._calls = Calls(recorder, provider, counts_attempts=self._counts_attempts)
        self._is_async = isinstance(client, openai.AsyncOpenAI)
        self._put: list[tuple[Any, str, object]] = []
        self._viewed: list[Any] = []
        self._cover(client.chat)
        self._cover_beta(client)
        for name in _COPIES:
            self._replace(client, name, self._wrap_copy(client, name))
        self._viewed.append(client)
        _forget_views(self._viewed)

    def undo(self) -> None:
        """Restore the client; where somebody else wrapped us since, we only fall silent."""
        self._calls.is_active = False
        for owner, name, ours in self._put:
            if owner.__dict__.get(name) is ours:
                del owner.__dict__[name]
        _forget_views(self._viewed)
        if self._counts_attempts and not self._is_twin:
            transport.unwatch(self._http_client)

    def _replace(self, owner: Any, name: str, ours: object) -> None:
        owner.__dict__[name] = ours
        self._put.append((owner, name, ours))

    def _cover(self, chat: Any) -> None:
        completions, calls = chat.completions, self._calls
        if hasattr(completions, "create"):
            record = calls.create_async if self._is_async else calls.create
            self._replace(completions, "create", record(completions.create, completions._client))
        if hasattr(completions, "parse"):
            count = calls.parse_async if self._is_async else calls.parse
            self._replace(completions, "parse", count(completions.parse))
        self._viewed += (chat, completions)

    def _cover_beta(self, client: Any) -> None:
        """`client.beta` has chat completions of its own, and takes a second to import: wait for its use."""
        if "beta" in client.__dict__:
            self._viewed.append(client.beta)
            self._cover(client.beta.chat)
        elif hasattr(type(client), "beta"):
            self._replace(client, "beta", _LaterBeta(lambda: self._import_beta(client)))

    def _import_beta(self, client: Any) -> Any:
        if isinstance(client.__dict__.get("beta"), _LaterBeta):
            del client.__dict__["beta"]
            if self._calls.is_active:
                self._cover(client.beta.chat)
        return client.beta

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


def _forget_views(owners: Iterable[Any]) -> None:
    """Cached views of raw responses hold the methods they were built with: let them be built again."""
    for owner in owners:
        for view in _RAW_VIEWS:
            owner.__dict__.pop(view, None)


class _LaterBeta:
    """Stands for `client.beta` until something of it is asked for."""

    def __init__(self, beta: Callable[[], Any]) -> None:
        self._inferwatch_beta = beta

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inferwatch_beta(), name)
