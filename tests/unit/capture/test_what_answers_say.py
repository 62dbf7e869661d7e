"""Usage, tiers, tools and reasons, as each API counts and names them: read off bodies, without a server.

Source: the providers' API references and Bedrock's user guide, read 2026-11; shapes as in tests/vectors.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from inferwatch.capture.clients import (
    anthropic_messages,
    bedrock_bodies,
    bedrock_converse,
    google_answer,
    openai_chat,
    openai_responses,
)
from inferwatch.capture.clients.view import view
from inferwatch.capture.draft import Draft, Request

Body = dict[str, Any]


def a_draft(operation: str = "chat") -> Draft:
    return Draft(Request(operation, "p", "m"), started_ms=0, started_ns=0, generation=object())


def known(draft: Draft) -> tuple[dict[str, int], str | None, list[str]]:
    return draft.usage, draft.finish_reason_raw, draft.tool_names


def test_anthropic_counts_cached_tokens_apart_and_we_add_them():
    """5 fresh, 4 read, 3 written of which 2 for an hour: 12 in."""
    draft = a_draft()
    usage = {
        "input_tokens": 5,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 3,
        "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2},
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 6},
        "service_tier": "priority",
    }
    content = [{"type": "server_tool_use", "name": "web_search"}, {"type": "text", "text": "t"}]

    anthropic_messages.read_answer(
        draft, view({"content": content, "stop_reason": "tool_use", "usage": usage})
    )

    counted = {
        "input_tokens": 12,
        "cache_read_tokens": 4,
        "cache_write_tokens": 3,
        "cache_write_1h_tokens": 2,
        "reasoning_tokens": 6,
        "output_tokens": 9,
    }
    assert known(draft) == (counted, "tool_use", ["web_search"])
    assert draft.service_tier == "priority"


def test_anthropic_counts_the_input_again_at_the_end_of_a_stream():
    """A search made it larger; what was cached is still added."""
    draft = a_draft()
    start = {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 1}
    end = {"input_tokens": 50, "output_tokens": 9}
    anthropic_messages.read_event(draft, view({"type": "message_start", "message": {"usage": start}}))

    assert "output_tokens" not in draft.usage  # the one of the start is no count

    delta = {"stop_reason": "end_turn"}
    anthropic_messages.read_event(draft, view({"type": "message_delta", "delta": delta, "usage": end}))

    assert draft.usage == {"input_tokens": 54, "cache_read_tokens": 4, "output_tokens": 9}


def test_an_anthropic_stream_may_count_nothing():
    """A server with its dialect leaves the members out; the reason is noted all the same."""
    draft = a_draft()
    end = SimpleNamespace(stop_reason="end_turn")

    anthropic_messages.read_event(draft, SimpleNamespace(type="message_start", message=SimpleNamespace()))
    anthropic_messages.read_event(draft, SimpleNamespace(type="message_delta", delta=end))

    assert known(draft) == ({}, "end_turn", [])


def test_openai_counts_sound_and_thoughts_as_parts():
    """They are within the totals."""
    draft = a_draft()
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": 10,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 7},
        "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 5},
    }

    openai_chat.read_answer(draft, view({"choices": [], "usage": usage, "service_tier": "flex"}))

    assert draft.usage == {
        "input_tokens": 20,
        "output_tokens": 10,
        "cache_read_tokens": 3,
        "audio_in_tokens": 7,
        "reasoning_tokens": 4,
        "audio_out_tokens": 5,
    }
    assert draft.service_tier == "flex"


def test_a_response_that_failed_says_its_code():
    """Never its message."""
    draft = a_draft()

    openai_responses.read_answer(
        draft, view({"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "secret words"}})
    )

    assert draft.ending is not None
    assert (draft.ending.status, draft.ending.error_code) == ("throttled", "rate_limit_exceeded")


def test_a_hosted_tool_is_named_by_its_kind():
    """It has no name of its own."""
    draft = a_draft()

    openai_responses.read_answer(
        draft, view({"status": "completed", "output": [{"type": "web_search_call"}, {"type": "message"}]})
    )

    assert (draft.tool_calls, draft.tool_names) == (1, ["web_search"])


def test_google_counts_thoughts_and_tools_apart_and_we_add_them():
    """12 asked and 3 that a tool brought; 2 said and 5 thought."""
    draft = a_draft()
    usage = {
        "prompt_token_count": 12,
        "tool_use_prompt_token_count": 3,
        "candidates_token_count": 2,
        "thoughts_token_count": 5,
        "total_token_count": 22,
        "prompt_tokens_details": [
            {"modality": "IMAGE", "token_count": 8},
            {"modality": "TEXT", "token_count": 4},
        ],
    }

    google_answer.read_answer(
        draft, view({"candidates": [{"finish_reason": "STOP"}], "usage_metadata": usage})
    )

    assert draft.usage == {
        "input_tokens": 15,
        "output_tokens": 7,
        "total_tokens": 22,
        "reasoning_tokens": 5,
        "image_in_tokens": 8,
    }


def test_a_prompt_that_google_blocks_is_blocked_whatever_the_reason():
    """There is no candidate, so there is no finish reason."""
    draft = a_draft()

    google_answer.read_answer(draft, view({"prompt_feedback": {"block_reason": "OTHER"}}))

    assert draft.ending is not None
    assert (draft.ending.status, draft.ending.error_code) == ("blocked", "OTHER")


def test_converse_tells_hours_of_cache_and_tiers():
    """`cacheDetails` splits what was written."""
    draft = a_draft()
    usage = {
        "inputTokens": 5,
        "cacheWriteInputTokens": 3,
        "outputTokens": 2,
        "totalTokens": 10,
        "cacheDetails": [{"ttl": "5m", "inputTokens": 1}, {"ttl": "1h", "inputTokens": 2}],
    }
    trace = {"promptRouter": {"invokedModelId": "served-1"}}

    bedrock_converse.read_answer(
        draft, {"stopReason": "end_turn", "usage": usage, "serviceTier": {"type": "flex"}, "trace": trace}
    )

    assert draft.usage == {
        "input_tokens": 8,
        "cache_write_tokens": 3,
        "output_tokens": 2,
        "total_tokens": 10,
        "cache_write_1h_tokens": 2,
    }
    assert (draft.service_tier, draft.model_served) == ("flex", "served-1")


COUNTED = {"input_tokens": 12, "output_tokens": 3}
FAMILIES: dict[str, tuple[Body, str, dict[str, int]]] = {
    "anthropic": (
        {"type": "message", "stop_reason": "end_turn", "usage": {"input_tokens": 12, "output_tokens": 3}},
        "end_turn",
        COUNTED,
    ),
    "nova": (
        {
            "output": {"message": {"content": [{"text": "t"}]}},
            "stopReason": "max_tokens",
            "usage": {"inputTokens": 12, "outputTokens": 3},
        },
        "max_tokens",
        COUNTED,
    ),
    "titan": (
        {
            "inputTextTokenCount": 12,
            "results": [{"tokenCount": 3, "outputText": "t", "completionReason": "FINISH"}],
        },
        "FINISH",
        COUNTED,
    ),
    "llama": (
        {"generation": "t", "prompt_token_count": 12, "generation_token_count": 3, "stop_reason": "length"},
        "length",
        COUNTED,
    ),
    "mistral, completion": ({"outputs": [{"text": "t", "stop_reason": "stop"}]}, "stop", {}),
    "mistral, chat": ({"choices": [{"message": {"content": "t"}, "stop_reason": "length"}]}, "length", {}),
    "gpt-oss": (
        {
            "choices": [{"message": {"content": "t"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 3},
        },
        "stop",
        COUNTED,
    ),
    "cohere, generate": ({"generations": [{"text": "t", "finish_reason": "COMPLETE"}]}, "COMPLETE", {}),
    "cohere, chat": ({"text": "t", "finish_reason": "MAX_TOKENS"}, "MAX_TOKENS", {}),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_body_of_any_family_is_read_by_its_members(family):
    """The model's name would not tell: it may be an ARN."""
    body, reason, counted = FAMILIES[family]
    draft = a_draft()

    bedrock_bodies.read_answer(draft, json.dumps(body).encode())

    assert (draft.finish_reason_raw, draft.usage) == (reason, counted)


def test_what_bedrock_counts_goes_before_what_the_body_says():
    """The headers are the bill."""
    draft = a_draft()
    headers = {"x-amzn-bedrock-input-token-count": "100", "x-amzn-bedrock-output-token-count": "7"}
    bedrock_bodies.read_headers(draft, {"ResponseMetadata": {"HTTPHeaders": headers}})

    bedrock_bodies.read_answer(draft, json.dumps(FAMILIES["titan"][0]).encode())

    assert draft.usage == {"input_tokens": 100, "output_tokens": 7}
    assert draft.finish_reason_raw == "FINISH"


CHUNKS: dict[str, list[Body]] = {
    "nova": [{"contentBlockDelta": {"delta": {"text": "t"}}}, {"messageStop": {"stopReason": "end_turn"}}],
    "titan": [
        {"outputText": "t", "completionReason": None},
        {"outputText": "", "completionReason": "FINISH"},
    ],
    "llama": [{"generation": "t", "stop_reason": None}, {"generation": "", "stop_reason": "stop"}],
    "mistral": [{"outputs": [{"text": "t"}]}, {"outputs": [{"text": "", "stop_reason": "stop"}]}],
    "gpt-oss": [
        {"choices": [{"delta": {"content": "t"}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    ],
    "cohere": [
        {"event_type": "text-generation", "text": "t"},
        {"event_type": "stream-end", "finish_reason": "COMPLETE"},
    ],
    "unknown": [{"novel": "t"}, {"novel": ""}],
}


@pytest.mark.parametrize("family", CHUNKS)
def test_a_stream_of_any_family_ends_with_bedrocks_count(family):
    """With it a stream is whole, even one whose words nobody knows."""
    draft = a_draft()
    first, last = CHUNKS[family]
    metrics = {"inputTokenCount": 12, "outputTokenCount": 3}
    last = {**last, "amazon-bedrock-invocationMetrics": metrics}

    brings = [
        bedrock_bodies.read_event(draft, {"chunk": {"bytes": json.dumps(chunk).encode()}})
        for chunk in (first, last)
    ]

    assert brings == [family != "unknown", False]
    assert draft.usage == COUNTED
    assert draft.ending is not None
    assert draft.ending.status == "ok"
