"""From an ended call to its flat record: what `model.fields` lists, in that order, and nothing else."""

from __future__ import annotations

from inferwatch.capture.draft import Draft, capped
from inferwatch.capture.ending import Ending, normal_reason
from inferwatch.capture.prices.cost import Cost
from inferwatch.capture.timeline import milliseconds
from inferwatch.model.fields import RECORD_VERSION
from inferwatch.model.moment import iso_ms

_USAGE_FIELDS = (
    "input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "cache_write_tokens",
    "cache_write_1h_tokens", "audio_in_tokens", "image_in_tokens", "reasoning_tokens", "audio_out_tokens",
)  # fmt: skip


def encode(
    draft: Draft,
    ending: Ending,
    *,
    record_id: str,
    writer: str,
    seq: int,
    service: str,
    ended_ns: int,
    cost: Cost | None,
) -> dict[str, object]:
    """The record of one call. Unknown facts are left out; zero is written.

    Args:
        cost: `None` where nobody knows what the call used.
    """
    request = draft.request
    record: dict[str, object] = {
        "v": RECORD_VERSION,
        "ts": iso_ms(draft.started_ms),
        "id": record_id,
        "writer": writer,
        "seq": seq,
        "service": capped(service),
    }
    _put(record, "task", request.task)
    record["operation"] = capped(request.operation)
    record["provider"] = capped(request.provider)
    _put(record, "api", request.api)
    record["model"] = capped(request.model)
    _put(record, "model_served", draft.model_served)
    _put(record, "endpoint_host", request.endpoint_host)
    _put(record, "service_tier", draft.service_tier)
    _put(record, "batch", request.batch or None)
    record["stream"] = draft.stream
    record["status"] = ending.status
    _put(record, "error_type", ending.error_type)
    _put(record, "error_code", ending.error_code)
    _put(record, "http_status", ending.http_status)
    record["duration_ms"] = milliseconds(ended_ns - draft.started_ns)
    _put_latency(record, draft, ended_ns)
    _put_attempts(record, draft)
    _put_usage(record, draft)
    if cost is not None:
        _put(record, "cost_usd", cost.usd)
        record["cost_status"] = cost.status
        _put(record, "price_id", cost.price_id)
    _put_reason(record, draft)
    if draft.tool_calls > 0:
        record["tool_calls"] = draft.tool_calls
        record["tool_names"] = [capped(name) for name in draft.tool_names]
    return record


def _put(record: dict[str, object], name: str, value: str | float | None) -> None:
    if value is not None:
        record[name] = capped(value) if isinstance(value, str) else value


def _put_latency(record: dict[str, object], draft: Draft, ended_ns: int) -> None:
    if not draft.stream:
        return
    timeline = draft.timeline
    _put(record, "ttft_ms", timeline.ttft_ms)
    _put(record, "itl_mean_ms", timeline.itl_mean_ms)
    _put(record, "itl_max_ms", timeline.itl_max_ms)
    _put(record, "chunks", timeline.chunks if draft.counts_chunks else None)
    _put(record, "output_tps", timeline.output_tps(draft.usage.get("output_tokens"), ended_ns))


def _put_attempts(record: dict[str, object], draft: Draft) -> None:
    attempts = draft.attempts
    if attempts is None:
        return
    record["attempts"] = attempts.count
    if attempts.count > 1 or attempts.throttles > 0:
        record["throttle_count"] = attempts.throttles
    _put(record, "retry_wait_ms", attempts.retry_wait_ms)
    if attempts.errors:
        record["attempt_errors"] = list(attempts.errors)


def _put_usage(record: dict[str, object], draft: Draft) -> None:
    usage = draft.usage
    if "total_tokens" not in usage and "input_tokens" in usage and "output_tokens" in usage:
        usage = {**usage, "total_tokens": usage["input_tokens"] + usage["output_tokens"]}
    for name in _USAGE_FIELDS:
        _put(record, name, usage.get(name))
    record["usage_source"] = draft.usage_source


def _put_reason(record: dict[str, object], draft: Draft) -> None:
    raw = draft.finish_reason_raw
    if raw is None:
        return
    reason = normal_reason(raw)
    record["finish_reason"] = capped(reason)
    if reason != raw:
        record["finish_reason_raw"] = capped(raw)
