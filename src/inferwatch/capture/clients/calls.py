"""One call of a client, followed from its start to its answer or failure: the same for every library.

Nothing of ours raises into the application, and its own exceptions pass unchanged.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from inferwatch.capture.clients import transport
from inferwatch.capture.clients.api import Api
from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import OK, failed
from inferwatch.capture.recorder import Recorder

Begun = tuple[Draft, Api]


class Called(NamedTuple):
    """A method that was called; `owner` is whose."""

    owner: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


class Calls(ABC):
    """The calls of one client. A library says how to read a request, and what an answer is.

    Args:
        recorder: Asked for at each call, so that it may be replaced.
    """

    def __init__(self, recorder: Callable[[], Recorder]) -> None:
        self.is_active = True
        self._recorder = recorder

    def call(
        self, owner: Any, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """`original(*args, **kwargs)`, recorded where it is a call of a model."""
        recorder = self._recorder()
        begun = self._begin(recorder, Called(owner, args, kwargs))
        if begun is None:
            return original(*args, **kwargs)
        draft, api = begun
        token = transport.CURRENT.set(draft.attempts)
        try:
            answer = original(*args, **kwargs)
        except BaseException as fault:
            fail(recorder, draft, fault)
            raise
        finally:
            transport.CURRENT.reset(token)
        return self._answered(recorder, draft, api, answer)

    async def call_async(
        self,
        owner: Any,
        original: Callable[..., Awaitable[Any]],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """`await original(*args, **kwargs)`, recorded where it is a call of a model."""
        recorder = self._recorder()
        begun = self._begin(recorder, Called(owner, args, kwargs))
        if begun is None:
            return await original(*args, **kwargs)
        draft, api = begun
        token = transport.CURRENT.set(draft.attempts)
        try:
            answer = await original(*args, **kwargs)
        except BaseException as fault:
            fail(recorder, draft, fault)
            raise
        finally:
            transport.reset(token)
        return self._answered(recorder, draft, api, answer)

    @abstractmethod
    def begin(self, recorder: Recorder, called: Called) -> Begun | None:
        """Start the record of a call; `None` where it is no call of a model."""

    @abstractmethod
    def follow(self, recorder: Recorder, draft: Draft, api: Api, answer: Any) -> Any:
        """What the application gets for an answer whose end is still to come; `None` where it is whole."""

    def _begin(self, recorder: Recorder, called: Called) -> Begun | None:
        if not self.is_active:
            return None
        try:
            return self.begin(recorder, called)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            recorder.fault("request", fault)
            return None

    def _answered(self, recorder: Recorder, draft: Draft, api: Api, answer: Any) -> Any:
        doubt_attempts(draft)
        try:
            followed = self.follow(recorder, draft, api, answer)
            if followed is not None:
                return followed
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            recorder.fault("answer", fault)
        complete(recorder, draft, api, answer)
        return answer


def complete(recorder: Recorder, draft: Draft, api: Api, answer: Any) -> None:
    """A whole answer is there: read it, and end its record."""
    try:
        ended_ns = recorder.monotonic_ns()
        if not draft.is_read:
            read(recorder, draft, api, answer)
        recorder.write(draft, draft.ending or OK, ended_ns=ended_ns)
    except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
        recorder.fault("answer", fault)


def read(recorder: Recorder, draft: Draft, api: Api, answer: Any) -> None:
    """Note what a whole answer says; one that cannot be read is still an answer."""
    draft.is_read = True
    try:
        api.answer(draft, answer)
    except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
        recorder.fault(f"{api.name} answer", fault)


def fail(recorder: Recorder, draft: Draft, fault: BaseException) -> None:
    """The call raised: by itself, or after its answer had been read, which then counts."""
    try:
        ending = failed(fault)
        if draft.is_read and isinstance(fault, Exception):
            ending = draft.ending or OK
        if draft.is_read or ending.http_status is not None:
            doubt_attempts(draft)
        recorder.write(draft, ending)
    except Exception as ours:  # noqa: BLE001 (the application's own exception is on its way)
        recorder.fault("failure", ours)


def doubt_attempts(draft: Draft) -> None:
    """An answer to no request: somebody took our hooks away, so nothing is known."""
    if draft.attempts is not None and draft.attempts.count == 0:
        draft.attempts = None
