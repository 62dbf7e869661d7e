"""The libraries whose clients can be instrumented, one file each.

In:  a client object of the application, by instance.
Out: the same object, its calls recorded.

A client is known by its class; no library is imported that the application has not imported itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from inferwatch.capture.recorder import Recorder
from inferwatch.model.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

ClientT = TypeVar("ClientT")

_SUPPORTED = "openai.OpenAI and openai.AsyncOpenAI, and their subclasses such as AzureOpenAI"


def instrument(client: ClientT, *, recorder: Callable[[], Recorder], provider: str | None = None) -> ClientT:
    """`inferwatch.instrument`, with a recorder that is asked for at each call, so that it may be replaced."""
    _library(client).instrument(client, recorder=recorder, provider=provider)
    return client


def uninstrument(client: ClientT) -> ClientT:
    """Undo `instrument`; a client that was not instrumented stays as it is.

    Raises:
        UsageError: The object is not a client we know.
    """
    _library(client).uninstrument(client)
    return client


def _library(client: object) -> ModuleType:
    openai = sys.modules.get("openai")
    if openai is not None and isinstance(client, (openai.OpenAI, openai.AsyncOpenAI)):
        from inferwatch.capture.clients import openai as adapter

        return adapter
    kind = type(client)
    found = client.__name__ if isinstance(client, type) else f"{kind.__module__}.{kind.__qualname__}"
    hint = " (pass an instance, not the class)" if isinstance(client, type) else ""
    raise UsageError(
        f"cannot instrument {found}{hint}: supported are {_SUPPORTED}; "
        "record other calls by hand with inferwatch.inference(...)"
    )
