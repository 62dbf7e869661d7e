"""A restart on a durable store, sealed or not: events read as before, and metrics are what they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.store.store import Store
from inferwatch.testing.aws import client

OpenStore = Callable[[str], Store]
Vectors = Callable[[str], list[dict[str, Any]]]
Restart = Callable[[], Cloud]
NOON_MS = 1_795_521_600_000
GROUP, STREAM = "/inferwatch/app", "worker-1"
TRANSFORMATION = {"metricName": "m", "metricNamespace": "ns", "metricValue": "1"}


@pytest.fixture
def restart(clock: ManualClock, open_each_durable_store: OpenStore, tmp_path: Path) -> Iterator[Restart]:
    """An engine on the same folder, again and again."""
    with ExitStack() as running:

        def begin() -> Cloud:
            running.close()
            cloud = Cloud(
                clock,
                account_id="1" * 12,
                open_store=open_each_durable_store,
                open_checkpoint=lambda region: Checkpoint(tmp_path / region / "metrics.db"),
            )
            running.callback(cloud.close)
            cloud.engine("us-east-1").reopen()
            return cloud

        yield begin


def _group(cloud: Cloud, name: str = GROUP) -> Any:
    logs = client(cloud, "logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName=STREAM)
    return logs


def _write(logs: Any, *events: tuple[int, str], group: str = GROUP) -> None:
    logs.put_log_events(
        logGroupName=group,
        logStreamName=STREAM,
        logEvents=[{"timestamp": at_ms, "message": message} for at_ms, message in events],
    )


def _answers(cloud: Cloud) -> list[Any]:
    """What a client sees of the group: both ways of reading, and the listings."""
    logs = client(cloud, "logs")
    found = [
        logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, limit=2),
        logs.filter_log_events(logGroupName=GROUP, limit=2),
        logs.filter_log_events(logGroupName=GROUP, filterPattern="{ $.n > 1 }"),
        logs.describe_log_streams(logGroupName=GROUP),
        logs.describe_log_groups(),
    ]
    return [{name: value for name, value in answer.items() if name != "ResponseMetadata"} for answer in found]


def _series(cloud: Cloud, metric_name: str = "m") -> dict[Any, Any]:
    """Dimensions → (minute, count, sum, smallest, largest)."""
    cloudwatch = client(cloud, "cloudwatch")
    return {
        tuple(sorted((item["Name"], item["Value"]) for item in metric["Dimensions"])): sorted(
            (point["Timestamp"], point["SampleCount"], point["Sum"], point["Minimum"], point["Maximum"])
            for point in cloudwatch.get_metric_statistics(
                **metric,
                StartTime=NOON_MS / 1_000 - 7_200,
                EndTime=NOON_MS / 1_000 + 60,
                Period=60,
                Statistics=["SampleCount", "Sum", "Minimum", "Maximum"],
            )["Datapoints"]
        )
        for metric in cloudwatch.list_metrics(Namespace="ns", MetricName=metric_name)["Metrics"]
    }


def test_everything_reads_as_before(restart: Restart) -> None:
    """Events, ids, tokens, totals, retention and protection; and writing goes on behind what was there."""
    first = restart()
    logs = _group(first)
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    logs.put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=True)
    for number in range(3):
        _write(logs, *((NOON_MS - 1_000 * number + k, json.dumps({"n": 2 * number + k})) for k in range(2)))
    before = _answers(first)

    second = restart()
    after = _answers(second)
    _write(client(second, "logs"), (NOON_MS + 2, "next"))

    assert after == before
    newest = client(second, "logs").get_log_events(logGroupName=GROUP, logStreamName=STREAM, limit=1)
    assert [event["message"] for event in newest["events"]] == ["next"]


def test_what_expires_or_is_deleted_stays_gone(restart: Restart, clock: ManualClock) -> None:
    """Swept at the restart, or hidden: no reader sees it, nor does a group of the same name."""
    logs = _group(restart())
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    _write(logs, (NOON_MS, "old"))
    clock.move_to(NOON_MS + 86_400_000 + 1)
    _write(logs, (clock.now_ms(), "young"))

    logs = client(restart(), "logs")
    kept = logs.filter_log_events(logGroupName=GROUP)["events"]
    logs.delete_log_group(logGroupName=GROUP)
    again = _group(restart()).filter_log_events(logGroupName=GROUP)["events"]

    assert [event["message"] for event in kept] == ["young"]
    assert again == []


def test_what_filters_measured_is_there_again(restart: Restart, vectors: Vectors) -> None:
    """Every recorded case that makes a sample, each in a group of its own: the same series, minute by minute."""
    first = restart()
    cases = [case for case in vectors("metric_filters") if "error" not in case]
    for case in cases:
        logs = _group(first, case["id"])
        logs.put_metric_filter(
            logGroupName=case["id"],
            filterName="f",
            filterPattern=case["filterPattern"],
            metricTransformations=[TRANSFORMATION | case["transformation"] | {"metricName": case["id"]}],
            **{name: case[name] for name in ("emitSystemFieldDimensions",) if name in case},
        )
        for event in case["events"]:
            if isinstance(event, str):
                _write(logs, (NOON_MS, event), group=case["id"])
            else:
                at_ms = NOON_MS + 1_000 * event["timestampOffsetSeconds"]
                _write(logs, (at_ms, event["message"]), group=case["id"])
    before = {case["id"]: _series(first, case["id"]) for case in cases}

    second = restart()

    assert {case["id"]: _series(second, case["id"]) for case in cases} == before
    assert [name for name, series in before.items() if series] == [
        case["id"] for case in cases if case["samples"]
    ]
    assert len(cases) == 22


def test_a_filter_does_not_measure_what_came_before_it(restart: Restart, clock: ManualClock) -> None:
    """Neither at once nor after a restart."""
    first = restart()
    logs = _group(first)
    _write(logs, (NOON_MS, "before"))
    clock.move_to(NOON_MS + 1_000)
    logs.put_metric_filter(
        logGroupName=GROUP, filterName="f", filterPattern="", metricTransformations=[TRANSFORMATION]
    )
    _write(logs, (NOON_MS, "after"))
    before = _series(first)

    after = _series(restart())

    ((_, count, *_),) = before[()]
    assert count == 1
    assert after == before


def test_errors_of_embedded_metrics_stay_in_their_minutes(restart: Restart, clock: ManualClock) -> None:
    """They count when the event came in, however late that was."""
    first = restart()
    logs = _group(first)
    for _ in range(2):
        _write(logs, (NOON_MS, '{"_aws": 1}'), (NOON_MS, '{"_aws": 2}'))
        clock.move_to(clock.now_ms() + 120_000)
    before = _errors(first)

    after = _errors(restart())

    assert [(count, total) for _, count, total in before] == [(1.0, 2.0), (1.0, 2.0)]
    assert after == before


def _errors(cloud: Cloud) -> list[tuple[Any, float, float]]:
    points = client(cloud, "cloudwatch").get_metric_statistics(
        Namespace="AWS/Logs",
        MetricName="EMFParsingErrors",
        Dimensions=[{"Name": "LogGroupName", "Value": GROUP}],
        StartTime=NOON_MS / 1_000,
        EndTime=NOON_MS / 1_000 + 600,
        Period=60,
        Statistics=["SampleCount", "Sum"],
    )["Datapoints"]
    return sorted((point["Timestamp"], point["SampleCount"], point["Sum"]) for point in points)
