"""What an answer of Google's Gen AI API says about itself, whole or chunk by chunk. Never its text."""

from __future__ import annotations

from typing import Any, Final

from inferwatch.capture.clients.api import note_count, note_model, note_reason
from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import Ending, word

_UNSPECIFIED: Final = "FINISH_REASON_UNSPECIFIED"
_INPUT: Final = {"AUDIO": "audio_in_tokens", "IMAGE": "image_in_tokens"}
_OUTPUT: Final = {"AUDIO": "audio_out_tokens"}


def read_answer(draft: Draft, answer: Any) -> None:
    """Note what a whole answer says."""
    read_chunk(draft, answer)


def read_chunk(draft: Draft, chunk: Any) -> bool:
    """Note what an answer or a chunk of one says; each chunk counts all tokens so far.

    Source: Gemini API reference, GenerateContentResponse, read 2026-11.
    """
    brings = False
    for candidate in chunk.candidates or ():
        reason = _name(candidate.finish_reason)
        if reason != _UNSPECIFIED:
            note_reason(draft, reason)
        content = candidate.content
        for part in (content and content.parts) or ():
            brings = True
            if part.function_call is not None:
                draft.tool(part.function_call.name)
    _note_block(draft, chunk.prompt_feedback)
    if draft.model_served is None:
        note_model(draft, chunk.model_version)
    if chunk.usage_metadata is not None:
        _note_usage(draft, chunk.usage_metadata)
    return brings


def read_embeddings(draft: Draft, answer: Any) -> None:
    """Note the tokens of what was embedded, where the service counts them."""
    usage = getattr(answer, "usage_metadata", None)
    total = getattr(usage, "prompt_token_count", None)
    if total is None:
        statistics = [getattr(each, "statistics", None) for each in answer.embeddings or ()]
        counts: list[Any] = [getattr(each, "token_count", None) for each in statistics]
        total = int(sum(counts)) if counts and None not in counts else None
    note_count(draft, "input_tokens", total)


def _note_block(draft: Draft, feedback: Any) -> None:
    """A prompt that is blocked gets no candidate, whatever the reason."""
    reason = _name(getattr(feedback, "block_reason", None))
    if reason is not None:
        draft.verdict = Ending("blocked", error_code=word(reason))


def _note_usage(draft: Draft, usage: Any) -> None:
    """Input with what the model's own tools brought in, output with its thoughts.

    Differs: Google does not say whether `promptTokenCount` includes what tools brought in; we take it not to,
        as its total is the sum of the two and the output.
    """
    asked, tools = usage.prompt_token_count, usage.tool_use_prompt_token_count
    written, thought = usage.candidates_token_count, usage.thoughts_token_count
    note_count(draft, "input_tokens", asked if tools is None or asked is None else asked + tools)
    if written is not None or thought is not None:
        note_count(draft, "output_tokens", (written or 0) + (thought or 0))
    note_count(draft, "total_tokens", usage.total_token_count)
    note_count(draft, "cache_read_tokens", usage.cached_content_token_count)
    note_count(draft, "reasoning_tokens", thought)
    _note_modalities(draft, _INPUT, usage.prompt_tokens_details)
    _note_modalities(draft, _OUTPUT, usage.candidates_tokens_details)


def _note_modalities(draft: Draft, fields: dict[str, str], details: Any) -> None:
    for detail in details or ():
        field = fields.get(_name(detail.modality) or "")
        if field is not None:
            note_count(draft, field, detail.token_count)


def _name(value: Any) -> str | None:
    """The word behind a member of an enumeration."""
    found = getattr(value, "value", value)
    return found if isinstance(found, str) else None
