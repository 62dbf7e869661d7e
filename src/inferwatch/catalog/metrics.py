"""Every metric there is: what it counts, in which unit, and by which statistics it is read.

A metric has a key, by which expressions name it (`M.cache_read`), and CloudWatch's name. Where the metric is
a number of the record, its name is that field's: filter patterns, Logs Insights and metrics speak of one
thing in one word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from inferwatch.catalog.readings import COUNT, MILLISECONDS

NO_UNIT: Final = "None"
DIMENSION: Final = "model"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Args:
        statistics: The first is read where none is named.
        by_model: Is it also kept for each named model?
    """

    key: str
    name: str
    unit: str
    statistics: tuple[str, ...]
    about: str
    by_model: bool = False


_SUM: Final = ("Sum",)
_LATENCY: Final = ("p99", "p90", "p50", "Average", "Maximum", "SampleCount")

_TABLE: Final = (
    # --- How inferences end.
    Metric("requests", "requests", COUNT, _SUM, "Inferences that ended, whatever the end.", by_model=True),
    Metric(
        "ended",
        "ended",
        COUNT,
        _SUM,
        "Inferences that the provider ended, well or badly: what rates are taken of. Those that the "
        "application cancelled or abandoned are left out, for they say nothing of the provider.",
        by_model=True,
    ),
    Metric(
        "failed",
        "failed",
        COUNT,
        _SUM,
        "Inferences that ended in an error, a timeout or a cut stream; throttled ones are counted apart.",
        by_model=True,
    ),
    Metric("timeouts", "timeouts", COUNT, _SUM, "Failed inferences that ran out of time."),
    Metric("cut", "cut", COUNT, _SUM, "Failed inferences whose stream ended without a finish reason."),
    Metric(
        "throttled",
        "throttled",
        COUNT,
        _SUM,
        "Inferences refused for the sake of a quota, after the last retry.",
        by_model=True,
    ),
    Metric(
        "blocked", "blocked", COUNT, _SUM, "Inferences that a guardrail or a content filter gave no answer."
    ),
    Metric("cancelled", "cancelled", COUNT, _SUM, "Inferences that the application cancelled."),
    Metric("abandoned", "abandoned", COUNT, _SUM, "Streams that the application left before their end."),
    Metric("length", "stopped_by_length", COUNT, _SUM, "Answers cut short by the limit of tokens."),
    Metric("filtered", "content_filtered", COUNT, _SUM, "Answers that the content filter stopped."),
    # --- Retries, which inferences that end well may hide.
    Metric("retried", "retried", COUNT, _SUM, "Inferences that took more than one request."),
    Metric(
        "throttles",
        "throttle_count",
        COUNT,
        _SUM,
        "Requests refused for the sake of a quota, retried ones too.",
    ),
    # --- Latency.
    Metric(
        "duration",
        "duration_ms",
        MILLISECONDS,
        _LATENCY,
        "From the request to the last token, retries included, of inferences that ended well.",
        by_model=True,
    ),
    Metric(
        "ttft",
        "ttft_ms",
        MILLISECONDS,
        _LATENCY,
        "From the request to the first token of a streamed answer.",
        by_model=True,
    ),
    Metric(
        "tpot",
        "itl_mean_ms",
        MILLISECONDS,
        _LATENCY,
        "Time per output token: the mean gap between the chunks of a streamed answer.",
    ),
    # --- Tokens and money.
    Metric("input", "input_tokens", COUNT, _SUM, "Input tokens, cached ones included.", by_model=True),
    Metric("uncached", "uncached_input_tokens", COUNT, _SUM, "Input tokens that no cache was asked for."),
    Metric("output", "output_tokens", COUNT, _SUM, "Output tokens, reasoning included.", by_model=True),
    Metric("cache_read", "cache_read_tokens", COUNT, _SUM, "Input tokens read from the provider's cache."),
    Metric("cache_write", "cache_write_tokens", COUNT, _SUM, "Input tokens written to the provider's cache."),
    Metric("reasoning", "reasoning_tokens", COUNT, _SUM, "Output tokens spent on reasoning."),
    Metric("cost", "cost_usd", NO_UNIT, _SUM, "What inferences cost, in US dollars.", by_model=True),
    Metric(
        "unpriced", "unpriced", COUNT, _SUM, "Inferences that no price is known for: cost leaves them out."
    ),
    # --- The watching itself.
    Metric("dropped", "dropped_records", COUNT, _SUM, "Records that the application could not deliver."),
)

METRICS: Final[Mapping[str, Metric]] = MappingProxyType({metric.key: metric for metric in _TABLE})
