"""The record of one inference, field by field: the one table that capture, docs and dashboards read.

Rules: one flat JSON object per call, written once, at its end, whatever the end. An absent field is unknown;
zero is data. Adding a field is adding a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

RECORD_VERSION: Final = 1

FieldType = Literal["string", "int", "float", "bool", "string[]"]
Status = Literal["ok", "error", "throttled", "timeout", "cancelled", "abandoned", "cut", "blocked"]
UsageSource = Literal["provider", "estimated", "none"]
CostStatus = Literal["priced", "unpriced", "partial"]
FinishReason = Literal["stop", "length", "tool_call", "content_filter", "pause", "error"]

STATUSES: Final[tuple[Status, ...]] = (
    "ok", "error", "throttled", "timeout", "cancelled", "abandoned", "cut", "blocked",
)  # fmt: skip
COST_STATUSES: Final[tuple[CostStatus, ...]] = ("priced", "unpriced", "partial")
USAGE_SOURCES: Final[tuple[UsageSource, ...]] = ("provider", "estimated", "none")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the record.

    Args:
        unit: What a number counts; `None` for text and flags.
        otel: Name of the same fact in OpenTelemetry's GenAI conventions v0.1.0; `None` when the fact is ours.
        always: Written on every record, whatever its end.
        values: Every value the field may take; empty when it is open.
    """

    name: str
    type: FieldType
    unit: str | None
    otel: str | None
    about: str
    always: bool = False
    values: tuple[str, ...] = ()


# In the order in which they are written.
FIELDS: Final[tuple[Field, ...]] = (
    Field("v", "int", None, None, "Version of this table.", always=True),
    Field(
        "ts", "string", None, None, "When the request was issued: ISO 8601, UTC, milliseconds.", always=True
    ),
    Field("id", "string", None, None, "Our own id of the call, a ULID.", always=True),
    Field("writer", "string", None, None, "Random name of the process that wrote the record.", always=True),
    Field("seq", "int", None, None, "Contiguous from 0 within `writer`: gaps are losses.", always=True),
    Field("service", "string", None, "service.name", "The application that made the call.", always=True),
    Field("task", "string", None, None, "The inference task, where the caller names one."),
    Field(
        "operation", "string", None, "gen_ai.operation.name", "What was asked for, e.g. `chat`.", always=True
    ),
    Field("provider", "string", None, "gen_ai.provider.name", "Who serves the model.", always=True),
    Field("api", "string", None, "openai.api.type", "Which of the provider's APIs, e.g. `chat`."),
    Field("model", "string", None, "gen_ai.request.model", "The model asked for.", always=True),
    Field("model_served", "string", None, "gen_ai.response.model", "The model that answered; price by it."),
    Field(
        "endpoint_host",
        "string",
        None,
        "server.address",
        "Host (and port) called, when it is not the provider's own.",
    ),
    Field(
        "service_tier",
        "string",
        None,
        "openai.response.service_tier",
        "The tier that served the call: it prices it.",
    ),
    Field("batch", "bool", None, None, "Whether the call is part of a batch, which costs less."),
    Field("stream", "bool", None, "gen_ai.request.stream", "Whether the answer was streamed.", always=True),
    Field(
        "status",
        "string",
        None,
        None,
        "How the call ended; stopped by max tokens is `ok` with finish reason `length`.",
        always=True,
        values=STATUSES,
    ),
    Field("error_type", "string", None, "error.type", "The exception's name; never its text."),
    Field("error_code", "string", None, None, "The provider's own code for the failure."),
    Field(
        "http_status",
        "int",
        None,
        "http.response.status_code",
        "HTTP status of the answer that failed the call.",
    ),
    Field(
        "duration_ms",
        "float",
        "ms",
        "gen_ai.client.inference.duration",
        "From issuing the request to the end, retries included.",
        always=True,
    ),
    Field(
        "ttft_ms",
        "float",
        "ms",
        "gen_ai.response.time_to_first_chunk",
        "From issuing the request to the first chunk that carries content.",
    ),
    Field("itl_mean_ms", "float", "ms", None, "Mean gap between chunks that carry content."),
    Field("itl_max_ms", "float", "ms", None, "Longest gap between chunks that carry content."),
    Field("chunks", "int", "chunks", None, "Chunks that carried content."),
    Field("output_tps", "float", "tokens/s", None, "Output tokens per second after the first token."),
    Field("attempts", "int", "requests", None, "HTTP requests made for this call, retries included."),
    Field(
        "throttle_count", "int", "requests", None, "Attempts answered 429; left out after a single good one."
    ),
    Field("retry_wait_ms", "float", "ms", None, "Time spent waiting between attempts."),
    Field(
        "attempt_errors", "string[]", None, None, "HTTP statuses of retried attempts, at most 5, in order."
    ),
    Field(
        "input_tokens", "int", "tokens", "gen_ai.usage.input_tokens", "Input tokens, cached ones included."
    ),
    Field(
        "output_tokens", "int", "tokens", "gen_ai.usage.output_tokens", "Output tokens, reasoning included."
    ),
    Field("total_tokens", "int", "tokens", None, "Input and output tokens together."),
    Field(
        "cache_read_tokens",
        "int",
        "tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "Input tokens read from the provider's cache.",
    ),
    Field(
        "cache_write_tokens",
        "int",
        "tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "Input tokens written to the provider's cache.",
    ),
    Field(
        "cache_write_1h_tokens",
        "int",
        "tokens",
        None,
        "Of `cache_write_tokens`, those kept for an hour.",
    ),
    Field("audio_in_tokens", "int", "tokens", None, "Input tokens of sound."),
    Field("image_in_tokens", "int", "tokens", None, "Input tokens of pictures."),
    Field(
        "reasoning_tokens",
        "int",
        "tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "Output tokens spent on reasoning.",
    ),
    Field("audio_out_tokens", "int", "tokens", None, "Output tokens of sound."),
    Field(
        "usage_source",
        "string",
        None,
        None,
        "Who counted the tokens; an estimate never poses as a bill.",
        values=USAGE_SOURCES,
    ),
    Field(
        "cost_usd", "float", "USD", None, "What the call cost, in US dollars; absent where no price is known."
    ),
    Field(
        "cost_status",
        "string",
        None,
        None,
        "`partial` is an estimate, or a part without price or count; `unpriced` is a price nobody knows.",
        values=COST_STATUSES,
    ),
    Field("price_id", "string", None, None, "The price list: cost can be reckoned again by it."),
    Field(
        "finish_reason",
        "string",
        None,
        "gen_ai.response.finish_reasons",
        "Why the model stopped, in one spelling for all providers.",
    ),
    Field("finish_reason_raw", "string", None, None, "The provider's spelling, where it differs."),
    Field("tool_calls", "int", "calls", None, "Tools the model called; left out where it called none."),
    Field("tool_names", "string[]", None, None, "Their names, at most 10; arguments are content."),
    Field(
        "unrecorded", "string[]", None, None, "Fields that are not as they were: their values were no JSON."
    ),
)

BY_NAME: Final[Mapping[str, Field]] = MappingProxyType({field.name: field for field in FIELDS})
ALWAYS: Final = tuple(field.name for field in FIELDS if field.always)
