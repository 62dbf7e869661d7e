"""The wire APIs: what each says for the same facts.

The facts: 12 input tokens, 4 of them read from the cache; 3 output tokens; model `served-1` where the API tells.

Source: the providers' API references, read 2026-11.
"""

from __future__ import annotations

import base64
import json
from typing import Any, ClassVar, Protocol

from loopback_provider.frames import frame

Payload = dict[str, Any]
TOOLS = ("look", "look_again")


class Wire(Protocol):
    """One API."""

    media: str

    def asked(self, path: str, body: Payload) -> tuple[str, bool]:
        """The model, and whether a stream is wanted."""

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        """A whole answer, and its headers."""

    def refusal(self, status: int, message: str) -> tuple[Payload, dict[str, str]]:
        """What an HTTP error says."""

    def opening(self) -> list[bytes]:
        """What comes before the first word."""

    def word(self, text: str) -> bytes:
        """One chunk of the answer."""

    def tools(self) -> list[bytes]:
        """Two calls of tools."""

    def closing(self, model: str) -> list[bytes]:
        """The reason, the usage, the end."""

    def failure(self, message: str) -> bytes:
        """An error inside the stream."""


def sse(payload: Payload, event: str | None = None) -> bytes:
    """One server-sent event."""
    name = b"" if event is None else f"event: {event}\n".encode()
    return name + b"data: " + json.dumps(payload).encode() + b"\n\n"


class OpenAiChat:
    """POST /chat/completions."""

    media = "text/event-stream"
    reasons: ClassVar = {"length": "length", "filtered": "content_filter", "tools": "tool_calls"}

    def asked(self, path: str, body: Payload) -> tuple[str, bool]:
        return body["model"], bool(body.get("stream"))

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        message: Payload = {"role": "assistant", "content": "hello there"}
        if model == "tools":
            message["tool_calls"] = [_openai_tool(index, name) for index, name in enumerate(TOOLS)]
        choice = {"index": 0, "message": message, "finish_reason": self.reasons.get(model, "stop")}
        return self._completion("chat.completion", model, choices=[choice]), {}

    def refusal(self, status: int, message: str) -> tuple[Payload, dict[str, str]]:
        code = "rate_limit_exceeded" if status == 429 else None
        return {"error": {"message": message, "type": "server_error", "code": code}}, {}

    def opening(self) -> list[bytes]:
        return [self._delta({"role": "assistant", "content": ""})]

    def word(self, text: str) -> bytes:
        return self._delta({"content": text})

    def tools(self) -> list[bytes]:
        more = {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}
        named = [self._delta({"tool_calls": [_openai_tool(i, name)]}) for i, name in enumerate(TOOLS)]
        return [named[0], self._delta(more), named[1]]

    def closing(self, model: str) -> list[bytes]:
        usage = sse(self._completion("chat.completion.chunk", model, choices=[]))
        return [self._delta({}, self.reasons.get(model, "stop")), usage, b"data: [DONE]\n\n"]

    def failure(self, message: str) -> bytes:
        return sse({"error": {"message": message, "type": "server_error", "code": "overloaded"}})

    def _completion(self, kind: str, model: str, **members: object) -> Payload:
        usage = {
            "prompt_tokens": -1 if model == "absurd" else 12,
            "completion_tokens": "three" if model == "absurd" else 3,
            "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 4},
        }
        told = {} if model == "bare" else {"usage": usage}
        base = {"id": "chatcmpl-1", "object": kind, "created": 1_750_000_000, "model": "served-1"}
        return {**base, "surprise": {"new": [1]}, **members, **told}

    def _delta(self, delta: Payload, reason: str | None = None) -> bytes:
        return sse(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion.chunk",
                "created": 1_750_000_000,
                "model": "served-1",
                "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
            }
        )


def _openai_tool(index: int, name: str) -> Payload:
    return {
        "index": index,
        "id": f"c{index}",
        "type": "function",
        "function": {"name": name, "arguments": "{}"},
    }


class OpenAiResponses:
    """POST /responses."""

    media = "text/event-stream"

    def asked(self, path: str, body: Payload) -> tuple[str, bool]:
        return body["model"], bool(body.get("stream"))

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        return self._response(model), {}

    def refusal(self, status: int, message: str) -> tuple[Payload, dict[str, str]]:
        return OpenAiChat().refusal(status, message)

    def opening(self) -> list[bytes]:
        created = {**self._response("plain"), "status": "in_progress", "output": [], "usage": None}
        item = {"type": "message", "id": "m1", "role": "assistant", "status": "in_progress", "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        return [
            self._event("response.created", response=created),
            self._event("response.output_item.added", output_index=0, item=item),
            self._event(
                "response.content_part.added", item_id="m1", output_index=0, content_index=0, part=part
            ),
        ]

    def word(self, text: str) -> bytes:
        return self._event(
            "response.output_text.delta",
            item_id="m1",
            output_index=0,
            content_index=0,
            delta=text,
            logprobs=[],
        )

    def tools(self) -> list[bytes]:
        return []

    def closing(self, model: str) -> list[bytes]:
        kind = "response.incomplete" if model in ("length", "filtered") else "response.completed"
        return [self._event(kind, response=self._response(model))]

    def failure(self, message: str) -> bytes:
        error = {"code": "server_error", "message": message}
        response = {**self._response("bare"), "status": "failed", "error": error}
        return self._event("response.failed", response=response)

    def _event(self, kind: str, **members: object) -> bytes:
        return sse({"type": kind, "sequence_number": 1, **members}, kind)

    def _response(self, model: str) -> Payload:
        reason = {"length": "max_output_tokens", "filtered": "content_filter"}.get(model)
        text = {"type": "output_text", "text": "hello there", "annotations": []}
        output: list[Payload] = [
            {"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": [text]}
        ]
        if model == "tools":
            output += [
                {"type": "function_call", "call_id": name, "name": name, "arguments": "{}"} for name in TOOLS
            ]
        usage = {
            "input_tokens": -1 if model == "absurd" else 12,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 1.5 if model == "absurd" else 3,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 15,
        }
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1_750_000_000,
            "model": "served-1",
            "status": "completed" if reason is None else "incomplete",
            "incomplete_details": None if reason is None else {"reason": reason},
            "error": None,
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": None if model == "bare" else usage,
            "surprise": {"new": [1]},
        }


class Anthropic:
    """POST /v1/messages."""

    media = "text/event-stream"
    reasons: ClassVar = {"length": "max_tokens", "filtered": "refusal", "tools": "tool_use"}

    def asked(self, path: str, body: Payload) -> tuple[str, bool]:
        return body["model"], bool(body.get("stream"))

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        content: list[Payload] = [{"type": "text", "text": "hello there"}]
        if model == "tools":
            content += [{"type": "tool_use", "id": name, "name": name, "input": {}} for name in TOOLS]
        message = self._message(content, self.reasons.get(model, "end_turn"))
        message["usage"] = self._usage(model)
        if model == "bare":
            del message["usage"]
        return message, {}

    def refusal(self, status: int, message: str) -> tuple[Payload, dict[str, str]]:
        kind = "rate_limit_error" if status == 429 else "api_error"
        return {"type": "error", "error": {"type": kind, "message": message}}, {}

    def events(self, model: str) -> list[Payload]:
        """A stream, event by event."""
        return [
            *self._opening(),
            *(self._word(word) for word in ("one", "two", "three")),
            *self._closing(model),
        ]

    def opening(self) -> list[bytes]:
        return [self._sse(event) for event in self._opening()]

    def word(self, text: str) -> bytes:
        return self._sse(self._word(text))

    def tools(self) -> list[bytes]:
        block = [{"type": "tool_use", "id": name, "name": name, "input": {}} for name in TOOLS]
        return [
            self._sse({"type": "content_block_start", "index": index + 1, "content_block": each})
            for index, each in enumerate(block)
        ]

    def closing(self, model: str) -> list[bytes]:
        return [self._sse(event) for event in self._closing(model)]

    def failure(self, message: str) -> bytes:
        return self._sse({"type": "error", "error": {"type": "api_error", "message": message}})

    def _opening(self) -> list[Payload]:
        start = {**self._message([], None), "usage": {**self._usage("plain"), "output_tokens": 1}}
        block = {"type": "text", "text": ""}
        return [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": block},
        ]

    def _word(self, text: str) -> Payload:
        return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}

    def _closing(self, model: str) -> list[Payload]:
        reason = {"stop_reason": self.reasons.get(model, "end_turn"), "stop_sequence": None}
        usage = {"output_tokens": -3 if model == "absurd" else 3}
        return [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": reason, "usage": usage},
            {"type": "message_stop"},
        ]

    def _sse(self, event: Payload) -> bytes:
        return sse(event, event["type"])

    def _usage(self, model: str) -> Payload:
        return {
            "input_tokens": -5 if model == "absurd" else 5,
            "cache_read_input_tokens": 4,
            "cache_creation_input_tokens": 3,
            "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2},
            "output_tokens": 3,
            "service_tier": "standard",
        }

    def _message(self, content: list[Payload], reason: str | None) -> Payload:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "served-1",
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "surprise": {"new": [1]},
        }


class Converse:
    """POST /model/{model}/converse and /converse-stream."""

    media = "application/vnd.amazon.eventstream"
    reasons: ClassVar = {"length": "max_tokens", "filtered": "guardrail_intervened", "tools": "tool_use"}

    def asked(self, path: str, body: Payload) -> tuple[str, bool]:
        _, _, model, operation = path.split("/")
        return model, operation.endswith("stream")

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        content: list[Payload] = [{"text": "hello there"}]
        if model == "tools":
            content += [{"toolUse": {"toolUseId": name, "name": name, "input": {}}} for name in TOOLS]
        answer = {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": self.reasons.get(model, "end_turn"),
            "usage": self._usage(model),
            "metrics": {"latencyMs": 5},
            "surprise": {"new": [1]},
        }
        if model == "bare":
            del answer["usage"]
        return answer, {}

    def refusal(self, status: int, message: str) -> tuple[Payload, dict[str, str]]:
        code = "ThrottlingException" if status == 429 else "InternalServerException"
        return {"message": message}, {"x-amzn-ErrorType": code}

    def opening(self) -> list[bytes]:
        return [frame("messageStart", {"role": "assistant"})]

    def word(self, text: str) -> bytes:
        return frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})

    def tools(self) -> list[bytes]:
        return [
            frame(
                "contentBlockStart",
                {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": name, "name": name}}},
            )
            for name in TOOLS
        ]

    def closing(self, model: str) -> list[bytes]:
        return [
            frame("messageStop", {"stopReason": self.reasons.get(model, "end_turn")}),
            frame("metadata", {"usage": self._usage(model), "metrics": {"latencyMs": 5}}),
        ]

    def failure(self, message: str) -> bytes:
        return frame("internalServerException", {"message": message}, kind="exception")

    def _usage(self, model: str) -> Payload:
        return {
            "inputTokens": -8 if model == "absurd" else 8,
            "cacheReadInputTokens": 4,
            "outputTokens": -3 if model == "absurd" else 3,
            "totalTokens": 15,
        }


class Invoke(Converse):
    """POST /model/{model}/invoke and /invoke-with-response-stream, with Anthropic's bodies."""

    _messages = Anthropic()

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        payload, _ = self._messages.answer(model)
        counts = {"input": "5", "cache-read-input": "4", "cache-write-input": "3", "output": "3"}
        if model in ("bare", "absurd"):
            return payload, {}
        return payload, {f"X-Amzn-Bedrock-{name}-Token-Count": value for name, value in counts.items()}

    def opening(self) -> list[bytes]:
        return [self._part(event) for event in self._messages._opening()]

    def word(self, text: str) -> bytes:
        return self._part(self._messages._word(text))

    def tools(self) -> list[bytes]:
        return [
            self._part({"type": "content_block_start", "content_block": {"type": "tool_use", "name": name}})
            for name in TOOLS
        ]

    def closing(self, model: str) -> list[bytes]:
        *events, last = self._messages._closing(model)
        metrics = {
            "inputTokenCount": 5,
            "cacheReadInputTokenCount": 4,
            "cacheWriteInputTokenCount": 3,
            "outputTokenCount": 3,
            "invocationLatency": 7,
            "firstByteLatency": 5,
        }
        last = {**last, "amazon-bedrock-invocationMetrics": metrics}
        return [self._part(event) for event in (*events, last)]

    def _part(self, event: Payload) -> bytes:
        return frame("chunk", {"bytes": base64.b64encode(json.dumps(event).encode()).decode()})


class Google:
    """POST /v1beta/models/{model}:generateContent and :streamGenerateContent."""

    media = "text/event-stream"
    reasons: ClassVar = {"length": "MAX_TOKENS", "filtered": "SAFETY"}

    def asked(self, path: str, body: Payload) -> tuple[str, bool]:
        model, _, operation = path.rpartition("/")[2].partition(":")
        return model, operation.startswith("stream")

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        parts: list[Payload] = [{"text": "hello there"}]
        if model == "tools":
            parts += [{"functionCall": {"name": name, "args": {}}} for name in TOOLS]
        return self._response(model, parts, self.reasons.get(model, "STOP")), {}

    def refusal(self, status: int, message: str) -> tuple[Payload, dict[str, str]]:
        word = "RESOURCE_EXHAUSTED" if status == 429 else "INTERNAL"
        return {"error": {"code": status, "message": message, "status": word}}, {}

    def opening(self) -> list[bytes]:
        return []

    def word(self, text: str) -> bytes:
        return sse(self._response("bare", [{"text": text}], None))

    def tools(self) -> list[bytes]:
        return [
            sse(self._response("bare", [{"functionCall": {"name": name, "args": {}}}], None))
            for name in TOOLS
        ]

    def closing(self, model: str) -> list[bytes]:
        return [sse(self._response(model, [], self.reasons.get(model, "STOP")))]

    def failure(self, message: str) -> bytes:
        return sse({"error": {"code": 500, "message": message, "status": "INTERNAL"}})

    def _response(self, model: str, parts: list[Payload], reason: str | None) -> Payload:
        candidate: Payload = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if reason is not None:
            candidate["finishReason"] = reason
        usage = {
            "promptTokenCount": -12 if model == "absurd" else 12,
            "cachedContentTokenCount": 4,
            "candidatesTokenCount": -2 if model == "absurd" else 2,
            "thoughtsTokenCount": 1,
            "totalTokenCount": 15,
        }
        told = {} if model == "bare" else {"usageMetadata": usage}
        return {"candidates": [candidate], "modelVersion": "served-1", "surprise": {"new": [1]}, **told}


class OpenAiEmbeddings(OpenAiChat):
    """POST /embeddings."""

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        vector = {"object": "embedding", "index": 0, "embedding": [0.25, 0.5]}
        usage = {"prompt_tokens": 12, "total_tokens": 12}
        return {"object": "list", "model": "served-1", "data": [vector], "usage": usage}, {}


class TitanEmbeddings(Invoke):
    """POST /model/{model}/invoke, of a model that embeds."""

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        return {"embedding": [0.25, 0.5], "inputTextTokenCount": 12}, {
            "X-Amzn-Bedrock-Input-Token-Count": "12"
        }


class GoogleEmbeddings(Google):
    """POST /v1beta/models/{model}:batchEmbedContents."""

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        return {"embeddings": [{"values": [0.25, 0.5]}]}, {}


class AnthropicCount(Anthropic):
    """POST /v1/messages/count_tokens."""

    def answer(self, model: str) -> tuple[Payload, dict[str, str]]:
        return {"input_tokens": 12}, {}
