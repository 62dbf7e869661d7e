"""Records with metrics embedded, shipped to a served engine: the metrics are those that the filters make."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import inferwatch
from inferwatch.capture.default import DEFAULT
from inferwatch.catalog.metrics import DIMENSION, METRICS
from inferwatch.catalog.readings import Filter
from inferwatch.catalog.sources import SOURCES
from inferwatch.infra.plan.scope import pattern
from inferwatch.local import LocalServer
from inferwatch.testing.aws import client

Vectors = Callable[[str], list[dict[str, Any]]]
ENDS = [
    {"status": "timeout", "operation": "chat", "model": "m", "duration_ms": 60_000.0, "throttle_count": 0},
    {"status": "ok", "operation": "batch_item", "model": "m", "duration_ms": 9e6, "cache_write_tokens": 7},
    {"status": "ok", "operation": "chat", "model": "", "duration_ms": 5, "cost_usd": float("nan")},
    {"status": "ok", "operation": "chat", "model": "m", "duration_ms": 7, "input_tokens": "many"},
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[LocalServer]:
    monkeypatch.setattr(DEFAULT, "recorder", None)
    monkeypatch.setattr(DEFAULT, "retired", ())
    monkeypatch.setenv("INFERWATCH_SPOOL_DIR", str(tmp_path))
    with LocalServer(port=0) as server:
        yield server


def _ship(server: LocalServer, source: str, records: list[dict[str, Any]], **options: Any) -> None:
    """Into a group of its own, with the filters that this kind of log needs."""
    group, logs = f"/{source}", client(server.cloud, "logs")
    logs.create_log_group(logGroupName=group)
    for key, reading in SOURCES[source].readings.items():
        if isinstance(reading, Filter):
            transformation = {
                "metricName": METRICS[key].name,
                "metricNamespace": source,
                "metricValue": reading.value,
                "unit": reading.unit,
            }
            logs.put_metric_filter(
                logGroupName=group,
                filterName=key,
                filterPattern=pattern(reading.condition, ""),
                metricTransformations=[transformation],
            )
    inferwatch.configure(log_group=group, region="us-east-1", endpoint_url=server.endpoint_url, **options)
    recorder = DEFAULT.recorder
    for record in records:
        recorder._sink(record)  # type: ignore[union-attr]
    report = inferwatch.flush(30)
    recorder.shipper.close()  # type: ignore[union-attr]
    assert (report.sent, report.waiting) == (len(records), 0)


def _metrics(server: LocalServer, namespace: str, **dimensions: str) -> dict[str, tuple[float, float, str]]:
    """Name → sum, count and unit, of all there is: a run may go on past midnight."""
    today = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = datetime.timedelta(days=1)
    found = {}
    for metric in METRICS.values():
        points = client(server.cloud, "cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=metric.name,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=today - day,
            EndTime=today + day,
            Period=86_400,
            Statistics=["Sum", "SampleCount"],
        )["Datapoints"]
        if points:
            (unit,) = {point["Unit"] for point in points}
            total = round(sum(point["Sum"] for point in points), 9)
            found[metric.name] = (total, sum(point["SampleCount"] for point in points), unit)
    return found


def test_embedded_metrics_are_those_that_the_filters_make(server: LocalServer, vectors: Vectors) -> None:
    """Every metric of the catalog, by sum, count and unit; and the numbers, nothing else, by model too."""
    records = [case["record"] for case in vectors("records")] + ENDS

    _ship(server, "inferwatch", records)
    _ship(server, "emf", records, emf="emf")

    filtered = _metrics(server, "inferwatch")
    assert len(filtered) >= 20
    assert _metrics(server, "emf") == filtered
    assert _metrics(server, "emf", **{DIMENSION: "m"}) == {
        "duration_ms": (7.0, 1.0, "Milliseconds"),
        "cache_write_tokens": (7.0, 1.0, "Count"),
    }
    for name in ("EMFParsingErrors", "EMFValidationErrors"):
        listed = client(server.cloud, "cloudwatch").list_metrics(Namespace="AWS/Logs", MetricName=name)
        assert listed["Metrics"] == []
