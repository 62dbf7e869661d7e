"""Logs Insights through the wire: started, asked for, stopped, described."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "insights.json").read_text())
START_S = 1_735_689_600  # 2025-01-01T00:00:00Z
START_MS = START_S * 1_000
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def logs_at(now_ms: int = START_MS) -> tuple[Any, ManualClock]:
    """A client whose engine's groups are made at the start of the data."""
    clock = ManualClock(now_ms)
    return client(Cloud(clock), "logs"), clock


def put(logs: Any, group: str, events: list[dict[str, Any]]) -> None:
    """Events of the vectors, in the order they are listed, each stream made when it comes first."""
    logs.create_log_group(logGroupName=group)
    for stream in dict.fromkeys(event["logStream"] for event in events):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    for event in events:
        entry = {"timestamp": event["timestamp"], "message": event["message"]}
        logs.put_log_events(logGroupName=group, logStreamName=event["logStream"], logEvents=[entry])


def numbered(count: int) -> list[dict[str, Any]]:
    return [
        {"timestamp": START_MS + n, "logStream": "s", "message": json.dumps({"n": n})} for n in range(count)
    ]


def start(logs: Any, text: str, group: str = "G", **more: Any) -> str:
    bounds = {"startTime": START_S, "endTime": START_S + 3_599, "logGroupName": group, **more}
    id: str = logs.start_query(queryString=text, **{k: v for k, v in bounds.items() if v is not None})[
        "queryId"
    ]
    return id


def finish(logs: Any, id: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = logs.get_query_results(queryId=id)
        if found["status"] not in ("Scheduled", "Running"):
            return found


def rows(logs: Any, text: str, **more: Any) -> list[dict[str, str]]:
    """The result, without pointers."""
    found = finish(logs, start(logs, text, **more))
    assert found["status"] == "Complete"
    return [{c["field"]: c["value"] for c in row if c["field"] != "@ptr"} for row in found["results"]]


@pytest.fixture(scope="module")
def datasets() -> Any:
    """Each of the vectors' datasets in a log group of its name."""
    logs, clock = logs_at()
    for name, events in VECTORS["datasets"].items():
        put(logs, name, events)
    clock.move_to(START_MS + 600_000)
    return logs


@pytest.mark.parametrize("vector", VECTORS["queries"], ids=lambda vector: vector["id"])
def test_shared_queries(datasets: Any, vector: dict[str, Any]) -> None:
    """Rows, pointers, and refusals with their place."""
    if "error" in vector:
        with pytest.raises(ClientError) as refused:
            start(datasets, vector["query"], vector["dataset"])
        assert refused.value.response["Error"]["Code"] == vector["error"]["code"]
        assert vector["error"].get("messageContains", "") in refused.value.response["Error"]["Message"]
        assert "startCharOffset" in refused.value.response["queryCompileError"]["location"]
        return

    found = finish(datasets, start(datasets, vector["query"], vector["dataset"]))["results"]

    for row in found:
        assert (row[-1:] != [] and row[-1]["field"] == "@ptr") == vector["ptrAppended"]
    without = [[(cell["field"], cell["value"]) for cell in row if cell["field"] != "@ptr"] for row in found]
    wanted = [
        [(cell["field"], cell["value"].replace(":GROUP", f":{vector['dataset']}")) for cell in row]
        for row in vector["rows"]
    ]
    wanted = [
        [(name, value.replace("111111111111", "000000000000")) for name, value in row] for row in wanted
    ]
    if vector["id"] == "now-seconds":
        wanted = [[("n", str(START_S + 600))]]
    if not vector["ordered"]:
        without, wanted = sorted(without), sorted(wanted)
    assert without == wanted


def test_a_missing_group_is_named_as_the_service_behind_does() -> None:
    logs, _ = logs_at()

    with pytest.raises(ClientError) as refused:
        start(logs, "fields @message", "nowhere")

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert re.fullmatch(
        r"Log group 'nowhere' does not exist for account ID '000000000000' \(Service: AWSLogs; "
        rf"Status Code: 400; Error Code: ResourceNotFoundException; Request ID: {UUID}; Proxy: null\)",
        refused.value.response["Error"]["Message"],
    )


def test_a_query_is_described_with_its_groups_and_bounds() -> None:
    logs, clock = logs_at()
    put(logs, "G", numbered(1))

    id = start(logs, "fields @message", startTime=100, endTime=200)

    (found,) = logs.describe_queries(logGroupName="G")["queries"]
    assert found == {
        "queryLanguage": "CWLI",
        "queryId": id,
        "queryString": 'SOURCE "G" START=100000 END=200999 | fields @message',
        "status": "Scheduled",
        "createTime": clock.now_ms(),
        "logGroupName": "G",
    }
    assert logs.describe_queries(status="Complete")["queries"] == []


@pytest.mark.parametrize(
    "params",
    [
        {"logGroupNames": ["G"]},
        {"logGroupName": None},
        {"limit": 100_001},
        {"startTime": START_S + 10_000},
        {"queryLanguage": "SQL"},
    ],
)
def test_bad_parameters(params: dict[str, Any]) -> None:
    """Groups named in two ways or none, a limit out of range, an end before the start, another language."""
    logs, _ = logs_at()
    put(logs, "G", numbered(1))

    with pytest.raises(ClientError) as refused:
        start(logs, "fields @message", **params)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"


def test_an_ended_query_cannot_be_stopped() -> None:
    logs, _ = logs_at()
    put(logs, "G", numbered(1))
    id = start(logs, "fields @message")
    finish(logs, id)

    with pytest.raises(ClientError) as refused:
        logs.stop_query(queryId=id)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"


def test_bounds_are_whole_seconds() -> None:
    """The last second is searched to its last millisecond."""
    logs, _ = logs_at()
    events = [{"timestamp": START_MS + at, "logStream": "s", "message": str(at)} for at in (0, 999, 1_000)]
    put(logs, "G", events)

    found = rows(logs, "fields @message | sort @timestamp", startTime=START_S, endTime=START_S)

    assert found == [{"@message": "0"}, {"@message": "999"}]


def test_partial_results_and_statistics_while_running() -> None:
    """1,200 events take three looks; stopped, the query keeps what it has."""
    logs, _ = logs_at()
    put(logs, "G", [])
    logs.create_log_stream(logGroupName="G", logStreamName="s")
    entries = [{"timestamp": event["timestamp"], "message": event["message"]} for event in numbered(1_200)]
    logs.put_log_events(logGroupName="G", logStreamName="s", logEvents=entries)
    id = start(logs, "filter n >= 600 | stats count(*) as c")
    stopped = start(logs, "stats count(*) as c")

    first, *_, last = [logs.get_query_results(queryId=id) for _ in range(3)]
    logs.get_query_results(queryId=stopped)
    logs.stop_query(queryId=stopped)

    assert first["status"] == "Running"
    assert first["results"] == [[{"field": "c", "value": "500"}]]
    assert first["statistics"] | {"bytesScanned": 0} == {
        "recordsMatched": 500.0,
        "recordsScanned": 500.0,
        "bytesScanned": 0,
        "estimatedRecordsSkipped": 0.0,
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": 1.0,
    }
    assert last["status"] == "Complete"
    assert last["results"] == [[{"field": "c", "value": "600"}]]
    assert last["statistics"]["recordsScanned"] == 1_200
    assert last["statistics"]["bytesScanned"] == sum(len(event["message"]) for event in numbered(1_200))
    cancelled = logs.get_query_results(queryId=stopped)
    assert (cancelled["status"], cancelled["results"]) == ("Cancelled", [[{"field": "c", "value": "500"}]])


def test_several_groups_by_name_and_arn_and_source() -> None:
    """One result over all of them, newest first; `@log` tells them apart."""
    logs, _ = logs_at()
    for number, group in enumerate(("/a/1", "/a/2", "/b")):
        event = {"timestamp": START_MS + number, "logStream": "s", "message": group}
        put(logs, group, [event])
    arn = logs.describe_log_groups(logGroupNamePrefix="/b")["logGroups"][0]["logGroupArn"]
    text = "fields @message"

    by_name = rows(logs, text, group=None, logGroupNames=["/a/1", "/b"])
    by_arn = rows(logs, text, group=None, logGroupIdentifiers=[arn, "/a/2"])
    by_source = rows(logs, f"SOURCE logGroups(namePrefix: ['/a']) | {text}", group=None)

    assert by_name == [{"@message": "/b"}, {"@message": "/a/1"}]
    assert by_arn == [{"@message": "/b"}, {"@message": "/a/2"}]
    assert by_source == [{"@message": "/a/2"}, {"@message": "/a/1"}]


def test_rows_come_in_pages() -> None:
    logs, _ = logs_at()
    put(logs, "G", numbered(7))
    id = start(logs, "fields n | sort n")
    finish(logs, id)

    first = logs.get_query_results(queryId=id, maxItems=4)
    second = logs.get_query_results(queryId=id, maxItems=4, nextToken=first["nextToken"])

    assert [row[0]["value"] for row in first["results"] + second["results"]] == list("0123456")
    assert "nextToken" not in second


def test_a_row_leads_to_its_record() -> None:
    """Every field of the event, moments in milliseconds."""
    logs, clock = logs_at()
    put(logs, "G", [{"timestamp": START_MS, "logStream": "s", "message": '{"a": {"b": 1.5}, "@x": true}'}])
    (row,) = finish(logs, start(logs, "fields @timestamp"))["results"]
    pointer = row[-1]["value"]

    record = logs.get_log_record(logRecordPointer=pointer)["logRecord"]

    assert record == {
        "@ptr": pointer,
        "@timestamp": str(START_MS),
        "@ingestionTime": str(clock.now_ms()),
        "@message": '{"a": {"b": 1.5}, "@x": true}',
        "@logStream": "s",
        "@log": "000000000000:G",
        "a.b": "1.5",
        "@@x": "true",
    }
    with pytest.raises(ClientError, match="pointer is invalid"):
        logs.get_log_record(logRecordPointer="nonsense")


def test_fields_of_a_group_and_how_frequent_they_are() -> None:
    logs, _ = logs_at()
    messages = ['{"a": 1}', '{"a": 2, "b": 1}', "plain", '{"a": 3}']
    put(logs, "G", [{"timestamp": START_MS, "logStream": "s", "message": each} for each in messages])

    found = logs.get_log_group_fields(logGroupName="G")["logGroupFields"]

    shares = {field["name"]: field["percent"] for field in found}
    assert shares == {
        "@ingestionTime": 100,
        "@log": 100,
        "@logStream": 100,
        "@message": 100,
        "@timestamp": 100,
        "a": 75,
        "b": 25,
    }
    assert found[-1] == {"name": "b", "percent": 25}


def test_what_data_protection_hides_is_hidden_unless_unmasked() -> None:
    logs, _ = logs_at()
    put(logs, "G", [])
    policy = {
        "Name": "p",
        "Version": "2021-06-01",
        "Statement": [
            {
                "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                "Operation": {"Audit": {"FindingsDestination": {}}},
            },
            {
                "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                "Operation": {"Deidentify": {"MaskConfig": {}}},
            },
        ],
    }
    logs.put_data_protection_policy(logGroupIdentifier="G", policyDocument=json.dumps(policy))
    logs.create_log_stream(logGroupName="G", logStreamName="s")
    entry = {"timestamp": START_MS, "message": '{"mail": "jane@example.com"}'}
    logs.put_log_events(logGroupName="G", logStreamName="s", logEvents=[entry])

    masked = rows(logs, "fields mail")
    unmasked = rows(logs, "fields @timestamp | unmask mail | display mail")
    found = rows(logs, 'filter mail like "jane" | stats count(*) as n')

    assert masked == [{"mail": "****************"}]
    assert unmasked == [{"mail": "jane@example.com"}]
    assert found == [{"n": "0"}]


def test_events_from_before_their_group_are_not_seen() -> None:
    """Nor those that have expired."""
    logs, clock = logs_at()
    put(logs, "G", [{"timestamp": START_MS + at, "logStream": "s", "message": str(at)} for at in (-1, 0)])

    assert rows(logs, "fields @message", startTime=START_S - 100) == [{"@message": "0"}]

    logs.put_retention_policy(logGroupName="G", retentionInDays=1)
    clock.move_to(START_MS + 86_400_001)
    assert rows(logs, "fields @message") == []


def test_a_hundred_queries_at_once_and_an_hour_each() -> None:
    logs, clock = logs_at()
    put(logs, "G", numbered(1))
    ids = [start(logs, "fields @message") for _ in range(100)]

    with pytest.raises(ClientError) as refused:
        start(logs, "fields @message")
    clock.move_to(START_MS + 3_600_001)

    assert refused.value.response["Error"]["Code"] == "LimitExceededException"
    assert logs.get_query_results(queryId=ids[0])["status"] == "Timeout"


def test_limits_of_rows() -> None:
    """10,000 unless the text or the call says otherwise."""
    logs, _ = logs_at()
    put(logs, "G", [])
    logs.create_log_stream(logGroupName="G", logStreamName="s")
    for first in (0, 6_000):
        entries = [{"timestamp": START_MS + n, "message": "m"} for n in range(first, first + 6_000)]
        logs.put_log_events(logGroupName="G", logStreamName="s", logEvents=entries)

    def count(text: str, **more: Any) -> int:
        id = start(logs, text, **more)
        found, total = finish(logs, id), 0
        while True:
            total += len(found["results"])
            if "nextToken" not in found:
                return total
            found = logs.get_query_results(queryId=id, nextToken=found["nextToken"])

    assert count("fields @message") == 10_000
    assert count("fields @message | limit 11000") == 11_000
    assert count("fields @message", limit=50) == 50
    assert count("fields @message | limit 20", limit=50) == 20


def test_an_unknown_query() -> None:
    logs, _ = logs_at()

    with pytest.raises(ClientError) as refused:
        logs.get_query_results(queryId="nope")

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
