"""What a body of InvokeModel says about itself.

Each model family has a form of its own, and the members tell which. The name of a model does not: an
inference profile's ARN can stand for any.

| Members | Family |
|---|---|
| `type` | Anthropic: its own messages and events |
| `stopReason`, `messageStop`, … | Amazon Nova: as Converse |
| `results`, `outputText` | Amazon Titan |
| `generation` | Meta Llama |
| `outputs` | Mistral, text completion |
| `choices` | OpenAI's chat completion: Mistral, DeepSeek, Qwen, gpt-oss |
| `generations`, `text`, `event_type` | Cohere |

Bedrock counts the tokens of all of them, in headers and at a stream's end.

Source: Amazon Bedrock User Guide, "Inference request parameters and response fields", read 2026-11.
"""

from __future__ import annotations

import json
from typing import Any, Final

from inferwatch.capture.clients import anthropic_messages, bedrock_converse, openai_chat
from inferwatch.capture.clients.api import note_count, note_input, note_reason, note_tier
from inferwatch.capture.clients.view import view
from inferwatch.capture.draft import Draft
from inferwatch.capture.ending import OK

_COUNT: Final = "x-amzn-bedrock-{}-token-count"
_METRICS: Final = "amazon-bedrock-invocationMetrics"
_NOVA_EVENTS: Final = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)


def read_headers(draft: Draft, answer: Any) -> None:
    """Note what Bedrock counted, as its headers say it; streams have it in their last event instead.

    Differs: AWS does not document these headers, nor whether `input` is with cached tokens; we take it to be
        without, as Converse's `inputTokens` is, and add them.
    """
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    note_tier(draft, answer.get("serviceTier"))
    read, write = _header(headers, "cache-read-input"), _header(headers, "cache-write-input")
    note_input(draft, _header(headers, "input"), read, write)
    note_count(draft, "output_tokens", _header(headers, "output"))


def read_answer(draft: Draft, body: bytes) -> None:
    """Note what a whole body says, where the headers did not."""
    if draft.usage and draft.request.operation != "chat":
        return  # vectors and scores say nothing more, at length
    counted = dict(draft.usage)
    _read(draft, json.loads(body))
    draft.usage.update(counted)


def read_event(draft: Draft, event: Any) -> bool:
    """Note what a chunk says; Bedrock adds its count to the last one, whatever the family."""
    members = json.loads(event["chunk"]["bytes"])
    metrics = view(members.pop(_METRICS, None))
    brings = _read(draft, members)
    if metrics is not None:
        note_input(
            draft,
            metrics.inputTokenCount,
            metrics.cacheReadInputTokenCount,
            metrics.cacheWriteInputTokenCount,
        )
        note_count(draft, "output_tokens", metrics.outputTokenCount)
        if draft.finish_reason_raw is None:
            draft.verdict = OK  # the count comes after everything else
    return brings


def _header(headers: Any, name: str) -> int | None:
    value = headers.get(_COUNT.format(name))
    return int(value) if value is not None and value.isdecimal() else None


def _read(draft: Draft, members: Any) -> bool:
    """Note what a body or a chunk says; whether it brings anything of the answer."""
    if not isinstance(members, dict):
        return False
    if not _NOVA_EVENTS.isdisjoint(members):
        return bedrock_converse.read_event(draft, members)
    body = view(members)
    if "stopReason" in members:
        bedrock_converse.read_answer(draft, members)
        return True
    if body.type == "message":
        anthropic_messages.read_answer(draft, body)
        return True
    if "choices" in members:
        return _read_choices(draft, body)
    if "type" in members:
        return anthropic_messages.read_event(draft, body)
    return _read_text(draft, body)


def _read_choices(draft: Draft, body: Any) -> bool:
    for choice in body.choices:
        note_reason(draft, choice.stop_reason)  # Mistral's word for it
    if any(choice.delta is not None for choice in body.choices):
        return openai_chat.read_chunk(draft, body)
    openai_chat.read_answer(draft, body)
    return True


def _read_text(draft: Draft, body: Any) -> bool:
    """Titan, Llama, Mistral's and Cohere's completions."""
    parts = [body, *(body.results or ()), *(body.outputs or ()), *(body.generations or ())]
    for part in parts:
        for reason in (part.completionReason, part.stop_reason, part.finish_reason):
            note_reason(draft, reason)
    note_count(draft, "input_tokens", _first(body.inputTextTokenCount, body.prompt_token_count))
    written = [result.tokenCount for result in body.results or () if result.tokenCount is not None]
    titan = sum(written) if written else body.totalOutputTextTokenCount
    note_count(draft, "output_tokens", _first(titan, body.generation_token_count))
    return any(part.text or part.outputText or part.generation for part in parts)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
