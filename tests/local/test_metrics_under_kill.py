"""An engine under load, killed with SIGKILL at random moments: what was acknowledged counts exactly once.

Several writers at once mix PutLogEvents (a metric filter and embedded metrics) with PutMetricData, while
checkpoints are made, segments roll and are sealed. A request under way at the kill may be there or not, wholly,
in logs and metrics alike.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from inferwatch.engine.metrics.checkpoint import Checkpoint

pytestmark = pytest.mark.slow
ROUNDS = 60 if os.environ.get("INFERWATCH_SOAK") else 5
WRITERS = 3
GROUP = "/inferwatch/app"
TARGETS = {"logs": "Logs_20140328", "cloudwatch": "GraniteServiceVersion20100801"}

# `inferwatch local --data DIR --port 0 --json`, with all that happens seldom made to happen often.
SERVER = """
import sys
from pathlib import Path
import inferwatch.engine.keeping as keeping
from inferwatch.cli.local import local
from inferwatch.engine.store.store import Store
from inferwatch.local.data import DataFolder

keeping._EVERY_MS = 100
DataFolder.open_store = lambda self, region: Store.open(self._path / "logs" / region, segment_bytes=30_000)
local(port=0, data=sys.argv[1], as_json=True)
"""


class Api:
    """One connection to an engine."""

    def __init__(self, endpoint_url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(endpoint_url).netloc, timeout=60)

    def call(self, service: str, operation: str, params: dict[str, Any]) -> Any:
        headers = {
            "x-amz-target": f"{TARGETS[service]}.{operation}",
            "content-type": "application/x-amz-json-1.0",
        }
        self._connection.request("POST", "/", json.dumps(params), headers)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return json.loads(body or b"{}")

    def close(self) -> None:
        self._connection.close()


@dataclass
class Writer:
    """One that writes until the engine dies: every number once, as a log event or as a value of a metric.

    Args:
        logged: Batches of numbers that were acknowledged, as log events; `put`: as values.
        pending: The batch under way, and whether it was log events.
    """

    name: str
    chance: random.Random
    logged: list[list[int]] = field(default_factory=list)
    put: list[list[int]] = field(default_factory=list)
    pending: tuple[list[int], bool] | None = None
    next_number: int = 1

    def write_until_killed(self, endpoint_url: str, acknowledged: threading.Semaphore) -> None:
        with closing(Api(endpoint_url)) as api:
            while self._write(api):
                acknowledged.release()

    def _write(self, api: Api) -> bool:
        """Write a batch; whether it was acknowledged."""
        batch = list(range(self.next_number, self.next_number + self.chance.randrange(1, 40)))
        is_log = self.chance.random() < 0.5
        self.next_number = batch[-1] + 1
        self.pending = batch, is_log
        try:
            self._send(api, batch, is_log)
        except (OSError, http.client.HTTPException):
            return False
        (self.logged if is_log else self.put).append(batch)
        self.pending = None
        return True

    def _send(self, api: Api, batch: list[int], is_log: bool) -> None:
        now_ms = time.time_ns() // 1_000_000
        if is_log:
            events = [self._event(now_ms, number) for number in batch]
            params = {"logGroupName": GROUP, "logStreamName": self.name, "logEvents": events}
            api.call("logs", "PutLogEvents", params)
        else:
            datum = {"MetricName": f"put-{self.name}", "Values": [*map(float, batch)], "StorageResolution": 1}
            api.call("cloudwatch", "PutMetricData", {"Namespace": "NS", "MetricData": [datum]})

    def _event(self, now_ms: int, number: int) -> dict[str, Any]:
        """Measured by the filter as its number, and as that by itself."""
        directive = {"Namespace": "NS", "Dimensions": [["who"]], "Metrics": [{"Name": "emf"}]}
        document = {
            "_aws": {"Timestamp": now_ms, "CloudWatchMetrics": [directive]},
            "who": self.name,
            "emf": number,
            "number": number,
        }
        return {"timestamp": now_ms, "message": json.dumps(document)}

    def settle(self, api: Api) -> None:
        """After a restart: what was under way is there or not, and the rest exactly once."""
        events = _events(api, self.name)
        counted = _figures(api, f"put-{self.name}", {})
        if self.pending is not None:
            batch, is_log = self.pending
            if is_log and events[-1:] == batch[-1:]:
                self.logged.append(batch)
            elif not is_log and counted[0] > sum(map(len, self.put)):
                self.put.append(batch)
            self.pending = None
        logged = [number for batch in self.logged for number in batch]
        assert events == logged
        assert _figures(api, "filtered", {"who": self.name}) == (len(logged), sum(logged))
        assert _figures(api, "emf", {"who": self.name}) == (len(logged), sum(logged))
        assert counted == (sum(map(len, self.put)), sum(map(sum, self.put)))


def _events(api: Api, stream: str) -> list[int]:
    params: dict[str, Any] = {"logGroupName": GROUP, "logStreamNames": [stream]}
    found: list[int] = []
    while True:
        page = api.call("logs", "FilterLogEvents", params)
        found += [json.loads(event["message"])["number"] for event in page["events"]]
        if "nextToken" not in page:
            return found
        params["nextToken"] = page["nextToken"]


def _figures(api: Api, name: str, dimensions: dict[str, str]) -> tuple[float, float]:
    """(samples, sum) of all there is of a metric."""
    now_s = int(time.time())
    params = {
        "Namespace": "NS",
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "StartTime": now_s - 7_200,
        "EndTime": now_s + 120,
        "Period": 60,
        "Statistics": ["SampleCount", "Sum"],
    }
    points = api.call("cloudwatch", "GetMetricStatistics", params)["Datapoints"]
    return sum(point["SampleCount"] for point in points), sum(point["Sum"] for point in points)


def _prepare(api: Api, writers: list[Writer]) -> None:
    api.call("logs", "CreateLogGroup", {"logGroupName": GROUP})
    for writer in writers:
        api.call("logs", "CreateLogStream", {"logGroupName": GROUP, "logStreamName": writer.name})
    transformation = {
        "metricName": "filtered",
        "metricNamespace": "NS",
        "metricValue": "$.number",
        "dimensions": {"who": "$.who"},
    }
    api.call(
        "logs",
        "PutMetricFilter",
        {
            "logGroupName": GROUP,
            "filterName": "f",
            "filterPattern": "{ $.number >= 0 }",
            "metricTransformations": [transformation],
        },
    )


def _write_and_kill(
    engine: subprocess.Popen[str], endpoint_url: str, writers: list[Writer], acks: int
) -> None:
    """Let them all write, and end the engine in the middle of it, after so many answers."""
    acknowledged = threading.Semaphore(0)
    threads = [
        threading.Thread(target=writer.write_until_killed, args=(endpoint_url, acknowledged))
        for writer in writers
    ]
    for thread in threads:
        thread.start()
    for _ in range(acks):
        assert acknowledged.acquire(timeout=60)
    engine.kill()
    for thread in threads:
        thread.join()


def test_what_was_acknowledged_counts_exactly_once_whenever_it_is_killed(tmp_path: Path) -> None:
    """Samples and sums of each metric, and the events, against what each writer was told."""
    chance = random.Random(20_261_124)
    writers = [Writer(f"w{number}", random.Random(number)) for number in range(WRITERS)]
    command = [sys.executable, "-c", SERVER, str(tmp_path / "data")]

    said = tmp_path / "stderr"
    for round_number in range(ROUNDS + 1):
        with (
            said.open("a") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as engine,
        ):
            try:
                assert engine.stdout is not None
                endpoint_url = json.loads(engine.stdout.readline())["endpoint_url"]
                with closing(Api(endpoint_url)) as api:
                    if round_number == 0:
                        _prepare(api, writers)
                    for writer in writers:
                        writer.settle(api)
                if round_number < ROUNDS:
                    _write_and_kill(engine, endpoint_url, writers, chance.randrange(1, 400))
            finally:
                engine.kill()

    assert not [line for line in said.read_text().splitlines() if "set aside" in line or "older copy" in line]
    assert all(writer.logged and writer.put for writer in writers)
    checkpoint = Checkpoint(tmp_path / "data/logs/us-east-1/metrics.db")
    assert checkpoint.position > 0
    checkpoint.close()
