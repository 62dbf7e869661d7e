"""What an answer of Bedrock's Converse says about itself, whole or event by event. Never its text.

Amazon Nova's own bodies for InvokeModel have the same members.
"""

from __future__ import annotations

from typing import Any

from inferwatch.capture.clients.api import note_count, note_input, note_model, note_reason, note_tier
from inferwatch.capture.clients.view import View, view
from inferwatch.capture.draft import Draft

_HOUR = "1h"


def read_answer(draft: Draft, answer: Any) -> None:
    """Note what a whole answer says.

    Source: Amazon Bedrock API reference, Converse, read 2026-11.
    """
    answer = view(answer)
    note_reason(draft, answer.stopReason)
    if answer.output is not None and answer.output.message is not None:
        for block in answer.output.message.content or ():
            if block.toolUse is not None:
                draft.tool(block.toolUse.name)
    _note_rest(draft, answer)


def read_event(draft: Draft, event: Any) -> bool:
    """Note what an event says; usage comes after the reason, in the last one.

    Source: Amazon Bedrock API reference, ConverseStream, read 2026-11.
    """
    members = event if isinstance(event, dict) else {}
    if "contentBlockDelta" in members:
        return True
    if "contentBlockStart" in members:
        start = View(members["contentBlockStart"]).start
        if start is not None and start.toolUse is not None:
            draft.tool(start.toolUse.name)
    elif "messageStop" in members:
        note_reason(draft, members["messageStop"].get("stopReason"))
    elif "metadata" in members:
        _note_rest(draft, View(members["metadata"]))
    return False


def _note_rest(draft: Draft, answer: Any) -> None:
    if answer.serviceTier is not None:
        note_tier(draft, answer.serviceTier.type)
    if answer.trace is not None and answer.trace.promptRouter is not None:
        note_model(draft, answer.trace.promptRouter.invokedModelId)
    usage = answer.usage
    if usage is None:
        return
    note_input(draft, usage.inputTokens, usage.cacheReadInputTokens, usage.cacheWriteInputTokens)
    note_count(draft, "output_tokens", usage.outputTokens)
    note_count(draft, "total_tokens", usage.totalTokens)
    for detail in usage.cacheDetails or ():
        if detail.ttl == _HOUR:
            note_count(draft, "cache_write_1h_tokens", detail.inputTokens)
