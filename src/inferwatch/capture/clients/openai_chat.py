"""What a chat completion says about itself: usage, finish reason, model, tools. Never its text."""

from __future__ import annotations

from typing import Any, Final

from inferwatch.capture.clients.api import note_count, note_model, note_reason, note_tier
from inferwatch.capture.draft import Draft

# Fields of a delta that carry content; the last two are what servers with OpenAI's API call reasoning.
_CONTENT: Final = (
    "content",
    "tool_calls",
    "refusal",
    "function_call",
    "audio",
    "reasoning_content",
    "reasoning",
)


def read_answer(draft: Draft, answer: Any) -> None:
    """Note what a plain answer says."""
    choices = getattr(answer, "choices", None)
    for choice in choices or ():
        note_reason(draft, getattr(choice, "finish_reason", None))
        _note_tools(draft, getattr(choice, "message", None))
    _note_rest(draft, answer)


def read_chunk(draft: Draft, chunk: Any) -> bool:
    """Note what a chunk says; the first one often brings only the role."""
    brings = False
    for choice in chunk.choices or ():
        if choice.finish_reason is not None:
            note_reason(draft, choice.finish_reason)
        delta = choice.delta
        for name in _CONTENT:
            if getattr(delta, name, None):
                brings = True
                _note_tools(draft, delta)
                break
    if draft.model_served is None or getattr(chunk, "usage", None) is not None:
        _note_rest(draft, chunk)
    return brings


def _note_rest(draft: Draft, answer: Any) -> None:
    note_model(draft, getattr(answer, "model", None))
    note_tier(draft, getattr(answer, "service_tier", None))
    usage = getattr(answer, "usage", None)
    if usage is not None:
        note_usage(draft, usage)


def _note_tools(draft: Draft, message: Any) -> None:
    """A streamed tool call has its name in the first of its chunks only."""
    for call in getattr(message, "tool_calls", None) or ():
        named = getattr(call, "function", None) or getattr(call, "custom", None)
        name = getattr(named, "name", None)
        if name:
            draft.tool(name)
    name = getattr(getattr(message, "function_call", None), "name", None)
    if name:
        draft.tool(name)


def note_usage(draft: Draft, usage: Any) -> None:
    """Tokens as the provider counted them: input includes cached ones, output includes reasoning.

    Source: OpenAI API reference, "The chat completion object", read 2026-11.
    """
    note_count(draft, "input_tokens", getattr(usage, "prompt_tokens", None))
    note_count(draft, "output_tokens", getattr(usage, "completion_tokens", None))
    note_count(draft, "total_tokens", getattr(usage, "total_tokens", None))
    read = getattr(usage, "prompt_tokens_details", None)
    if read is not None:
        note_count(draft, "cache_read_tokens", getattr(read, "cached_tokens", None))
        note_count(draft, "cache_write_tokens", getattr(read, "cache_write_tokens", None))
        note_count(draft, "audio_in_tokens", getattr(read, "audio_tokens", None))
        note_count(draft, "image_in_tokens", getattr(read, "image_tokens", None))
    written = getattr(usage, "completion_tokens_details", None)
    if written is not None:
        note_count(draft, "reasoning_tokens", getattr(written, "reasoning_tokens", None))
        note_count(draft, "audio_out_tokens", getattr(written, "audio_tokens", None))
