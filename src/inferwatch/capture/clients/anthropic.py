"""Anthropic's Python clients: messages, plain, streamed, parsed, raw.

`count_tokens` and batches are left alone. The library's clients for Amazon Bedrock, Vertex AI and others are
recorded too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from inferwatch.capture.clients import anthropic_messages, stainless
from inferwatch.capture.clients.api import Api
from inferwatch.capture.recorder import Recorder

MODULE: Final = "anthropic"
SUPPORTED: Final = "anthropic.Anthropic, AsyncAnthropic and those for Amazon Bedrock and Vertex AI"
_CLASSES: Final = ("Anthropic", "AsyncAnthropic")
_SDK: Final = stainless.Sdk(
    "anthropic",
    {"/v1/messages": Api("messages", "chat", anthropic_messages.read_answer, anthropic_messages.read_event)},
    frozenset({"/v1/complete"}),
)


def knows(client: object) -> bool:
    """Whether this is a client of the library."""
    return isinstance(client, stainless.bases(MODULE, _CLASSES))


def instrument(client: Any, recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Record the calls of one client."""
    stainless.instrument(client, stainless.Setting(_SDK, recorder, provider))


def uninstrument(client: Any) -> None:
    """Undo `instrument`."""
    stainless.uninstrument(client)


def instrument_all(recorder: Callable[[], Recorder], provider: str | None) -> None:
    """Record the calls of every client, by its class."""
    for kind in stainless.bases(MODULE, _CLASSES):
        stainless.instrument_class(kind, stainless.Setting(_SDK, recorder, provider))


def uninstrument_all() -> None:
    """Undo `instrument_all`."""
    for kind in stainless.bases(MODULE, _CLASSES):
        stainless.uninstrument(kind)
