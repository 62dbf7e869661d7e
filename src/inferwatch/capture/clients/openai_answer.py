"""What an OpenAI answer says about itself: usage, finish reason, model. Never its text."""

from __future__ import annotations

import contextlib
from typing import Any, Final

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


def read_completion(draft: Draft, answer: Any) -> None:
    """Note what a plain answer says. A raw response parses once and keeps the result."""
    if hasattr(answer, "http_response") and hasattr(answer, "parse"):
        answer = _parsed(answer)
    choices = getattr(answer, "choices", None)
    if choices:
        note_reason(draft, choices[0].finish_reason)
    note_model(draft, getattr(answer, "model", None))
    note_tier(draft, getattr(answer, "service_tier", None))
    note_usage(draft, getattr(answer, "usage", None))


def _parsed(raw: Any) -> Any:
    try:
        return raw.parse()
    except Exception:  # noqa: BLE001 (the application meets the same error when it parses)
        return None


def has_content(chunk: Any) -> bool:
    """Whether a chunk brings anything of the answer; the first one often brings only the role."""
    for choice in chunk.choices:
        delta = choice.delta
        for name in _CONTENT:
            if getattr(delta, name, None):
                return True
    return False


def note_reason(draft: Draft, reason: object) -> None:
    """The first reason that comes is the call's, whichever choice it is about."""
    if isinstance(reason, str) and draft.finish_reason_raw is None:
        draft.finish_reason_raw = reason


def note_model(draft: Draft, model: object) -> None:
    """Which model really answered."""
    if isinstance(model, str) and model:
        draft.model_served = model


def note_tier(draft: Draft, tier: object) -> None:
    """In which tier it was served: that has a price of its own."""
    if isinstance(tier, str) and tier:
        draft.service_tier = tier


def note_usage(draft: Draft, usage: Any) -> None:
    """Tokens as the provider counted them: input includes cached ones, output includes reasoning.

    Source: OpenAI API reference, "The chat completion object", read 2026-11.
    """
    if usage is None:
        return
    _count(draft, "input_tokens", usage, "prompt_tokens")
    _count(draft, "output_tokens", usage, "completion_tokens")
    _count(draft, "total_tokens", usage, "total_tokens")
    read = getattr(usage, "prompt_tokens_details", None)
    _count(draft, "cache_read_tokens", read, "cached_tokens")
    _count(draft, "cache_write_tokens", read, "cache_write_tokens")
    _count(draft, "audio_in_tokens", read, "audio_tokens")
    written = getattr(usage, "completion_tokens_details", None)
    _count(draft, "reasoning_tokens", written, "reasoning_tokens")
    _count(draft, "audio_out_tokens", written, "audio_tokens")
    if draft.usage:
        draft.usage_source = "provider"


def _count(draft: Draft, name: str, source: Any, attribute: str) -> None:
    with contextlib.suppress(ValueError):  # a server that sends no whole number has not counted
        draft.count(name, getattr(source, attribute, None))
