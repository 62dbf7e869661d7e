"""Metric filters and TestMetricFilter as AWS's own client sees them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

NOON_MS = 1_795_521_600_000
GROUP = "/inferwatch/app"
Aws = Callable[[str], Any]
Vectors = Callable[[str], list[dict[str, Any]]]


def _put(logs: Any, pattern: str, name: str = "f", **more: Any) -> None:
    transformation = {"metricName": "m", "metricNamespace": "ns", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName=GROUP,
        filterName=name,
        filterPattern=pattern,
        metricTransformations=[transformation | more.pop("transformation", {})],
        **more,
    )


def _send(logs: Any, messages: list[Any]) -> None:
    events = [
        {"timestamp": NOON_MS, "message": message}
        if isinstance(message, str)
        else {
            "timestamp": NOON_MS + 1_000 * message["timestampOffsetSeconds"],
            "message": message["message"],
        }
        for message in messages
    ]
    if events:
        logs.put_log_events(logGroupName=GROUP, logStreamName="worker-1", logEvents=events)


def _series(
    cloudwatch: Any,
) -> dict[tuple[tuple[str, str], ...], list[tuple[int, float, float, float, float]]]:
    """Dimensions → (minute, count, sum, smallest, largest) of the metric, as clients read it."""
    series = {}
    for metric in cloudwatch.list_metrics(Namespace="ns", MetricName="m")["Metrics"]:
        points = cloudwatch.get_metric_statistics(
            Namespace="ns",
            MetricName="m",
            Dimensions=metric["Dimensions"],
            StartTime=datetime.fromtimestamp(NOON_MS / 1_000 - 7_200, UTC),
            EndTime=datetime.fromtimestamp(NOON_MS / 1_000 + 60, UTC),
            Period=60,
            Statistics=["SampleCount", "Sum", "Minimum", "Maximum"],
        )["Datapoints"]
        dimensions = tuple(sorted((item["Name"], item["Value"]) for item in metric["Dimensions"]))
        series[dimensions] = sorted(
            (
                int(point["Timestamp"].timestamp()) * 1_000,
                point["SampleCount"],
                point["Sum"],
                point["Minimum"],
                point["Maximum"],
            )
            for point in points
        )
    return series


def _expected(samples: list[dict[str, Any]]) -> dict[Any, Any]:
    values: dict[Any, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        known = {name: text.replace("1" * 12, "123456789012") for name, text in sample["dimensions"].items()}
        at_ms = NOON_MS + 1_000 * sample.get("timestampOffsetSeconds", 0)
        values[tuple(sorted(known.items()))][at_ms].append(sample["value"])
    return {
        dimensions: sorted(
            (at_ms, len(found), sum(found), min(found), max(found)) for at_ms, found in minutes.items()
        )
        for dimensions, minutes in values.items()
    }


METRIC_FILTERS = json.loads((Path(__file__).parents[1] / "vectors" / "metric_filters.json").read_text())


@pytest.mark.parametrize("case", METRIC_FILTERS, ids=lambda case: case["id"])
def test_a_filter_does_what_the_service_recorded(
    case: dict[str, Any], aws: Aws, log_stream: Any, post_json: Callable[..., Any]
) -> None:
    """Put the filter, send the events, read the metric: the recorded samples, or the recorded refusal."""
    logs = aws("logs")
    more = {name: case[name] for name in ("emitSystemFieldDimensions",) if name in case}
    if "error" in case:
        params = {
            "logGroupName": GROUP,
            "filterName": "f",
            "filterPattern": case["filterPattern"],
            "metricTransformations": [case["transformation"]],
        }

        status, body = post_json("logs", "PutMetricFilter", params)

        assert (status, body["__type"]) == (400, case["error"]["code"])
        text = body.get("message", body.get("Message"))
        assert text == case["error"].get("message", text)
        return

    _put(logs, case["filterPattern"], transformation=case["transformation"], **more)
    _send(logs, case["events"])

    assert _series(aws("cloudwatch")) == _expected(case["samples"])


def test_test_metric_filter_answers_as_recorded(aws: Aws, vectors: Vectors) -> None:
    """Event numbers from 1, and what is extracted."""
    logs = aws("logs")
    for case in vectors("test_metric_filter"):
        answer = logs.test_metric_filter(**case["request"])

        assert answer["matches"] == case["response"]["matches"], case["id"]


def test_test_metric_filter_refuses_a_bad_pattern(aws: Aws) -> None:
    """AWS's code and text."""
    with pytest.raises(ClientError) as refused:
        aws("logs").test_metric_filter(filterPattern="a/b", logEventMessages=["a"])

    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": "Invalid character(s) in term '/'",
    }


def test_a_filter_is_described_as_it_was_put(aws: Aws, log_stream: Any) -> None:
    """System dimensions and all; transformed logs are reported as not used."""
    logs = aws("logs")
    _put(
        logs,
        "[ip, ..., status = 5*, size]",
        transformation={"metricValue": "$size", "unit": "Bytes", "dimensions": {"Status": "$status"}},
        emitSystemFieldDimensions=["@aws.region"],
        applyOnTransformedLogs=False,
    )

    (described,) = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]

    assert described == {
        "filterName": "f",
        "filterPattern": "[ip, ..., status = 5*, size]",
        "metricTransformations": [
            {
                "metricName": "m",
                "metricNamespace": "ns",
                "metricValue": "$size",
                "dimensions": {"Status": "$status"},
                "unit": "Bytes",
            }
        ],
        "creationTime": NOON_MS,
        "logGroupName": GROUP,
        "applyOnTransformedLogs": False,
        "emitSystemFieldDimensions": ["@aws.region"],
    }


@pytest.mark.parametrize(
    "more",
    [{"applyOnTransformedLogs": True}, {"fieldSelectionCriteria": '@aws.region = "us-east-1"'}],
    ids=lambda more: next(iter(more)),
)
def test_what_is_not_understood_is_refused_by_name(more: dict[str, Any], aws: Aws, log_stream: Any) -> None:
    """Nothing is ignored in silence."""
    with pytest.raises(ClientError, match=next(iter(more))):
        _put(aws("logs"), "ERROR", **more)


def test_a_namespace_may_hold_a_colon(aws: Aws, log_stream: Any) -> None:
    """Against the service model, and recorded; a metric's name may not."""
    _put(aws("logs"), "ERROR", transformation={"metricNamespace": "a:b"})
    _send(aws("logs"), ["ERROR"])

    assert [item["Namespace"] for item in aws("cloudwatch").list_metrics()["Metrics"]] == ["a:b"]
    with pytest.raises(ClientError, match=r"regular expression pattern: \[\^:\*\$\]\*"):
        _put(aws("logs"), "ERROR", transformation={"metricName": "a:b"})


def test_an_unknown_system_field_is_refused(aws: Aws, log_stream: Any) -> None:
    """There are two."""
    with pytest.raises(ClientError, match=r"@aws\.account or @aws\.region"):
        _put(aws("logs"), "ERROR", emitSystemFieldDimensions=["@aws.zone"])


def test_a_sixth_regex_filter_is_one_too_many(aws: Aws, log_stream: Any) -> None:
    """LimitExceededException."""
    logs = aws("logs")
    for number in range(5):
        _put(logs, "%x%", name=f"f{number}")

    with pytest.raises(ClientError) as refused:
        _put(logs, "%x%", name="f5")

    assert refused.value.response["Error"]["Code"] == "LimitExceededException"
