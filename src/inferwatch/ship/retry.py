"""What an answer of CloudWatch Logs means, and how long to wait before asking again. Pure.

| Answer | Verdict |
|---|---|
| 200 with a JSON object | delivered, but for the ranges in `rejectedLogEventsInfo` |
| group or stream missing | create, then again |
| 5xx, 429, throttling, no permission, a bad signature, no CloudWatch Logs at all | wait |
| 413; any other AWS error | the batch is halved until the event at fault is alone, and that one is rejected |

Where one event after the other is refused and none delivered, `delivery` takes its time: see there.
A missing permission is a mistake about the whole stream, not about an event: it can be mended while the
records wait.

Source: CloudWatch Logs API reference, "PutLogEvents" and "Common errors", read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 30.0

_THROTTLING: Final = frozenset(
    {"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException",
     "RequestLimitExceeded", "LimitExceededException", "RequestThrottled", "RequestThrottledException"}
)  # fmt: skip
_SETUP: Final = frozenset(
    {"AccessDeniedException", "AccessDenied", "ExpiredTokenException", "ExpiredToken", "RequestExpired",
     "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId",
     "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
     "NotAuthorized", "OptInRequired",
     "SignatureDoesNotMatch", "UnrecognizedClientException", "UnknownOperationException", "UnknownOperation",
     "UnsupportedOperation", "InvalidAction", "OperationAbortedException"}
)  # fmt: skip
CREDENTIALS_FAULTS: Final = frozenset(
    {"ExpiredTokenException", "ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException"}
)
_MISSING: Final = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class Delivered:
    """CloudWatch Logs has the events, except the first `too_old` and the last `too_new` of them."""

    too_old: int = 0
    too_new: int = 0
    reason: str | None = None

    @property
    def rejected(self) -> int:
        return self.too_old + self.too_new


@dataclass(frozen=True, slots=True)
class Missing:
    """The log group or the log stream does not exist."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; nothing is wrong with the events.

    Args:
        is_ambiguous: They may have been taken: sent again, they may be there twice.
    """

    reason: str
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in this batch will never be taken."""

    reason: str


Verdict = Delivered | Missing | Later | Refused


def judge(status: int, body: bytes, events: int) -> Verdict:
    """What an answer to PutLogEvents means for the `events` that were sent."""
    answer = _json_object(body)
    if status == 200:
        if answer is None:
            reason = "HTTP 200 without a JSON object: something else than CloudWatch Logs answers"
            return Later(reason, is_ambiguous=True)
        return _delivered(answer.get("rejectedLogEventsInfo"), events)
    code = error_code(answer)
    text = error_text(status, answer)
    if status >= 500 or status == 429 or code in _THROTTLING:
        return Later(text, is_ambiguous=status >= 500 and status != 503)
    if code == _MISSING:
        return Missing()
    if status in (401, 403, 407, 408) or code in _SETUP:
        return Later(text)
    if code is None and status != 413:
        return Later(f"{text}: something else than CloudWatch Logs answers")
    return Refused(text)


def is_created(status: int, body: bytes) -> bool:
    """Whether a group or stream exists after this answer to a Create call."""
    return status == 200 or error_code_of(body) == "ResourceAlreadyExistsException"


def is_missing(status: int, body: bytes) -> bool:
    """Whether CreateLogStream says that the group does not exist."""
    return status != 200 and error_code_of(body) == _MISSING


def explain(status: int, body: bytes) -> str:
    """An error answer in words."""
    return error_text(status, _json_object(body))


def backoff_s(attempt: int, chance: float) -> float:
    """Seconds to wait after failing `attempt` times (1 is the first): full jitter, never past 30.

    Args:
        chance: A random number from 0 to below 1.
    """
    ceiling = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(attempt - 1, 16))
    return chance * ceiling


def error_code_of(body: bytes) -> str | None:
    """The error shape's name in an answer's body; `None` where it is no error of AWS."""
    return error_code(_json_object(body))


def error_code(answer: Mapping[str, object] | None) -> str | None:
    """The error shape's name, without the namespace that some services put before it."""
    kind = None if answer is None else answer.get("__type")
    return kind.rpartition("#")[2] if isinstance(kind, str) else None


def error_text(status: int, answer: Mapping[str, object] | None) -> str:
    """`InvalidParameterException: …`, or the bare HTTP status where there is no AWS error."""
    code = error_code(answer)
    if answer is None or code is None:
        return f"HTTP {status}"
    message = answer.get("message", answer.get("Message"))
    return f"{code}: {message}" if isinstance(message, str) and message else code


def _delivered(info: object, events: int) -> Delivered:
    """Start indexes are inclusive, end indexes exclusive. Source: API reference, "RejectedLogEventsInfo"."""
    if not isinstance(info, Mapping) or not info:
        return Delivered()
    too_old = _index(info, "tooOldLogEventEndIndex", 0, events)
    expired = _index(info, "expiredLogEventEndIndex", 0, events)
    first = max(too_old, expired)
    too_new = events - max(first, _index(info, "tooNewLogEventStartIndex", events, events))
    named = (
        ("too old", too_old),
        ("past the group's retention", expired),
        ("too far in the future", too_new),
    )
    reasons = [name for name, count in named if count > 0]
    if not reasons:
        return Delivered()
    reason = f"CloudWatch Logs rejected {first + too_new} of {events} events: {', '.join(reasons)}"
    return Delivered(first, too_new, reason)


def _index(info: Mapping[str, object], name: str, absent: int, events: int) -> int:
    index = info.get(name)
    return min(max(index, 0), events) if isinstance(index, int) else absent


def _json_object(body: bytes) -> Mapping[str, object] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
