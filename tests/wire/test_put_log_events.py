"""PutLogEvents through the wire: what is stored, what is reported, what fails as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.store.store import Store

OpenStore = Callable[[str], Store]
Vectors = Callable[[str], list[dict[str, Any]]]
PostJson = Callable[..., tuple[int, dict[str, Any]]]
GROUP, STREAM = "/inferwatch/app", "worker-1"


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


def _events(case: dict[str, Any], now_ms: int) -> list[dict[str, Any]]:
    return [
        {
            "timestamp": now_ms + event["offsetMs"],
            "message": event["message"] if "message" in event else "x" * event["messageBytes"],
        }
        for event in case.get("events", [{"offsetMs": 0, "message": "m"}])
        for _ in range(event.get("repeat", 1))
    ]


def _prepare(case: dict[str, Any], post_json: PostJson) -> None:
    if case.get("missing") != "group":
        post_json("logs", "CreateLogGroup", {"logGroupName": GROUP})
        if case.get("missing") != "stream":
            post_json("logs", "CreateLogStream", {"logGroupName": GROUP, "logStreamName": STREAM})
        if case.get("retentionInDays"):
            days = case["retentionInDays"]
            post_json("logs", "PutRetentionPolicy", {"logGroupName": GROUP, "retentionInDays": days})


def test_every_batch_is_answered_as_documented(
    vectors: Vectors, post_json: PostJson, clock: ManualClock
) -> None:
    """All vectors: ages, retention, order, span, sizes, counts, tokens, missing groups and streams."""
    checked = 0
    for case in vectors("put_log_events"):
        _prepare(case, post_json)
        events = _events(case, clock.now_ms())
        batch = {"logGroupName": GROUP, "logStreamName": STREAM, "logEvents": events}
        if "sequenceToken" in case:
            batch["sequenceToken"] = case["sequenceToken"]

        for _ in range(case.get("repeatCall", 1)):
            status, answer = post_json("logs", "PutLogEvents", batch)

        if "error" in case:
            expected = case["error"]
            assert (status, answer["__type"]) == (expected.get("status", 400), expected["code"]), case["id"]
            assert answer["message"] == expected.get("message", answer["message"]), case["id"]
            assert expected.get("messageContains", "") in answer["message"], case["id"]
        else:
            stored = _stored(post_json)
            accepted = case.get("accepted", [0] * case.get("acceptedTotal", 0))
            assert stored == [events[index]["message"] for index in accepted], case["id"]
            assert answer.get("rejectedLogEventsInfo") == case.get("rejectedLogEventsInfo"), case["id"]
            assert len(answer["nextSequenceToken"]) == 56
        post_json("logs", "DeleteLogGroup", {"logGroupName": GROUP})
        checked += 1
    assert checked == 25


def _stored(post_json: PostJson) -> list[str]:
    _, page = post_json("logs", "FilterLogEvents", {"logGroupName": GROUP})
    return [event["message"] for event in page["events"]]
