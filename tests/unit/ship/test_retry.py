"""What an answer means, and how long to wait."""

from __future__ import annotations

import json

import pytest

from inferwatch.ship.retry import (
    Delivered,
    Later,
    Missing,
    Refused,
    backoff_s,
    is_created,
    is_missing,
    judge,
)


def error(code, message="why"):
    return json.dumps({"__type": code, "message": message}).encode()


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b'{"nextSequenceToken":"1"}', Delivered()),
        (200, b"{}", Delivered()),
        (
            200,
            b"<html>",
            Later("HTTP 200 without a JSON object: something else than CloudWatch Logs answers", True),
        ),
        (500, b"", Later("HTTP 500", is_ambiguous=True)),
        (503, error("ServiceUnavailableException"), Later("ServiceUnavailableException: why")),
        (429, b"", Later("HTTP 429")),
        (400, error("ThrottlingException"), Later("ThrottlingException: why")),
        (400, error("com.amazonaws.logs#ThrottlingException"), Later("ThrottlingException: why")),
        (400, error("AccessDeniedException"), Later("AccessDeniedException: why")),
        (403, error("InvalidSignatureException"), Later("InvalidSignatureException: why")),
        (400, error("ExpiredTokenException"), Later("ExpiredTokenException: why")),
        (404, b"not here", Later("HTTP 404: something else than CloudWatch Logs answers")),
        (400, error("ResourceNotFoundException"), Missing()),
        (400, error("InvalidParameterException"), Refused("InvalidParameterException: why")),
        (400, b'{"__type":"SerializationException","Message":"odd"}', Refused("SerializationException: odd")),
        (400, b"<html>no</html>", Later("HTTP 400: something else than CloudWatch Logs answers")),
        (400, b"{}", Later("HTTP 400: something else than CloudWatch Logs answers")),
        (413, b"", Refused("HTTP 413")),
    ],
)
def test_an_answer_has_one_meaning(status, body, verdict):
    """Only a refusal that is about the events may cost an event."""
    assert judge(status, body, 3) == verdict


@pytest.mark.parametrize(
    ("info", "rejected", "reason"),
    [
        ({"tooOldLogEventEndIndex": 2}, 2, "too old"),
        ({"tooNewLogEventStartIndex": 2}, 8, "too far in the future"),
        ({"expiredLogEventEndIndex": 1}, 1, "past the group's retention"),
        (
            {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 3, "tooNewLogEventStartIndex": 9},
            4,
            "too old",
        ),
        ({"tooNewLogEventStartIndex": 0}, 10, "too far in the future"),
        ({}, 0, None),
        (None, 0, None),
    ],
)
def test_rejected_ranges_are_counted(info, rejected, reason):
    """Ends are exclusive, the start is inclusive; too old and expired overlap at the front."""
    verdict = judge(200, json.dumps({"rejectedLogEventsInfo": info}).encode(), 10)

    assert isinstance(verdict, Delivered)
    assert verdict.rejected == rejected
    assert (verdict.reason is None) if reason is None else (reason in verdict.reason)


@pytest.mark.parametrize(
    ("attempt", "longest_s"), [(1, 0.2), (2, 0.4), (5, 3.2), (8, 25.6), (9, 30.0), (10_000, 30.0)]
)
def test_waits_double_to_thirty_seconds_with_full_jitter(attempt, longest_s):
    """The chance is given, so the wait is known."""
    assert backoff_s(attempt, 0.0) == 0.0
    assert backoff_s(attempt, 0.5) == pytest.approx(longest_s / 2)
    assert backoff_s(attempt, 1.0) == pytest.approx(longest_s)


def test_creating_what_exists_is_success():
    """Another process was quicker."""
    assert is_created(200, b"")
    assert is_created(400, error("ResourceAlreadyExistsException"))
    assert not is_created(400, error("AccessDeniedException"))
    assert is_missing(400, error("ResourceNotFoundException"))
