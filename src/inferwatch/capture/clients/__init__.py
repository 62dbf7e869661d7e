"""The libraries whose clients can be instrumented, one file each.

In:  a client object of the application, or all clients of a library by their classes.
Out: the same object, its calls recorded.

A client is known by its class; no library is imported that the application has not imported itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import TypeVar

from inferwatch.capture.clients import anthropic, bedrock, google, later, openai
from inferwatch.capture.recorder import Recorder
from inferwatch.model.errors import UsageError

ClientT = TypeVar("ClientT")

_LIBRARIES: tuple[ModuleType, ...] = (openai, anthropic, bedrock, google)


def instrument(client: ClientT, *, recorder: Callable[[], Recorder], provider: str | None = None) -> ClientT:
    """`inferwatch.instrument`, with a recorder that is asked for at each call, so that it may be replaced."""
    _library(client).instrument(client, recorder, provider)
    return client


def uninstrument(client: ClientT) -> ClientT:
    """Undo `instrument`; a client that was not instrumented stays as it is.

    Raises:
        UsageError: The object is not a client we know.
    """
    _library(client).uninstrument(client)
    return client


def instrument_all(*, recorder: Callable[[], Recorder], provider: str | None = None) -> None:
    """The same for every client of every library, imported already or later."""
    later.when_imported(
        {library.MODULE: partial(_instrument_all, library, recorder, provider) for library in _LIBRARIES}
    )


def uninstrument_all() -> None:
    """Undo `instrument_all`; clients that were instrumented by themselves stay so."""
    later.forget()
    for library in _LIBRARIES:
        if library.MODULE in sys.modules:
            library.uninstrument_all()


def _instrument_all(library: ModuleType, recorder: Callable[[], Recorder], provider: str | None) -> None:
    try:
        library.instrument_all(recorder, provider)
    except Exception as fault:  # noqa: BLE001 (an import of the application is on its way)
        recorder().fault(f"instrument {library.MODULE}", fault)


def _library(client: object) -> ModuleType:
    for library in _LIBRARIES:
        if library.knows(client):
            return library
    kind = type(client)
    found = client.__name__ if isinstance(client, type) else f"{kind.__module__}.{kind.__qualname__}"
    hint = " (pass an instance, or nothing for every client there is)" if isinstance(client, type) else ""
    supported = "; ".join(library.SUPPORTED for library in _LIBRARIES)
    raise UsageError(
        f"cannot instrument {found}{hint}: supported are {supported}; "
        "record other calls by hand with inferwatch.inference(...)"
    )
