"""What a message of Anthropic's API says about itself, whole or event by event. Never its text."""

from __future__ import annotations

from typing import Any, Final

from inferwatch.capture.clients.api import note_count, note_input, note_model, note_reason, note_tier
from inferwatch.capture.draft import Draft

_TOOLS: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


def read_answer(draft: Draft, answer: Any) -> None:
    """Note what a whole message says."""
    note_reason(draft, getattr(answer, "stop_reason", None))
    note_model(draft, getattr(answer, "model", None))
    for block in getattr(answer, "content", None) or ():
        _note_tool(draft, block)
    usage = getattr(answer, "usage", None)
    if usage is not None:
        note_usage(draft, usage)
        note_count(draft, "output_tokens", getattr(usage, "output_tokens", None))


def read_event(draft: Draft, event: Any) -> bool:
    """Note what an event says.

    The first event knows the input; the output is counted when all of it is there.

    Source: Anthropic API reference, "Streaming messages", read 2026-11.
    """
    kind = event.type
    if kind == "content_block_delta":
        return True
    if kind == "content_block_start":
        _note_tool(draft, event.content_block)
    elif kind == "message_start":
        note_model(draft, getattr(event.message, "model", None))
        note_usage(draft, getattr(event.message, "usage", None))
    elif kind == "message_delta":
        note_reason(draft, event.delta.stop_reason)
        usage = getattr(event, "usage", None)
        note_usage(draft, usage)
        note_count(draft, "output_tokens", getattr(usage, "output_tokens", None))
    return False


def note_usage(draft: Draft, usage: Any) -> None:
    """Input as the record counts it, with what was read from and written to the cache.

    Source: Anthropic API reference, "Messages", usage, read 2026-11: `input_tokens` is without cached ones.
    """
    if getattr(usage, "input_tokens", None) is not None:
        read = getattr(usage, "cache_read_input_tokens", None)
        written = getattr(usage, "cache_creation_input_tokens", None)
        known = draft.usage.get
        note_input(
            draft,
            usage.input_tokens,
            known("cache_read_tokens") if read is None else read,
            known("cache_write_tokens") if written is None else written,
        )
    kept = getattr(usage, "cache_creation", None)
    note_count(draft, "cache_write_1h_tokens", getattr(kept, "ephemeral_1h_input_tokens", None))
    details = getattr(usage, "output_tokens_details", None)
    note_count(draft, "reasoning_tokens", getattr(details, "thinking_tokens", None))
    note_tier(draft, getattr(usage, "service_tier", None))


def _note_tool(draft: Draft, block: Any) -> None:
    if getattr(block, "type", None) in _TOOLS:
        draft.tool(getattr(block, "name", None))
