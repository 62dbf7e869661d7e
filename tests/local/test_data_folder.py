"""A data folder: what was acknowledged is there after kill -9, and everything around it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest

from inferwatch.engine.store.store import Store

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "inferwatch", "local", "--port", "0", "--json", "--data"]
GROUP, STREAM = "/inferwatch/app", "worker-1"
Start = Callable[[], tuple[subprocess.Popen[str], str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts the engine on the folder; (process, endpoint)."""
    running: list[subprocess.Popen[str]] = []

    def begin() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen([*COMMAND, str(folder)], stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["endpoint_url"]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _client(service: str, endpoint: str) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=endpoint, region_name="eu-west-1", **keys)


def _engine_id(endpoint: str) -> str:
    with urlopen(f"{endpoint}/_inferwatch/health", timeout=5) as answer:
        return str(json.load(answer)["engine_id"])


def _write(logs: Any, first: int, count: int) -> None:
    now_ms = time.time_ns() // 1_000_000
    messages = [json.dumps({"n": number, "duration_ms": 100}) for number in range(first, first + count)]
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName=STREAM,
        logEvents=[{"timestamp": now_ms, "message": message} for message in messages],
    )


def _numbers(logs: Any) -> list[int]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    return [json.loads(event["message"])["n"] for page in pages for event in page["events"]]


def test_everything_acknowledged_survives_kill_9(start: Start) -> None:
    """Events, filters, alarms, dashboards, topics, metrics and the engine's id."""
    process, endpoint = start()
    logs, cloudwatch = _client("logs", endpoint), _client("cloudwatch", endpoint)
    logs.create_log_group(logGroupName=GROUP, tags={"team": "ml"})
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    logs.put_metric_filter(
        logGroupName=GROUP,
        filterName="latency",
        filterPattern="{ $.duration_ms >= 0 }",
        metricTransformations=[
            {
                "metricName": "Latency",
                "metricNamespace": "NS",
                "metricValue": "$.duration_ms",
                "unit": "Milliseconds",
            }
        ],
    )
    topic = _client("sns", endpoint).create_topic(Name="alarms")["TopicArn"]
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="NS",
        MetricName="Latency",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=2_000,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets":[]}')
    for batch in range(20):
        _write(logs, batch * 50, 50)
    engine_id, created = _engine_id(endpoint), cloudwatch.describe_alarms()["MetricAlarms"][0]
    process.send_signal(signal.SIGKILL)
    process.wait()

    _, endpoint = start()

    logs, cloudwatch = _client("logs", endpoint), _client("cloudwatch", endpoint)
    assert _engine_id(endpoint) == engine_id
    assert _numbers(logs) == list(range(1_000))
    assert logs.list_tags_log_group(logGroupName=GROUP)["tags"] == {"team": "ml"}
    assert [item["filterName"] for item in logs.describe_metric_filters()["metricFilters"]] == ["latency"]
    restored = cloudwatch.describe_alarms()["MetricAlarms"][0]
    assert (restored["AlarmArn"], restored["AlarmConfigurationUpdatedTimestamp"]) == (
        created["AlarmArn"],
        created["AlarmConfigurationUpdatedTimestamp"],
    )
    assert cloudwatch.list_dashboards()["DashboardEntries"][0]["DashboardName"] == "d"
    assert _client("sns", endpoint).list_topics()["Topics"] == [{"TopicArn": topic}]
    points = cloudwatch.get_metric_statistics(
        Namespace="NS",
        MetricName="Latency",
        StartTime=time.time() - 3_600,
        EndTime=time.time() + 60,
        Period=60,
        Statistics=["SampleCount"],
    )["Datapoints"]
    assert sum(point["SampleCount"] for point in points) == 1_000


def test_what_was_acknowledged_while_being_killed_is_there(start: Start) -> None:
    """Killed in the middle of writing, again and again: no acknowledged event is missing, none is doubled."""
    acknowledged = 0
    for round_number in range(3):
        process, endpoint = start()
        logs = _client("logs", endpoint)
        if round_number == 0:
            logs.create_log_group(logGroupName=GROUP)
            logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        for _ in range(7 + 5 * round_number):
            _write(logs, acknowledged, 10)
            acknowledged += 10
        process.send_signal(signal.SIGKILL)
        process.wait()

    _, endpoint = start()

    assert _numbers(_client("logs", endpoint)) == list(range(acknowledged))


def test_a_second_engine_on_one_folder_is_refused(start: Start, folder: Path) -> None:
    """With the first one's pid, and what to do."""
    process, _ = start()

    refused = subprocess.run([*COMMAND, str(folder)], capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode == 2
    assert refused.stderr == (
        f"inferwatch: another inferwatch is using {folder} (pid {process.pid}): stop it, or give this one "
        "another folder\n"
    )


def test_a_clean_end_frees_the_folder(start: Start) -> None:
    """SIGTERM, and the next one may have it."""
    process, _ = start()
    process.terminate()

    ended = process.wait(timeout=15)
    _, endpoint = start()

    assert ended == 0
    assert _engine_id(endpoint)


def test_a_region_that_botocore_no_longer_knows_keeps_nobody_from_starting(
    start: Start, folder: Path
) -> None:
    """Its events were taken by an earlier version, or beside a newer botocore; they stay."""
    Store.open(folder / "logs" / "mars-1").close()

    _, endpoint = start()

    assert _engine_id(endpoint)
    assert (folder / "logs" / "mars-1").is_dir()


def test_a_file_in_the_folders_place_is_one_sentence(folder: Path) -> None:
    """Not a traceback."""
    folder.write_text("not a folder")

    refused = subprocess.run([*COMMAND, str(folder)], capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"inferwatch: {folder} cannot be used as a data folder")
