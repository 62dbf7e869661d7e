"""Attempts as the HTTP client sees them: event hooks of httpx (and httpx2), sync and async.

One pair of hooks serves a whole HTTP client, however many API clients share it. A hook finds its call through
a context variable that is set only while that call runs, so other traffic is not counted.
"""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from typing import Any, Final

from inferwatch.capture.attempts import Attempts

CURRENT: Final[ContextVar[Attempts | None]] = ContextVar("inferwatch_attempts", default=None)

_USERS: Final = "_inferwatch_users"


def reset(token: Token[Attempts | None]) -> None:
    """End what `CURRENT.set` began, where it still can be."""
    try:
        CURRENT.reset(token)
    except ValueError:
        # A coroutine that is collected unfinished is closed in the collector's context, not in its own.
        return


def watch(http_client: Any) -> bool:
    """Count this HTTP client's attempts from now on; False when it has no event hooks to do it with."""
    hooks = getattr(http_client, "event_hooks", None)
    if not isinstance(hooks, dict) or "request" not in hooks or "response" not in hooks:
        return False
    users = getattr(http_client, _USERS, 0)
    if users == 0:
        sent, answered = _hooks(http_client)
        hooks["request"].append(sent)
        hooks["response"].append(answered)
    setattr(http_client, _USERS, users + 1)
    return True


def unwatch(http_client: Any) -> None:
    """One user of this HTTP client less; the last one takes the hooks away."""
    users = getattr(http_client, _USERS, 0)
    if users == 1:
        hooks = http_client.event_hooks
        for when, hook in zip(("request", "response"), _hooks(http_client), strict=True):
            if hook in hooks[when]:
                hooks[when].remove(hook)
    setattr(http_client, _USERS, max(0, users - 1))


def _hooks(http_client: Any) -> tuple[Any, Any]:
    return (_sent_async, _answered_async) if hasattr(http_client, "aclose") else (_sent, _answered)


def note_sent() -> None:
    """A request of the call that runs leaves."""
    attempts = CURRENT.get()
    if attempts is not None:
        attempts.sent(time.monotonic_ns())


def note_answered(status: int, *, redirect: bool = False) -> None:
    """The head of its answer arrived."""
    attempts = CURRENT.get()
    if attempts is not None:
        attempts.answered(status, time.monotonic_ns(), redirect=redirect)


def _sent(_: object) -> None:
    note_sent()


def _answered(response: Any) -> None:
    note_answered(response.status_code, redirect=bool(response.has_redirect_location))


async def _sent_async(request: object) -> None:
    _sent(request)


async def _answered_async(response: object) -> None:
    _answered(response)
