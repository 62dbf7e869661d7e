"""Dynamic labels through GetMetricData, in each protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
NOON_S = 1_795_521_600


@pytest.fixture
def cloudwatch(aws_in_each_protocol: Aws) -> Any:
    """A client of an engine that two models have told of three calls each."""
    client = aws_in_each_protocol("cloudwatch")
    for model, values in (("small", [4.0, 1.5, 10.0]), ("large", [20.0, 30.0, 25.0])):
        client.put_metric_data(
            Namespace="LLM",
            MetricData=[
                {
                    "MetricName": "Latency",
                    "Dimensions": [{"Name": "Model", "Value": model}],
                    "Timestamp": NOON_S + 60 * minute,
                    "Value": value,
                }
                for minute, value in enumerate(values)
            ],
        )
    return client


def _metric(query_id: str, model: str, **more: Any) -> dict[str, Any]:
    metric = {
        "Namespace": "LLM",
        "MetricName": "Latency",
        "Dimensions": [{"Name": "Model", "Value": model}],
    }
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p90"}, **more}


def _labels(cloudwatch: Any, *queries: dict[str, Any], **more: Any) -> list[str]:
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=NOON_S, EndTime=NOON_S + 180, **more
    )
    return [result["Label"] for result in answer["MetricDataResults"]]


def test_a_label_shows_figures_and_properties_of_its_metric(cloudwatch: Any) -> None:
    """Each from the values of the answer."""
    figures = _metric("a", "small", Label="max ${MAX} at ${MAX_TIME}, of ${DATAPOINT_COUNT}")
    who = _metric(
        "b",
        "large",
        Label="${PROP('Dim.Model')} ${PROP('Stat')} ${PROP('Period')} ${PROP('Region')} ${PROP('AccountId')} "
        "${PROP('Dim.Zone')}",
    )

    assert _labels(cloudwatch, figures, who) == [
        "max 10 at 2026-11-24 12:02:00, of 3",
        "large p90 60 us-east-1 123456789012 --",
    ]


def test_times_are_those_of_the_zone_asked_for(cloudwatch: Any) -> None:
    """UTC, without one."""
    query = _metric("a", "small", Label="${MIN_TIME}")

    assert _labels(cloudwatch, query) == ["2026-11-24 12:01:00"]
    assert _labels(cloudwatch, query, LabelOptions={"Timezone": "-0330"}) == ["2026-11-24 08:31:00"]


def test_a_default_tells_metrics_apart_within_a_label_too(cloudwatch: Any) -> None:
    """A query whose label shows its default competes; one with words of its own does not."""
    queries = [_metric("a", "small", Label="${LABEL}: ${LAST}"), _metric("b", "large", Label="${LABEL}")]

    assert _labels(cloudwatch, *queries) == ["Latency small: 10", "Latency large"]
    assert _labels(cloudwatch, queries[0], _metric("b", "large", Label="x")) == ["Latency: 10", "x"]


def test_a_label_of_a_search_is_that_of_each_metric_found(cloudwatch: Any) -> None:
    """Its default comes after the label, unless the label says where."""
    search = {"Id": "e", "Expression": "SEARCH('{LLM,Model} Latency', 'Maximum', 60)"}

    assert _labels(cloudwatch, {**search, "Label": "[max: ${MAX} of ${LABEL}]"}) == [
        "[max: 30 of large]",
        "[max: 10 of small]",
    ]
    assert _labels(cloudwatch, {**search, "Label": "${PROP('MetricName')}"}) == [
        "Latency large",
        "Latency small",
    ]


def test_what_functions_choose_of_a_search_keeps_its_properties(cloudwatch: Any) -> None:
    """And so does what they do to its points; the figures are of the result."""
    expression = "SORT(SEARCH('{LLM,Model} Latency', 'Maximum', 60) * 10, MAX, ASC)"
    query = {"Id": "e", "Expression": expression, "Label": "${LABEL} ${PROP('Dim.Model')} ${SUM}"}

    assert _labels(cloudwatch, query) == ["small small 155", "large large 750"]


def test_the_members_of_an_array_have_their_own_labels(cloudwatch: Any) -> None:
    """Hidden queries too; the array's is before it."""
    hidden = [
        _metric("a", "small", Label="${PROP('Dim.Model')} ${MAX}", ReturnData=False),
        _metric("b", "large", ReturnData=False),
    ]
    query = {"Id": "e", "Expression": "METRICS()", "Label": "both ${DATAPOINT_COUNT}"}

    assert _labels(cloudwatch, *hidden, query) == ["both 3 small 10", "both 3 Latency"]


def test_the_result_of_an_expression_has_figures_and_no_properties(cloudwatch: Any) -> None:
    """Its default is its Id."""
    query = {"Id": "e", "Expression": "a * 2", "Label": "${LABEL} ${MAX} ${PROP('Dim.Model')}"}

    assert _labels(cloudwatch, _metric("a", "small", ReturnData=False), query) == ["e 20 --"]


def test_a_group_of_metrics_insights_has_figures_and_its_default(cloudwatch: Any) -> None:
    """As series of arrays have."""
    query = {
        "Id": "q",
        "Expression": "SELECT MAX(Latency) FROM LLM GROUP BY Model",
        "Period": 60,
        "Label": "${LABEL} ${MAX} ${PROP('MetricName')}",
    }

    assert _labels(cloudwatch, query) == ["large 30 --", "small 10 --"]


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("a ${FOO}", "unknown dynamic value '${FOO}' at column 3"),
        ("${LABEL}${LABEL}", "a second ${LABEL} at column 9"),
    ],
)
def test_a_label_that_cannot_be_understood_is_refused(cloudwatch: Any, label: str, problem: str) -> None:
    """By name, as a ValidationError."""
    with pytest.raises(ClientError) as refused:
        _labels(cloudwatch, _metric("a", "small", Label=label))

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"] == f"Error in label 'a': {problem}"


def test_what_is_no_time_zone_is_refused(cloudwatch: Any) -> None:
    """A name of the database, too."""
    with pytest.raises(ClientError) as refused:
        _labels(cloudwatch, _metric("a", "small"), LabelOptions={"Timezone": "Europe/Paris"})

    assert refused.value.response["Error"]["Message"] == (
        "The value Europe/Paris for parameter LabelOptions.Timezone must be + or - and four digits, as +0130."
    )


def test_an_alarm_keeps_its_label_as_it_was_put(cloudwatch: Any) -> None:
    """Nothing is filled in there; what is no label is refused there too."""
    alarm = {
        "AlarmName": "a",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
    }

    cloudwatch.put_metric_alarm(**alarm, Metrics=[_metric("m", "small", Label="${LABEL} ${MAX}")])

    (put,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert put["Metrics"][0]["Label"] == "${LABEL} ${MAX}"
    with pytest.raises(ClientError, match="unknown dynamic value"):
        cloudwatch.put_metric_alarm(**alarm, Metrics=[_metric("m", "small", Label="${X}")])
