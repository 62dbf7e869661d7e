"""What a response of OpenAI's Responses API says about itself, whole or event by event. Never its text."""

from __future__ import annotations

from typing import Any, Final

from inferwatch.capture.clients.api import note_count, note_error, note_model, note_reason, note_tier
from inferwatch.capture.draft import Draft

_DELTA: Final = ".delta"
_CALL: Final = "_call"
_LAST: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def read_answer(draft: Draft, answer: Any) -> None:
    """Note what a response says.

    A response that waits in the background has no usage and no reason yet.

    Source: OpenAI API reference, "The response object", read 2026-11.
    """
    note_model(draft, getattr(answer, "model", None))
    note_tier(draft, getattr(answer, "service_tier", None))
    status = getattr(answer, "status", None)
    if status == "failed":
        note_error(draft, getattr(answer, "error", None))
    elif status == "incomplete":
        note_reason(draft, getattr(getattr(answer, "incomplete_details", None), "reason", None))
    elif status == "completed":
        note_reason(draft, status)
    for item in getattr(answer, "output", None) or ():
        kind = getattr(item, "type", None)
        if isinstance(kind, str) and kind.endswith(_CALL):
            draft.tool(getattr(item, "name", None) or kind.removesuffix(_CALL))
    usage = getattr(answer, "usage", None)
    if usage is not None:
        _note_usage(draft, usage)


def read_event(draft: Draft, event: Any) -> bool:
    """Note what an event says; the last one holds the whole response."""
    kind = event.type
    if kind.endswith(_DELTA):
        return True
    if kind in _LAST:
        read_answer(draft, event.response)
    elif kind == "error":
        note_error(draft, event)
    elif kind == "response.created":
        note_model(draft, getattr(event.response, "model", None))
    return False


def _note_usage(draft: Draft, usage: Any) -> None:
    note_count(draft, "input_tokens", getattr(usage, "input_tokens", None))
    note_count(draft, "output_tokens", getattr(usage, "output_tokens", None))
    note_count(draft, "total_tokens", getattr(usage, "total_tokens", None))
    read = getattr(usage, "input_tokens_details", None)
    note_count(draft, "cache_read_tokens", getattr(read, "cached_tokens", None))
    note_count(draft, "cache_write_tokens", getattr(read, "cache_write_tokens", None))
    written = getattr(usage, "output_tokens_details", None)
    note_count(draft, "reasoning_tokens", getattr(written, "reasoning_tokens", None))
