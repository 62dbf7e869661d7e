"""Alarms whose threshold is an anomaly detection band."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.engine.metrics.store import Metric

Aws = Callable[[str], Any]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600
SCALING = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/a:policyName/b"
STAT = {"Metric": {"Namespace": "NS", "MetricName": "Latency"}, "Period": 60, "Stat": "Average"}
M1 = {"Id": "m1", "MetricStat": STAT, "ReturnData": True}
AD1 = {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True}
UNUSUAL = {
    "AlarmName": "unusual",
    "Metrics": [M1, AD1],
    "ThresholdMetricId": "ad1",
    "EvaluationPeriods": 1,
    "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    "TreatMissingData": "ignore",
}
STATIC = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0}


@pytest.fixture
def hour(cloud: Cloud) -> None:
    """One value a minute before noon: 94 … 106, four times; its band is 100 ± 7.5."""
    for minute in range(52):
        _minute(cloud, minute - 52, float(94 + minute % 13))


def _minute(cloud: Cloud, minute: int, value: float) -> None:
    metric = Metric.of("NS", "Latency", {})
    cloud.engine("us-east-1").metrics.add(metric, (NOON_S + minute * 60) * 1_000, value, "Milliseconds")


def _alarm(aws: Aws) -> dict[str, Any]:
    (alarm,) = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    found: dict[str, Any] = alarm
    return found


@pytest.mark.usefixtures("hour")
@pytest.mark.parametrize(
    ("operator", "value", "state"),
    [
        ("LessThanLowerOrGreaterThanUpperThreshold", 100.0, "OK"),
        ("LessThanLowerOrGreaterThanUpperThreshold", 120.0, "ALARM"),
        ("LessThanLowerOrGreaterThanUpperThreshold", 80.0, "ALARM"),
        ("GreaterThanUpperThreshold", 120.0, "ALARM"),
        ("GreaterThanUpperThreshold", 80.0, "OK"),
        ("LessThanLowerThreshold", 120.0, "OK"),
        ("LessThanLowerThreshold", 80.0, "ALARM"),
    ],
)
def test_a_band_may_be_left_on_either_side_or_both(
    aws: Aws, cloud: Cloud, advance: Advance, operator: str, value: float, state: str
) -> None:
    """The three operators that bands have."""
    aws("cloudwatch").put_metric_alarm(**{**UNUSUAL, "ComparisonOperator": operator})
    _minute(cloud, 0, value)

    advance(70)

    assert _alarm(aws)["StateValue"] == state


@pytest.mark.usefixtures("hour")
@pytest.mark.parametrize(
    ("operator", "said"),
    [
        ("LessThanLowerThreshold", "was not less than the lower thresholds [92.5"),
        ("GreaterThanUpperThreshold", "was not greater than the upper thresholds [107.4"),
    ],
)
def test_one_side_is_said_alone(aws: Aws, cloud: Cloud, advance: Advance, operator: str, said: str) -> None:
    """By analogy with the recorded sentence about both."""
    aws("cloudwatch").put_metric_alarm(**{**UNUSUAL, "ComparisonOperator": operator})
    _minute(cloud, 0, 100.0)

    advance(70)

    assert said in _alarm(aws)["StateReason"]


@pytest.mark.usefixtures("hour")
def test_every_datapoint_has_the_edges_of_its_own_moment(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Newest first in words, oldest first in data; there a period without data has edges too."""
    aws("cloudwatch").put_metric_alarm(**{**UNUSUAL, "EvaluationPeriods": 3, "DatapointsToAlarm": 2})
    _minute(cloud, 0, 120.0)
    _minute(cloud, 2, 130.0)

    advance(190)

    alarm = _alarm(aws)
    assert alarm["StateReason"].startswith(
        "Thresholds Crossed: 2 out of the last 3 datapoints [130.0 (24/11/26 12:02:00), 120.0 (24/11/26 12:00:00)] "
        "were less than the lower thresholds [92.51"
    )
    data = json.loads(alarm["StateReasonData"])
    assert data["recentDatapoints"] == [120.0, None, 130.0]
    assert data["recentLowerThresholds"] == pytest.approx([92.5115] * 3)
    assert data["recentUpperThresholds"] == pytest.approx([107.4885] * 3)


def test_an_alarm_waits_until_there_is_a_band(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Without history no datapoint counts; with an hour of it the alarm begins."""
    aws("cloudwatch").put_metric_alarm(**{**UNUSUAL, "TreatMissingData": "missing"})
    for minute in range(62):
        _minute(cloud, minute, 100.0 if minute < 61 else 900.0)

    advance(3_000)
    early = _alarm(aws)["StateValue"]
    advance(610 + 120)

    assert early == "INSUFFICIENT_DATA"
    assert _alarm(aws)["StateValue"] == "ALARM"


def test_a_band_alarm_is_described_as_it_was_put(aws: Aws) -> None:
    """With the band's id, and without a threshold; the history says the same."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**UNUSUAL)

    alarm = _alarm(aws)

    assert alarm["ThresholdMetricId"] == "ad1"
    assert "Threshold" not in alarm
    assert [(query["Id"], query["ReturnData"]) for query in alarm["Metrics"]] == [("m1", True), ("ad1", True)]
    (item,) = cloudwatch.describe_alarm_history()["AlarmHistoryItems"]
    created = json.loads(item["HistoryData"])["createdAlarm"]
    assert created["thresholdMetricId"] == "ad1"
    assert "threshold" not in created


@pytest.mark.usefixtures("hour")
def test_a_band_alarm_makes_its_detector_itself(aws: Aws, advance: Advance) -> None:
    """And makes it again where it was deleted, by its next evaluation."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**UNUSUAL)
    (made,) = cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]

    cloudwatch.delete_anomaly_detector(AnomalyDetectorId=made["AnomalyDetectorId"])
    advance(70)

    (again,) = cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]
    assert made["SingleMetricAnomalyDetector"] == {
        "Namespace": "NS",
        "MetricName": "Latency",
        "Stat": "Average",
        "Dimensions": [],
    }
    assert again["AnomalyDetectorId"] == made["AnomalyDetectorId"]


@pytest.mark.usefixtures("hour")
def test_an_alarm_on_an_expression_has_a_band_of_the_expression(
    aws: Aws, cloud: Cloud, advance: Advance
) -> None:
    """Its detector is one of metric math."""
    aws("cloudwatch").put_metric_alarm(
        **{
            **UNUSUAL,
            "Metrics": [
                {**M1, "ReturnData": False},
                {"Id": "e1", "Expression": "m1 / 10", "ReturnData": True},
                {**AD1, "Expression": "ANOMALY_DETECTION_BAND(e1)"},
            ],
        }
    )
    _minute(cloud, 0, 120.0)

    advance(70)

    assert "[12.0 (24/11/26 12:00:00)]" in _alarm(aws)["StateReason"]
    found = aws("cloudwatch").describe_anomaly_detectors(AnomalyDetectorTypes=["METRIC_MATH"])
    assert len(found["AnomalyDetectors"]) == 1


@pytest.mark.usefixtures("hour")
def test_a_notification_names_the_band(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Where others have their threshold."""
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/")
    aws("cloudwatch").put_metric_alarm(**UNUSUAL, AlarmActions=[topic])
    _minute(cloud, 0, 120.0)

    advance(70)

    (item,) = aws("cloudwatch").describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"]
    published = json.loads(json.loads(item["HistoryData"])["publishedMessage"])
    trigger = json.loads(published["default"])["Trigger"]
    assert list(trigger) == [
        "Period",
        "EvaluationPeriods",
        "ComparisonOperator",
        "ThresholdMetricId",
        "TreatMissingData",
        "EvaluateLowSampleCountPercentile",
        "Metrics",
    ]
    assert trigger["ThresholdMetricId"] == "ad1"
    assert "LessThanLowerOrGreaterThanUpperThreshold ad1" in published["email"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ThresholdMetricId": None}, "ComparisonOperators for ranges require ThresholdMetricId to be set"),
        (
            {"ThresholdMetricId": "m1"},
            "Threshold metric expression must use ANOMALY_DETECTION_BAND function.",
        ),
        ({"ThresholdMetricId": "x"}, "Threshold metric expression must use ANOMALY_DETECTION_BAND function."),
        ({"Threshold": 5.0}, "Threshold should not be set if ThresholdMetricId is set"),
        (STATIC, "ThresholdMetricId should be set for ComparisonOperators for ranges only"),
        (
            {"Metrics": [M1, {**AD1, "ReturnData": False}]},
            "A band alarm has ReturnData true for its metric and for its band",
        ),
        (
            {"Metrics": [{**M1, "ReturnData": False}, AD1]},
            "Exactly one query of an alarm has ReturnData true",
        ),
        ({**STATIC, "ThresholdMetricId": None}, "Exactly one query of an alarm has ReturnData true"),
        (
            {"AlarmActions": [SCALING]},
            "Auto Scaling actions are not supported on alarms with a ThresholdMetricId",
        ),
        (
            {"Metrics": [M1, {**AD1, "Expression": "ANOMALY_DETECTION_BAND(m1, -1)"}]},
            "takes a number of standard deviations|takes the id of one time series",
        ),
    ],
)
def test_a_band_alarm_that_cannot_be_is_refused(aws: Aws, change: dict[str, Any], message: str) -> None:
    """In AWS's words where they were posted."""
    given = {name: value for name, value in {**UNUSUAL, **change}.items() if value is not None}

    with pytest.raises(ClientError, match=message) as refused:
        aws("cloudwatch").put_metric_alarm(**given)

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_a_single_metric_has_no_band_without_queries(aws: Aws) -> None:
    """A band is a query."""
    with pytest.raises(ClientError, match="ThresholdMetricId should be set with a list of Metrics only"):
        aws("cloudwatch").put_metric_alarm(
            AlarmName="a",
            Namespace="NS",
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            ThresholdMetricId="ad1",
            ComparisonOperator="LessThanLowerThreshold",
        )
