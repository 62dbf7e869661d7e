"""Coverage-guided fuzzing of PutLogEvents, from the bytes of its body.

    python tests/fuzz/fuzz_put_log_events.py -max_total_time=30

Needs atheris; runs until something breaks or time is up. What may never happen: an answer that is no well-formed
AWS answer, a 500, an event that was acknowledged and cannot be read back.
"""

from __future__ import annotations

import json
import sys

import atheris

with atheris.instrument_imports(include=["inferwatch"]):
    from inferwatch.engine.clock import ManualClock
    from inferwatch.engine.cloud import Cloud
    from inferwatch.wire.request import Request
    from inferwatch.wire.respond import respond

NOW_MS = 1_795_521_600_000
OFFSETS = [-(20 * 86_400_000), -86_400_001, -60_000, -1, 0, 1, 60_000, 3 * 3_600_000]


def post(cloud: Cloud, operation: str, body: bytes) -> tuple[int, dict[str, object]]:
    headers = {"x-amz-target": f"Logs_20140328.{operation}", "content-type": "application/x-amz-json-1.1"}
    response = respond(cloud, Request("POST", "/", "", headers, body), "RID", "us-east-1")
    assert response is not None
    return response.status, json.loads(response.body or b"{}")


def prepared() -> Cloud:
    cloud = Cloud(ManualClock(NOW_MS))
    post(cloud, "CreateLogGroup", b'{"logGroupName": "/g"}')
    post(cloud, "CreateLogStream", b'{"logGroupName": "/g", "logStreamName": "s"}')
    transformation = {"metricName": "m", "metricNamespace": "N", "metricValue": "$.v"}
    made = {"logGroupName": "/g", "filterName": "f", "filterPattern": "{ $.v = * }"}
    post(cloud, "PutMetricFilter", json.dumps({**made, "metricTransformations": [transformation]}).encode())
    return cloud


def fuzz_one(data: bytes) -> None:
    """Raw bytes half of the time; else a batch of well-formed events with odd times and texts."""
    given = atheris.FuzzedDataProvider(data)
    cloud = prepared()
    if given.ConsumeBool():
        status, answer = post(cloud, "PutLogEvents", given.ConsumeBytes(given.remaining_bytes()))
        assert status in (200, 400), answer
        return
    events = []
    while given.remaining_bytes() and len(events) < 50:
        at_ms = NOW_MS + given.PickValueInList(OFFSETS)
        events.append({"timestamp": at_ms, "message": given.ConsumeUnicodeNoSurrogates(20)})
    body = json.dumps({"logGroupName": "/g", "logStreamName": "s", "logEvents": events}).encode()

    status, answer = post(cloud, "PutLogEvents", body)

    assert status in (200, 400), answer
    _, page = post(cloud, "FilterLogEvents", b'{"logGroupName": "/g"}')
    stored = [event["message"] for event in page["events"]]  # type: ignore[attr-defined]
    assert stored == (kept(events, answer) if status == 200 else []), events


def kept(events: list[dict[str, object]], answer: dict[str, object]) -> list[object]:
    """The messages that the answer says were not rejected."""
    rejected = answer.get("rejectedLogEventsInfo", {})
    assert isinstance(rejected, dict)
    first = max(rejected.get("tooOldLogEventEndIndex", 0), rejected.get("expiredLogEventEndIndex", 0))
    last = rejected.get("tooNewLogEventStartIndex", len(events))
    return [event["message"] for event in events[first:last]]


def main() -> None:
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
