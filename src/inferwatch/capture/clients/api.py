"""What capture knows of one API of a provider: how to read its answers, and the chunks of its streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import Ending, failure_status, word

_ERROR_IN_ANSWER: Final = "error_in_answer"

ReadAnswer = Callable[[Draft, Any], None]
ReadChunk = Callable[[Draft, Any], bool]


@dataclass(frozen=True, slots=True)
class Api:
    """One API.

    Args:
        name: The record's `api`.
        answer: Notes what a whole answer says about itself; never its text.
        chunk: The same for one chunk of a stream; whether it brings anything of the answer.
    """

    name: str
    operation: str
    answer: ReadAnswer
    chunk: ReadChunk


def note_reason(draft: Draft, reason: object) -> None:
    """The first reason that comes is the call's, whichever choice it is about."""
    if isinstance(reason, str) and draft.finish_reason_raw is None:
        draft.finish_reason_raw = reason


def note_model(draft: Draft, model: object) -> None:
    """Which model really answered."""
    if isinstance(model, str) and model:
        draft.model_served = model


def note_error(draft: Draft, error: Any) -> None:
    """The answer itself says that the call failed: its code is kept, never its message."""
    code = word(getattr(error, "code", None)) or word(getattr(error, "type", None))
    draft.verdict = Ending(failure_status(code, None), _ERROR_IN_ANSWER, code)


def note_tier(draft: Draft, tier: object) -> None:
    """Which tier served the call."""
    if isinstance(tier, str) and tier:
        draft.service_tier = tier


def note_count(draft: Draft, name: str, tokens: object) -> None:
    """A number of tokens as the provider counted them; what is none is left out, and said."""
    try:
        draft.count(name, tokens)
    except ValueError as fault:
        draft.wrong_usage = fault
    else:
        if tokens is not None:
            draft.usage_source = "provider"


def note_input(draft: Draft, uncached: object, cache_read: object, cache_write: object) -> None:
    """Input of a provider that counts cached tokens apart: the record's total includes them."""
    parts = [tokens for tokens in (uncached, cache_read, cache_write) if tokens is not None]
    whole = [tokens for tokens in parts if isinstance(tokens, int) and tokens >= 0]
    if uncached is not None:
        note_count(draft, "input_tokens", sum(whole) if len(whole) == len(parts) else uncached)
    note_count(draft, "cache_read_tokens", cache_read)
    note_count(draft, "cache_write_tokens", cache_write)
