"""OpenTelemetry GenAI spans, as ADOT and CloudWatch's OTLP endpoint put them into a log group (`aws/spans`).

Names of the conventions v0.1.0. Durations are in the units the span has: nanoseconds, and seconds.

Source: OpenTelemetry GenAI semantic conventions v0.1.0; CloudWatch User Guide, "Transaction Search".
Differs: AWS does not specify the JSON of a logged span; `attributes` is read as one object with dotted keys,
and `durationNano` as a number or the text of one.
"""

from __future__ import annotations

from typing import Final

from inferwatch.catalog.readings import Absent, Filter, Source

_OPERATIONS: Final = ("chat", "generate_content", "text_completion", "embeddings")
_NOT_RECORDED: Final = Absent("the conventions have no such attribute")


def _at(attribute: str) -> str:
    return f"$.attributes.['{attribute}']"


def _any(selector: str, *values: str) -> str:
    return "(" + " || ".join(f'{selector} = "{value}"' for value in values) + ")"


_INFERENCE: Final = _any(_at("gen_ai.operation.name"), *_OPERATIONS)
_ERROR: Final = _at("error.type")
_WELL: Final = f"{_ERROR} NOT EXISTS"
# Official instrumentation writes `openai.RateLimitError`, others the bare name; botocore's is the code.
_THROTTLES: Final = ("*RateLimitError", "*ThrottlingException", "429")
_THROTTLED: Final = f"{_INFERENCE} && {_any(_ERROR, *_THROTTLES)}"
_LEFT: Final = ("*CancelledError", "*GeneratorExit")


def _and_not(*values: str) -> str:
    return " && ".join(f'{_ERROR} != "{value}"' for value in values)


def _tokens(attribute: str) -> Filter:
    return Filter(f"{_at(attribute)} >= 0", _at(attribute))


def _stopped(*reasons: str) -> Filter:
    return Filter(_any(f"{_at('gen_ai.response.finish_reasons')}[*]", *reasons).strip("()"))


OTEL: Final = Source(
    "otel",
    "Spans of OpenTelemetry's GenAI conventions v0.1.0, as ADOT and CloudWatch's OTLP endpoint log them.",
    _at("gen_ai.request.model"),
    {
        "requests": Filter(_INFERENCE),
        "ended": Filter(f"{_INFERENCE} && ({_WELL} || ({_and_not(*_LEFT)}))"),
        "failed": Filter(f"{_INFERENCE} && {_and_not(*_THROTTLES, *_LEFT)}"),
        "timeouts": Filter(f"{_INFERENCE} && {_ERROR} = *Timeout*"),
        "cut": Absent("a cut stream is one error among others"),
        "throttled": Filter(_THROTTLED),
        "blocked": _NOT_RECORDED,
        "cancelled": Filter(f"{_INFERENCE} && {_any(_ERROR, *_LEFT)}"),
        "abandoned": Absent("an abandoned stream is not told from a cancelled one, or has no span at all"),
        "length": _stopped("length", "max_tokens"),
        "filtered": _stopped("content_filter", "refusal", "guardrail_intervened"),
        "retried": _NOT_RECORDED,
        "throttles": _NOT_RECORDED,
        "duration": Filter(
            f"{_INFERENCE} && {_WELL} && $.durationNano = *",
            "$.durationNano",
            "None",
            scale=1e-6,
            name="duration_ns",
            note="In nanoseconds, as the span has it.",
        ),
        "ttft": Filter(
            f"{_at('gen_ai.response.time_to_first_chunk')} >= 0",
            _at("gen_ai.response.time_to_first_chunk"),
            "Seconds",
            scale=1_000,
            name="ttft_s",
            note="In seconds, as the span has it.",
        ),
        "tpot": Absent("a metric of the conventions, not an attribute"),
        "input": _tokens("gen_ai.usage.input_tokens"),
        "uncached": Absent("input_tokens less cache_read_tokens and cache_write_tokens"),
        "output": _tokens("gen_ai.usage.output_tokens"),
        "cache_read": _tokens("gen_ai.usage.cache_read.input_tokens"),
        "cache_write": _tokens("gen_ai.usage.cache_write.input_tokens"),
        "reasoning": _tokens("gen_ai.usage.reasoning.output_tokens"),
        "cost": _NOT_RECORDED,
        "unpriced": _NOT_RECORDED,
        "dropped": _NOT_RECORDED,
    },
    {
        "inference": "ispresent(attributes.gen_ai.request.model)",
        "model": "attributes.gen_ai.request.model",
        "duration_ms": "durationNano / 1000000",
        "ttft_ms": "attributes.gen_ai.response.time_to_first_chunk * 1000",
        "input_tokens": "attributes.gen_ai.usage.input_tokens",
        "output_tokens": "attributes.gen_ai.usage.output_tokens",
        "error": "attributes.error.type",
        "failed": "ispresent(attributes.error.type)",
        "throttled": "attributes.error.type like /RateLimitError|ThrottlingException|429/",
        "id": "spanId",
    },
)
