"""SEARCH through GetMetricData, in each protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
NOON_S = 1_795_521_600


@pytest.fixture
def cloudwatch(aws_in_each_protocol: Aws) -> Any:
    """A client of an engine that two functions and a queue have told of themselves."""
    client = aws_in_each_protocol("cloudwatch")
    for namespace, name, dimensions, value in (
        ("App", "Errors", {"Function": "pay"}, 3.0),
        ("App", "Errors", {"Function": "ship"}, 5.0),
        ("App", "Calls", {"Function": "pay"}, 30.0),
        ("App", "Errors", {"Function": "pay", "Stage": "prod"}, 7.0),
    ):
        data = {
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
            "Timestamp": NOON_S,
            "Value": value,
        }
        client.put_metric_data(Namespace=namespace, MetricData=[data])
    return client


def _get(cloudwatch: Any, *queries: dict[str, Any]) -> list[tuple[str, str, list[float]]]:
    results = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=NOON_S, EndTime=NOON_S + 60
    )["MetricDataResults"]
    return [(result["Id"], result["Label"], result["Values"]) for result in results]


def test_a_search_answers_one_series_for_each_metric_found(cloudwatch: Any) -> None:
    """The Id comes again; labels say what tells the series apart; the schema is exact."""
    text = """SEARCH('{App,Function} MetricName="Errors"', 'Sum', 60)"""

    assert _get(cloudwatch, {"Id": "e1", "Expression": text}) == [
        ("e1", "pay", [3.0]),
        ("e1", "ship", [5.0]),
    ]


def test_names_that_differ_are_in_the_labels(cloudwatch: Any) -> None:
    """After the dimension values."""
    query = {"Id": "e1", "Expression": "SEARCH('{App,Function}', 'Sum')", "Period": 60, "Label": "all"}

    assert [label for _, label, _ in _get(cloudwatch, query)] == [
        "all pay Calls",
        "all pay Errors",
        "all ship Errors",
    ]


def test_what_is_found_can_be_reckoned_with(cloudwatch: Any) -> None:
    """Within its own expression, and through its Id."""
    search = {"Id": "e1", "Expression": "SEARCH('{App,Function} Errors', 'Sum', 60)", "ReturnData": False}

    assert _get(cloudwatch, search, {"Id": "e2", "Expression": "SUM(e1) * 10"}) == [("e2", "e2", [80.0])]
    assert _get(cloudwatch, {"Id": "e3", "Expression": "MAX(SEARCH('errors prod', 'Sum', 60))"}) == [
        ("e3", "e3", [7.0])
    ]


def test_a_search_that_finds_nothing_answers_nothing(cloudwatch: Any) -> None:
    """No series, and no fault."""
    assert _get(cloudwatch, {"Id": "e1", "Expression": "SEARCH('{App,Function} nobody', 'Sum', 60)"}) == []


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        (
            "SEARCH('errors', 'Sum')",
            "Period is a required field when using SEARCH function within an expression",
        ),
        ("SEARCH('errors', 'Sum', 45)", "must be a value in the set"),
        ("SEARCH('errors', 'Sum', 1e400)", "expected a number within the range of a double"),
        ("SEARCH('errors', 'Sum', 0.5)", "the period 0.5 is no whole number of seconds"),
        ("SEARCH('errors', 'Sums', 60)", "'Sums' is not a valid statistic"),
        ("SEARCH('(errors', 'Sum', 60)", 'expected ")" at column 8 of the search'),
        ("SEARCH('errors')", "SEARCH takes a search and a statistic in quotes"),
    ],
)
def test_a_search_that_cannot_be_made_says_why(cloudwatch: Any, expression: str, problem: str) -> None:
    """As a ValidationError that names the query."""
    with pytest.raises(ClientError) as refused:
        _get(cloudwatch, {"Id": "e1", "Expression": expression})

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].startswith("Error in expression 'e1': ")
    assert problem in error["Message"]


def test_alarms_do_not_search(cloudwatch: Any) -> None:
    """In AWS's words."""
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_metric_alarm(
            AlarmName="a",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Threshold=1,
            Metrics=[{"Id": "e1", "Expression": "SUM(SEARCH('{App,Function} Errors', 'Sum', 60))"}],
        )

    assert refused.value.response["Error"]["Message"] == "SEARCH is not supported on Metric Alarms."
