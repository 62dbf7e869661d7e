"""Queries that a process answers from sealed files and from segments that are not sealed yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.store.store import Store
from inferwatch.testing.aws import client

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "insights.json").read_text())
START_S = 1_735_689_600  # 2025-01-01T00:00:00Z
START_MS = START_S * 1_000
REGION = "us-east-1"

pytestmark = pytest.mark.slow


class Folder:
    """An engine on disk: every batch is a segment of its own, and all but the last one are sealed."""

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock(START_MS)
        self.cloud = Cloud(self.clock, open_store=lambda _: Store.open(path, segment_bytes=1))
        self.logs = client(self.cloud, "logs")

    @property
    def store(self) -> Store:
        return self.cloud.engine(REGION).logs.store

    def put(self, group: str, events: list[dict[str, Any]]) -> None:
        for event in events:
            entry = {"timestamp": event["timestamp"], "message": event["message"]}
            self.logs.put_log_events(logGroupName=group, logStreamName=event["logStream"], logEvents=[entry])

    def make(self, group: str, events: list[dict[str, Any]]) -> None:
        self.logs.create_log_group(logGroupName=group)
        for stream in dict.fromkeys(event["logStream"] for event in events):
            self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        self.put(group, events)

    def seal(self) -> None:
        while self.store.seal(timeout_s=30):
            pass

    def ask(self, text: str, group: str, **more: Any) -> dict[str, Any]:
        bounds = {"startTime": START_S, "endTime": START_S + 3_599, "logGroupName": group, **more}
        id = self.logs.start_query(queryString=text, **bounds)["queryId"]
        while True:
            found: dict[str, Any] = self.logs.get_query_results(queryId=id)
            if found["status"] not in ("Scheduled", "Running"):
                return found


def cells(found: dict[str, Any]) -> list[list[tuple[str, str]]]:
    return [
        [(cell["field"], cell["value"]) for cell in row if cell["field"] != "@ptr"]
        for row in found["results"]
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """The vectors' datasets, each in a group of its name."""
    made = Folder(tmp_path_factory.mktemp("columns"))
    for name, events in VECTORS["datasets"].items():
        made.make(name, events)
    made.seal()
    made.clock.move_to(START_MS + 600_000)
    layout = made.store.layout
    assert layout is not None
    assert len(layout.files) > 20
    assert len(layout.segments) == 1
    yield made
    made.cloud.close()


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS["queries"] if "error" not in each], ids=lambda vector: vector["id"]
)
def test_shared_queries(folder: Folder, vector: dict[str, Any]) -> None:
    found = cells(folder.ask(vector["query"], vector["dataset"]))

    wanted = [
        [
            (cell["field"], cell["value"].replace("111111111111:GROUP", f"000000000000:{vector['dataset']}"))
            for cell in row
        ]
        for row in vector["rows"]
    ]
    if vector["id"] == "now-seconds":
        wanted = [[("n", str(START_S + 600))]]
    if not vector["ordered"]:
        found, wanted = sorted(found), sorted(wanted)
    assert found == wanted


def test_sealed_and_live_events_are_one(tmp_path: Path) -> None:
    """Counted once, wherever they lie; a pointer leads back; deleted streams and other groups are not seen."""
    folder = Folder(tmp_path)
    events = [
        {"timestamp": START_MS + n, "logStream": f"s{n % 2}", "message": json.dumps({"n": n})}
        for n in range(6)
    ]
    folder.make("G", events)
    folder.make("other", events[:2])
    folder.seal()
    folder.put("G", [{"timestamp": START_MS + 9, "logStream": "s1", "message": '{"n": 9}'}])

    found = folder.ask("filter n > 1 | stats sum(n) as s, count(*) as c", "G")
    rows = folder.ask("fields n", "G")
    folder.logs.delete_log_stream(logGroupName="G", logStreamName="s0")
    without = folder.ask("fields n", "G")

    assert cells(found) == [[("s", "23"), ("c", "5")]]
    assert found["statistics"] == {
        "recordsMatched": 5.0,
        "recordsScanned": 7.0,
        "bytesScanned": 7 * len('{"n": 1}'),
        "estimatedRecordsSkipped": 0.0,
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": 1.0,
    }
    assert [row[0]["value"] for row in rows["results"]] == ["9", "5", "4", "3", "2", "1", "0"]
    pointer = rows["results"][1][-1]["value"]
    assert folder.logs.get_log_record(logRecordPointer=pointer)["logRecord"]["n"] == "5"
    assert [row[0]["value"] for row in without["results"]] == ["9", "5", "3", "1"]
    folder.cloud.close()


def test_a_damaged_file_is_left_out(tmp_path: Path) -> None:
    """The process fails at it; the events that are whole are read here."""
    folder = Folder(tmp_path)
    events = [{"timestamp": START_MS + n, "logStream": "s", "message": "m"} for n in range(3)]
    folder.make("G", events)
    folder.seal()
    first = sorted(tmp_path.glob("sealed-*.parquet"))[0]
    content = bytearray(first.read_bytes())
    content[-20:] = b"x" * 20
    first.write_bytes(content)

    found = folder.ask("stats count(*) as c", "G")

    assert found["status"] == "Complete"
    assert cells(found) == [[("c", "2")]]
    folder.cloud.close()


def test_a_query_that_is_stopped_ends_its_process(tmp_path: Path) -> None:
    """The next one has another."""
    folder = Folder(tmp_path)
    events = [{"timestamp": START_MS + n, "logStream": "s", "message": "m"} for n in range(3)]
    folder.make("G", events)
    folder.seal()
    bounds = {"startTime": START_S, "endTime": START_S + 1, "logGroupName": "G"}
    id = folder.logs.start_query(queryString="fields @message", **bounds)["queryId"]
    waiting = folder.logs.start_query(queryString="fields @message", **bounds)["queryId"]
    folder.logs.get_query_results(queryId=id)

    assert folder.logs.get_query_results(queryId=waiting)["status"] == "Scheduled"
    assert folder.logs.stop_query(queryId=id)["success"] is True
    with pytest.raises(ClientError):
        folder.logs.stop_query(queryId=id)
    assert folder.ask("stats count(*) as c", "G")["status"] == "Complete"
    assert list(tmp_path.glob("query-*")) == []
    folder.cloud.close()
