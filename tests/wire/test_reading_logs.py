"""Get- and FilterLogEvents, and the listings of groups: bounds, pages, tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.logs import reading
from inferwatch.engine.store.store import Store

OpenStore = Callable[[str], Store]
Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
GROUP, STREAM = "/inferwatch/app", "worker-1"


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


def _write(logs: Any, events: list[dict[str, Any]], base_ms: int) -> None:
    if not events:
        return
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName=STREAM,
        logEvents=[{"timestamp": base_ms + event["ts"], "message": event["m"]} for event in events],
    )


def _shifted(params: dict[str, Any], base_ms: int) -> dict[str, Any]:
    """The vectors count from 0; the engine's clock does not."""
    return {
        name: value + base_ms if name in ("startTime", "endTime") else value for name, value in params.items()
    }


def _read(logs: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    if operation == "GetLogEvents":
        answer: dict[str, Any] = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, **params)
    else:
        answer = logs.filter_log_events(logGroupName=GROUP, **params)
    return answer


def _messages(page: dict[str, Any]) -> list[str]:
    return [event["message"] for event in page["events"]]


def test_pages_hold_the_documented_events(vectors: Vectors, aws: Aws, clock: ManualClock) -> None:
    """Bounds and limits of single reads."""
    logs, base_ms = aws("logs"), clock.now_ms() - 10_000
    checked = 0
    for case in vectors("read_paging"):
        if "events" not in case or "steps" in case or "error" in case:
            continue
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        _write(logs, case["events"], base_ms)

        page = _read(logs, case["op"], _shifted(case["params"], base_ms))

        assert _messages(page) == case["messages"], case["id"]
        logs.delete_log_group(logGroupName=GROUP)
        checked += 1
    assert checked == 5


def test_bad_reads_are_refused_in_the_services_words(
    vectors: Vectors, post_json: Callable[..., tuple[int, dict[str, Any]]], log_stream: object
) -> None:
    """Tokens, mutually exclusive names, limits."""
    checked = 0
    for case in vectors("read_paging"):
        if "error" not in case or case["op"] == "DescribeLogGroups":
            continue
        stream = {"logStreamName": STREAM} if case["op"] == "GetLogEvents" else {}

        status, answer = post_json("logs", case["op"], {"logGroupName": GROUP, **stream, **case["params"]})

        assert (status, answer["__type"]) == (400, case["error"]["code"]), case["id"]
        assert answer["message"] == case["error"].get("message", answer["message"]), case["id"]
        checked += 1
    assert checked == 4


@pytest.fixture
def four_events(aws: Aws, clock: ManualClock, log_stream: object) -> Any:
    logs = aws("logs")
    _write(logs, [{"ts": 1_000 * n, "m": m} for n, m in enumerate("abcd")], clock.now_ms() - 10_000)
    return logs


def test_reading_forward_ends_with_the_token_that_was_sent(four_events: Any) -> None:
    """GetLogEvents never answers without tokens: at the end the same one comes back."""
    first = _read(four_events, "GetLogEvents", {"limit": 3, "startFromHead": True})
    second = _read(
        four_events, "GetLogEvents", {"nextToken": first["nextForwardToken"], "startFromHead": True}
    )
    third = _read(
        four_events, "GetLogEvents", {"nextToken": second["nextForwardToken"], "startFromHead": True}
    )

    assert (_messages(first), _messages(second), _messages(third)) == (["a", "b", "c"], ["d"], [])
    assert third["nextForwardToken"] == second["nextForwardToken"]
    assert len(first["nextForwardToken"]) == 58


def test_reading_backward_pages_from_the_newest(four_events: Any) -> None:
    """The newest page first, oldest first within a page."""
    newest = _read(four_events, "GetLogEvents", {"limit": 3})
    older = _read(four_events, "GetLogEvents", {"nextToken": newest["nextBackwardToken"]})
    oldest = _read(four_events, "GetLogEvents", {"nextToken": older["nextBackwardToken"]})

    assert (_messages(newest), _messages(older), _messages(oldest)) == (["b", "c", "d"], ["a"], [])
    assert oldest["nextBackwardToken"] == older["nextBackwardToken"]


def test_a_forward_token_finds_events_that_arrive_later(four_events: Any, clock: ManualClock) -> None:
    """That is how a stream is followed."""
    page = _read(four_events, "GetLogEvents", {"startFromHead": True})
    _write(four_events, [{"ts": 0, "m": "e"}], clock.now_ms())

    later = _read(four_events, "GetLogEvents", {"nextToken": page["nextForwardToken"], "startFromHead": True})

    assert _messages(later) == ["e"]


def test_filtering_pages_to_the_end(four_events: Any) -> None:
    """FilterLogEvents gives no token on its last page."""
    pages = four_events.get_paginator("filter_log_events").paginate(logGroupName=GROUP, limit=3)

    messages = [_messages(page) for page in pages]

    assert messages == [["a", "b", "c"], ["d"]]


def test_filtering_merges_streams_by_time(four_events: Any, clock: ManualClock) -> None:
    """Events of several streams come in one order."""
    four_events.create_log_stream(logGroupName=GROUP, logStreamName="worker-2")
    four_events.put_log_events(
        logGroupName=GROUP,
        logStreamName="worker-2",
        logEvents=[{"timestamp": clock.now_ms() - 8_500, "message": "between"}],
    )

    page = _read(four_events, "FilterLogEvents", {})

    assert _messages(page) == ["a", "b", "between", "c", "d"]
    assert [event["logStreamName"] for event in page["events"]][2] == "worker-2"
    assert all(len(event["eventId"]) == 56 for event in page["events"])


def test_a_filter_pattern_selects(aws: Aws, clock: ManualClock, log_stream: object) -> None:
    """Only matching events come back."""
    logs = aws("logs")
    events = [{"ts": n, "m": f'{{"duration_ms": {1_000 * n}}}'} for n in range(4)]
    _write(logs, events, clock.now_ms() - 10_000)

    page = _read(logs, "FilterLogEvents", {"filterPattern": "{ $.duration_ms > 1500 }"})

    assert _messages(page) == ['{"duration_ms": 2000}', '{"duration_ms": 3000}']


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("?ERROR ?WARN", ["ERROR 1", "WARN 2"]),
        ("%^[EW].*[12]$%", ["ERROR 1", "WARN 2"]),
        ("[level = INFO, n > 2]", ["INFO 3"]),
    ],
)
def test_filter_log_events_takes_every_kind_of_pattern(
    pattern: str, found: list[str], aws: Aws, clock: ManualClock, log_stream: object
) -> None:
    """The same patterns read a group."""
    logs = aws("logs")
    _write(logs, [{"ts": 0, "m": text} for text in ("ERROR 1", "WARN 2", "INFO 3")], clock.now_ms())

    page = _read(logs, "FilterLogEvents", {"filterPattern": pattern})

    assert _messages(page) == found


def test_a_stream_named_twice_is_read_once(four_events: Any) -> None:
    """Events do not double."""
    page = _read(four_events, "FilterLogEvents", {"logStreamNames": [STREAM, STREAM]})

    assert _messages(page) == ["a", "b", "c", "d"]


def test_a_page_may_be_empty_and_not_the_last(
    four_events: Any, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call looks at so many events and no more; the token goes on from there."""
    monkeypatch.setattr(reading, "_SCAN_MAX_EVENTS", 2)
    _write(four_events, [{"ts": 0, "m": '{"x": 1}'}], clock.now_ms())

    pages = list(
        four_events.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP, filterPattern="{ $.x = 1 }"
        )
    )

    assert [_messages(page) for page in pages] == [[], [], ['{"x": 1}']]


def test_the_newest_stream_is_found_first(aws: Aws, clock: ManualClock, log_stream: object) -> None:
    """The commonest use of DescribeLogStreams; the others follow, page by page."""
    logs = aws("logs")
    for number in (2, 3):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=f"worker-{number}")
    for number, ago in ((1, 3_000), (2, 1_000), (3, 2_000)):
        logs.put_log_events(
            logGroupName=GROUP,
            logStreamName=f"worker-{number}",
            logEvents=[{"timestamp": clock.now_ms() - ago, "message": "m"}],
        )

    newest = logs.describe_log_streams(logGroupName=GROUP, orderBy="LastEventTime", descending=True, limit=1)
    rest = logs.describe_log_streams(
        logGroupName=GROUP, orderBy="LastEventTime", descending=True, nextToken=newest["nextToken"]
    )

    assert [stream["logStreamName"] for stream in newest["logStreams"]] == ["worker-2"]
    assert [stream["logStreamName"] for stream in rest["logStreams"]] == ["worker-3", "worker-1"]


@pytest.mark.parametrize("token", ["x", "f/123", "z/" + "0" * 56])
def test_a_token_of_somebody_else_is_refused(four_events: Any, token: str) -> None:
    """In AWS's words, from both calls."""
    for operation in ("GetLogEvents", "FilterLogEvents"):
        with pytest.raises(ClientError) as refused:
            _read(four_events, operation, {"nextToken": token})

        assert refused.value.response["Error"]["Message"] == "The specified nextToken is invalid."


def test_expired_events_are_gone(four_events: Any, clock: ManualClock) -> None:
    """Past the retention an event counts as gone, swept or not."""
    four_events.put_retention_policy(logGroupName=GROUP, retentionInDays=1)

    clock.move_to(clock.now_ms() + 86_400_000 - 9_000)

    assert _messages(_read(four_events, "GetLogEvents", {"startFromHead": True})) == ["b", "c", "d"]
    assert _messages(_read(four_events, "FilterLogEvents", {})) == ["b", "c", "d"]


def test_groups_are_listed_in_ascii_order_and_by_pattern(vectors: Vectors, aws: Aws) -> None:
    """Prefix, case-sensitive substring, and not both."""
    logs = aws("logs")
    checked = 0
    for case in vectors("read_paging"):
        if case["op"] != "DescribeLogGroups":
            continue
        for name in case.get("groups", []):
            logs.create_log_group(logGroupName=name)
        if "error" in case:
            with pytest.raises(ClientError) as refused:
                logs.describe_log_groups(**case["params"])
            assert refused.value.response["Error"]["Code"] == case["error"]["code"]
            assert refused.value.response["Error"]["Message"] == case["error"]["message"]
        else:
            found = logs.describe_log_groups(**case.get("params", {}))["logGroups"]

            assert [group["logGroupName"] for group in found] == case["names"], case["id"]
        for name in case.get("groups", []):
            logs.delete_log_group(logGroupName=name)
        checked += 1
    assert checked == 3


def test_a_hundred_and_twenty_groups_come_in_three_pages(aws: Aws) -> None:
    """Fifty a page; every group once."""
    logs = aws("logs")
    names = [f"/g/{number:03d}" for number in range(120)]
    for name in names:
        logs.create_log_group(logGroupName=name)

    pages = list(logs.get_paginator("describe_log_groups").paginate())

    assert [len(page["logGroups"]) for page in pages] == [50, 50, 20]
    assert [group["logGroupName"] for page in pages for group in page["logGroups"]] == names


def test_groups_are_found_by_class_and_with_linked_accounts(aws: Aws, log_stream: tuple[str, str]) -> None:
    """All are of the standard class, and no account is linked."""
    describe = aws("logs").describe_log_groups

    assert len(describe(logGroupClass="STANDARD", includeLinkedAccounts=False)["logGroups"]) == 1
    assert len(describe(includeLinkedAccounts=True)["logGroups"]) == 1
    assert describe(logGroupClass="INFREQUENT_ACCESS")["logGroups"] == []
