"""Embedded metrics: written as log events, read as metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.store.store import Store

Aws = Callable[[str], Any]
Write = Callable[..., None]
OpenStore = Callable[[str], Store]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


def _event(at_ms: int, **members: Any) -> str:
    directive = {
        "Namespace": "App",
        "Dimensions": [["svc"], []],
        "Metrics": [{"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1}],
    }
    envelope = {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": envelope, "svc": "api", "Latency": [10, 20.5], **members})


def _sums(aws: Aws, namespace: str, name: str, **dimensions: str) -> list[tuple[float, float, str]]:
    points = aws("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=NOON_S - 60,
        EndTime=NOON_S + 60,
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    return [(point["Sum"], point["SampleCount"], point["Unit"]) for point in points]


def test_an_embedded_metric_is_a_metric(aws: Aws, clock: ManualClock, write: Write) -> None:
    """Every value a sample, in every set of dimensions; kept by the minute."""
    write(_event(clock.now_ms()), "plain", _event(clock.now_ms(), Latency=1))

    assert _sums(aws, "App", "Latency", svc="api") == [(31.5, 3.0, "Milliseconds")]
    assert _sums(aws, "App", "Latency") == [(31.5, 3.0, "Milliseconds")]


def test_a_bad_event_is_counted_and_harms_no_other(
    aws: Aws, clock: ManualClock, log_stream: tuple[str, str], write: Write
) -> None:
    """All three are stored; the good one is measured; the bad ones show in AWS/Logs."""
    bad = _event(clock.now_ms(), Latency="slow")
    broken = _event(clock.now_ms()) + " tail"

    write(bad, _event(clock.now_ms(), Latency=1), broken)

    group = log_stream[0]
    assert _sums(aws, "App", "Latency") == [(1.0, 1.0, "Milliseconds")]
    assert _sums(aws, "AWS/Logs", "EMFValidationErrors", LogGroupName=group) == [(1.0, 1.0, "None")]
    assert _sums(aws, "AWS/Logs", "EMFParsingErrors", LogGroupName=group) == [(1.0, 1.0, "None")]
    assert len(aws("logs").filter_log_events(logGroupName=group)["events"]) == 3
