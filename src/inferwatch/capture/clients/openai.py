"""OpenAI's Python clients: chat completions, responses, embeddings; plain, streamed, parsed, raw.

`openai.OpenAI`, `AsyncOpenAI` and their subclasses, such as Azure's, at any address that speaks their API.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from inferwatch.capture.clients import openai_chat, openai_responses, stainless
from inferwatch.capture.clients.api import Api, note_count, note_model
from inferwatch.capture.draft import Draft
from inferwatch.capture.recorder import Recorder

MODULE: Final = "openai"
SUPPORTED: Final = "openai.OpenAI and openai.AsyncOpenAI, and their subclasses such as AzureOpenAI"
_CLASSES: Final = ("OpenAI", "AsyncOpenAI")


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


def _read_embeddings(draft: Draft, answer: Any) -> None:
    """Source: OpenAI API reference, "The embeddings object", read 2026-11."""
    note_model(draft, getattr(answer, "model", None))
    usage = getattr(answer, "usage", None)
    note_count(draft, "input_tokens", getattr(usage, "prompt_tokens", None))
    note_count(draft, "total_tokens", getattr(usage, "total_tokens", None))


def _no_chunk(_: Draft, __: Any) -> bool:
    return False


_SDK: Final = stainless.Sdk(
    "openai",
    {
        "/chat/completions": Api("chat", "chat", openai_chat.read_answer, openai_chat.read_chunk),
        "/responses": Api("responses", "chat", openai_responses.read_answer, openai_responses.read_event),
        "/embeddings": Api("embeddings", "embeddings", _read_embeddings, _no_chunk),
    },
    frozenset(
        {
            "/completions",
            "/images/generations",
            "/images/edits",
            "/audio/speech",
            "/audio/transcriptions",
            "/audio/translations",
        }
    ),
)
