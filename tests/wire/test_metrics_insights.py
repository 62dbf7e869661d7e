"""Metrics Insights queries through GetMetricData, in each protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
NOON_S = 1_795_521_600
RECORDED = json.loads((Path(__file__).parents[1] / "vectors" / "metrics_insights.json").read_text())


@pytest.fixture
def cloudwatch(aws_in_each_protocol: Aws) -> Any:
    """A client of an engine that holds the recorded data."""
    client = aws_in_each_protocol("cloudwatch")
    for series in RECORDED["data"]:
        for minute, samples in series["points"].items():
            data = {
                "MetricName": "Load",
                "Dimensions": [{"Name": name, "Value": value} for name, value in series["dims"].items()],
                "Timestamp": NOON_S + int(minute) * 60,
                "Values": [value for value, _ in samples],
                "Counts": [count for _, count in samples],
            }
            client.put_metric_data(Namespace="ns", MetricData=[data])
    return client


def _get(cloudwatch: Any, *queries: dict[str, Any]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=NOON_S, EndTime=NOON_S + 180, ScanBy="TimestampAscending"
    )["MetricDataResults"]
    return results


def _minutes(result: dict[str, Any]) -> dict[str, float]:
    stamps = [str(int(at.timestamp() - NOON_S) // 60) for at in result["Timestamps"]]
    return dict(zip(stamps, result["Values"], strict=True))


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["id"])
def test_a_query_answers_as_recorded(cloudwatch: Any, case: dict[str, Any]) -> None:
    """Pooled samples, groups, labels, order; the account is the test's own."""
    found = _get(cloudwatch, {"Id": RECORDED["queryId"], "Expression": case["query"], "Period": 60})

    assert [result["Label"].replace("123456789012", "000000000000") for result in found] == [
        result["Label"] for result in case["results"]
    ]
    for result, expected in zip(found, case["results"], strict=True):
        assert _minutes(result) == pytest.approx(expected["points"], rel=1e-14)


def test_the_recorded_cases_are_all_there() -> None:
    """None has dropped out."""
    assert len(RECORDED["cases"]) == 10


def test_limit_and_math_work_on_the_groups(cloudwatch: Any) -> None:
    """LIMIT keeps the first; a query with GROUP BY is an array to metric math."""
    text = 'SELECT SUM(Load) FROM SCHEMA("ns", Team) GROUP BY Team ORDER BY SUM() DESC LIMIT 1'
    query = {"Id": "q", "Expression": text, "Period": 30, "ReturnData": False}

    found = _get(cloudwatch, query, {"Id": "e", "Expression": "SUM(q) / METRIC_COUNT(q)"})

    assert [(result["Label"], _minutes(result)) for result in found] == [("e", {"0": 20.0, "2": 80.0})]


@pytest.mark.parametrize(
    ("queries", "text"),
    [
        (
            [{"Id": "q", "Expression": "SELECT AVG(m) FROM n"}],
            "Period is a required field when using query within an expression",
        ),
        (
            [{"Id": "q", "Expression": "SELECT AVG(m) n", "Period": 60}],
            "Error in expression 'q': Invalid syntax near 'n' at column 15",
        ),
        (
            [{"Id": name, "Expression": "SELECT AVG(m) FROM n", "Period": 60} for name in "ab"],
            "Maximum number of queries (1) exceeded",
        ),
    ],
)
def test_a_query_that_cannot_be_made_says_why(
    cloudwatch: Any, queries: list[dict[str, Any]], text: str
) -> None:
    """As a ValidationError."""
    with pytest.raises(ClientError) as refused:
        _get(cloudwatch, *queries)

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert text in error["Message"]
