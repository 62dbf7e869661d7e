"""How a call ended: an exception or a finish reason in, a status and bounded words out.

Texts of exceptions may hold content, so only names, codes and statuses leave this file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeGuard

from inferwatch.model.fields import FinishReason, Status

_BAD_REQUEST: Final = 400
_TOO_MANY_REQUESTS: Final = 429
_OVERLOADED: Final = 529

# Source: error codes in the providers' API references, read 2026-11.
_THROTTLE_CODES: Final = frozenset(
    {
        "rate_limit_exceeded", "overloaded_error", "ThrottlingException", "throttlingException",
        "ServiceUnavailableException", "serviceUnavailableException", "ModelNotReadyException",
        "RESOURCE_EXHAUSTED",
    }
)  # fmt: skip
_BLOCK_CODES: Final = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})

_FINISH_REASONS: Final[dict[str, FinishReason]] = {
    "stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "completed": "stop", "complete": "stop",
    "finish": "stop", "finished": "stop",
    "length": "length", "max_output_tokens": "length", "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_calls": "tool_call", "tool_call": "tool_call", "function_call": "tool_call",
    "tool_use": "tool_call",
    "content_filter": "content_filter", "content_filtered": "content_filter", "refusal": "content_filter",
    "guardrail_intervened": "content_filter", "safety": "content_filter", "recitation": "content_filter",
    "blocklist": "content_filter", "prohibited_content": "content_filter", "spii": "content_filter",
    "image_safety": "content_filter", "image_prohibited_content": "content_filter",
    "image_recitation": "content_filter", "error_toxic": "content_filter",
    "model_armor": "content_filter",
    "pause": "pause", "pause_turn": "pause",
    "error": "error", "malformed_model_output": "error", "malformed_tool_use": "error",
    "malformed_function_call": "error", "unexpected_tool_call": "error",
}  # fmt: skip

_STATUS_IS_CODE: Final = frozenset({"urllib.error", "google.genai.errors"})  # modules whose `code` is HTTP's

# A code is a word, not a sentence: whatever else a server puts there might be content.
_CODE: Final = re.compile(r"[A-Za-z0-9_.:\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of one call; `error_type` and its neighbours are `None` when nothing failed."""

    status: Status
    error_type: str | None = None
    error_code: str | None = None
    http_status: int | None = None


OK: Final = Ending("ok")
BLOCKED: Final = Ending("blocked")
CANCELLED: Final = Ending("cancelled")
ABANDONED: Final = Ending("abandoned")
CUT: Final = Ending("cut", "stream_ended")


def normal_reason(raw: str) -> str:
    """One spelling for every provider's finish reason, in any case; a word nobody told us about stays."""
    known = _FINISH_REASONS.get(raw)
    return _FINISH_REASONS.get(raw.lower(), raw) if known is None else known


def finished(raw: str | None) -> Ending:
    """The end of a call that returned: filtered content is `blocked`, everything else `ok`."""
    return BLOCKED if raw is not None and normal_reason(raw) == "content_filter" else OK


def failed(fault: BaseException) -> Ending:
    """The end of a call that raised.

    HTTP status and provider code are read off the exception where its library puts them (`status_code`,
    `response.status_code`, `code`, `type`, botocore's `response`).
    """
    if not isinstance(fault, Exception):  # CancelledError, GeneratorExit, KeyboardInterrupt, trio's Cancelled
        return CANCELLED
    http_status = _http_status(fault)
    code = _code(fault, http_status)
    status = failure_status(code, http_status, timeout=_is_timeout(fault))
    return Ending(status, error_name(type(fault)), code, http_status)


def failure_status(code: str | None, http_status: int | None, *, timeout: bool = False) -> Status:
    """Which of the failing statuses a provider's code and HTTP status mean."""
    if code in _BLOCK_CODES:
        return "blocked"
    if http_status in (_TOO_MANY_REQUESTS, _OVERLOADED) or code in _THROTTLE_CODES:
        return "throttled"
    return "timeout" if timeout else "error"


def error_name(kind: type[BaseException]) -> str:
    """`ValueError`, `openai.RateLimitError`, `app.errors.Oops`: low in cardinality, free of content."""
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def word(value: object) -> str | None:
    """The value as a bounded code, or `None` when it is not one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    return text if _CODE.fullmatch(text) else None


def _is_timeout(fault: Exception) -> bool:
    if isinstance(fault, TimeoutError):
        return True
    names = ("Timeout", "TimeoutError", "TimeoutException")
    return any(kind.__name__.endswith(names) for kind in type(fault).__mro__)


def _http_status(fault: Exception) -> int | None:
    """The first that is an error's: one inside a stream came with 200."""
    told = [
        _read(fault, "status_code"),
        _botocore(fault, "ResponseMetadata", "HTTPStatusCode"),
        _read(_read(fault, "response"), "status_code"),  # httpx, requests
    ]
    if any(kind.__module__ in _STATUS_IS_CODE for kind in type(fault).__mro__):
        told.append(_read(fault, "code"))
    return next((status for status in told if is_http_status(status) and status >= _BAD_REQUEST), None)


def is_http_status(status: object) -> TypeGuard[int]:
    """Whether this can be the status of an HTTP answer."""
    return isinstance(status, int) and 100 <= status <= 599


def _code(fault: Exception, http_status: int | None) -> str | None:
    told = (
        _read(fault, "code"),
        _read(fault, "type"),
        _botocore(fault, "Error", "Code"),
        _read(fault, "status"),  # Google's word for it
        _in_body(fault),
    )
    for found in told:
        code = word(found)
        if code is not None and code != str(http_status):  # llama.cpp repeats the HTTP status as the code
            return code
    return None


def _botocore(fault: Exception, part: str, name: str) -> object:
    response = _read(fault, "response")
    inner = response.get(part) if isinstance(response, dict) else None
    return inner.get(name) if isinstance(inner, dict) else None


def _in_body(fault: Exception) -> object:
    """Anthropic's, where the exception has no word for it: `{"error": {"type": …}}`."""
    body = _read(fault, "body")
    inner = body.get("error") if isinstance(body, dict) else None
    return inner.get("type") if isinstance(inner, dict) else None


def _read(thing: object, name: str) -> object:
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 (a property of somebody else's exception: it must not cost the record)
        return None
