"""inferwatch's own records, as `model/fields.py` lists them: they give every metric."""

from __future__ import annotations

from typing import Final

from inferwatch.catalog.readings import MILLISECONDS, Absent, Filter, Source


def _ended_as(*statuses: str) -> Filter:
    return Filter(" || ".join(f'$.status = "{status}"' for status in statuses))


def _number(field: str, unit: str = "Count", *, when: str = "") -> Filter:
    """`>= 0` holds for numbers only: a record without the field is passed over."""
    return Filter(f"{when}$.{field} >= 0", f"$.{field}", unit)


RECORDS: Final = Source(
    "inferwatch",
    "Records written by inferwatch's capture, one JSON object per inference.",
    "$.model",
    {
        "requests": Filter("$.status = *"),
        "ended": Filter('$.status = * && $.status != "cancelled" && $.status != "abandoned"'),
        "failed": _ended_as("error", "timeout", "cut"),
        "timeouts": _ended_as("timeout"),
        "cut": _ended_as("cut"),
        "throttled": _ended_as("throttled"),
        "blocked": _ended_as("blocked"),
        "cancelled": _ended_as("cancelled"),
        "abandoned": _ended_as("abandoned"),
        "length": Filter('$.finish_reason = "length"'),
        "filtered": Filter('$.finish_reason = "content_filter"'),
        "retried": Filter("$.attempts > 1"),
        "throttles": Filter("$.throttle_count > 0", "$.throttle_count"),
        # A batch's items were not waited for.
        "duration": _number(
            "duration_ms", MILLISECONDS, when='$.status = "ok" && $.operation != "batch_item" && '
        ),
        "ttft": _number("ttft_ms", MILLISECONDS),
        "tpot": _number("itl_mean_ms", MILLISECONDS),
        "input": _number("input_tokens"),
        "uncached": Absent("input_tokens less cache_read_tokens and cache_write_tokens"),
        "output": _number("output_tokens"),
        "cache_read": _number("cache_read_tokens"),
        "cache_write": _number("cache_write_tokens"),
        "reasoning": _number("reasoning_tokens"),
        "cost": _number("cost_usd", "None"),
        "unpriced": Filter('$.cost_status = "unpriced"'),
        "dropped": Filter("$.ledger.dropped > 0", "$.ledger.dropped"),
    },
    {
        "inference": "ispresent(status)",
        "model": "model",
        "status": "status",
        "duration_ms": "duration_ms",
        "ttft_ms": "ttft_ms",
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "cost_usd": "cost_usd",
        "error": "error_type",
        "failed": 'status in ["error", "timeout", "cut"]',
        "throttled": "throttle_count > 0",
        "attempts": "attempts",
        "id": "id",
    },
)
