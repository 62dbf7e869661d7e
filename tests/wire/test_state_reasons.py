"""Every recorded StateReason, put together from metrics that an alarm looks at, by the public API alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

Vectors = Callable[[str], list[dict[str, Any]]]
PERIODS_S = {"mofn-alarm": 20, "mofn-ok-more-than-minimum": 300, "plain-alarm-3": 180, "plain-ok-3": 300}
STATES = ("OK", "ALARM")


class Aws:
    """An engine whose clock stands anywhere, and what alarms look at in it."""

    def __init__(self, at_s: int) -> None:
        self.clock = ManualClock(at_s * 1_000)
        numbers = count()
        self.cloud = Cloud(self.clock, account_id="123456789012", new_id=lambda: f"id-{next(numbers)}")
        self.cloudwatch = client(self.cloud, "cloudwatch")

    def put(self, points: dict[int, float], **more: Any) -> None:
        """One value for each epoch second; each comes in at its own time."""
        for at_s, value in sorted(points.items()):
            datum = {"MetricName": "m", "Timestamp": at_s, "Value": value, "StorageResolution": 1}
            self.cloudwatch.put_metric_data(Namespace="NS", MetricData=[datum | more])

    def evaluate(self, at_s: int) -> dict[str, Any]:
        """The alarm after the round of that moment, and of no other."""
        self.clock.move_to(at_s * 1_000)
        self.cloud.run_due()
        found = self.cloudwatch.describe_alarms()["MetricAlarms"]
        assert len(found) == 1
        alarm: dict[str, Any] = found[0]
        return alarm


def _seconds(text: str) -> int:
    return int(datetime.strptime(f"{text} +0000", "%d/%m/%y %H:%M:%S %z").timestamp())


def _series(case: dict[str, Any], period_s: int, newest_s: int) -> dict[int, float]:
    """The points that are listed, and in free periods as many of the other side as the case counts."""
    listed = {_seconds(at): float(value) for at, value in case["points"]}
    raises_above = case.get("op", "GreaterThanThreshold").startswith("Greater")
    is_high = raises_above != (case["state"] == "ALARM")
    other = float(case.get("threshold", 0)) + (1_000 if is_high else -1_000)
    free = (at for at in count(newest_s, -period_s) if at not in listed)
    return listed | {next(free): other for _ in range(case["N"] - case["filled"] - len(listed))}


def test_every_reason_of_a_static_threshold_comes_out_of_the_api(vectors: Vectors) -> None:
    """Fifteen of them, recorded or posted in public."""
    checked = 0
    for case in vectors("state_reason"):
        if "points" not in case:
            continue
        period_s = PERIODS_S.get(case["id"], 60)
        newest_s = _seconds(case["points"][0][0]) if case["points"] else _seconds("14/09/26 05:42:00")
        round_s = newest_s + period_s + 10
        aws = Aws(round_s - 1)
        aws.put(_series(case, period_s, newest_s))
        rule = {
            "Threshold": float(case.get("threshold", 0)),
            "ComparisonOperator": case.get("op", "GreaterThanThreshold"),
            "EvaluationPeriods": case["N"],
            "TreatMissingData": case.get("policy", "missing"),
        }
        if case.get("datapointsToAlarmSet"):
            rule["DatapointsToAlarm"] = case["M"]
        metric = {"Namespace": "NS", "MetricName": "m", "Statistic": "Average", "Period": period_s}
        aws.cloudwatch.put_metric_alarm(AlarmName="a", **metric, **rule)
        before = next(state for state in STATES if state != case["state"])
        aws.cloudwatch.set_alarm_state(AlarmName="a", StateValue=before, StateReason="before")

        alarm = aws.evaluate(round_s)

        assert (alarm["StateValue"], alarm["StateReason"]) == (case["state"], case["expect"]), case["id"]
        checked += 1
    assert checked == 15


@pytest.fixture
def expected(vectors: Vectors) -> Callable[[str], Any]:
    cases = {case["id"]: case for case in vectors("state_reason")}
    return lambda name: cases[name].get("expect") or cases[name]["expectJson"]


def test_an_alarm_begins_unchecked(expected: Callable[[str], Any]) -> None:
    """As recorded."""
    aws = Aws(_seconds("14/09/26 05:42:00"))
    aws.cloudwatch.put_metric_alarm(
        AlarmName="a",
        Namespace="NS",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )

    (alarm,) = aws.cloudwatch.describe_alarms()["MetricAlarms"]

    assert alarm["StateReason"] == expected("created")


def test_the_data_of_a_metric_alarm_is_as_recorded(expected: Callable[[str], Any]) -> None:
    """But for the moment of the query, which is ours."""
    at_s = _seconds("02/10/19 16:59:00")
    round_s = at_s + 310
    aws = Aws(round_s - 1)
    statistics = {"SampleCount": 5, "Sum": 5 * 99.50160229693434, "Minimum": 99.0, "Maximum": 100.0}
    datum = {"MetricName": "m", "Timestamp": at_s, "StatisticValues": statistics}
    aws.cloudwatch.put_metric_data(Namespace="NS", MetricData=[datum])
    aws.cloudwatch.put_metric_alarm(
        AlarmName="a",
        Namespace="NS",
        MetricName="m",
        Statistic="Average",
        Period=300,
        EvaluationPeriods=1,
        Threshold=50.0,
        ComparisonOperator="GreaterThanThreshold",
    )

    data = json.loads(aws.evaluate(round_s)["StateReasonData"])

    wanted = expected("reasondata-scalar")
    assert list(data) == list(wanted)
    assert data == {**wanted, "queryDate": "2019-10-02T17:04:10.000+0000"}


def test_the_data_of_a_math_alarm_without_points_is_as_recorded(expected: Callable[[str], Any]) -> None:
    """But for the moment of the query."""
    round_s = _seconds("14/09/26 07:58:30")
    aws = Aws(round_s - 1)
    stat = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": 10, "Stat": "Sum"}
    aws.cloudwatch.put_metric_alarm(
        AlarmName="a",
        Metrics=[
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
            {"Id": "e1", "Expression": "m1 * 2"},
        ],
        EvaluationPeriods=1,
        Threshold=10.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
    )

    data = json.loads(aws.evaluate(round_s)["StateReasonData"])

    wanted = expected("reasondata-math-empty")
    assert list(data) == list(wanted)
    assert data == {**wanted, "queryDate": "2026-09-14T07:58:30.000+0000"}


def test_a_band_that_is_left_says_its_edges(expected: Callable[[str], Any]) -> None:
    """An hour of the past is chosen so that our model expects what AWS's did."""
    at_s = _seconds("03/10/19 15:58:00")
    round_s = at_s + 70
    aws = Aws(round_s - 1)
    # Nine at the centre and three above: the lower edge is the centre's rounding, the upper its root mean square.
    past = [0.020599444782997644] * 9 + [0.26067837948892486] * 3
    aws.put({at_s - 7_200 + 60 * place: value for place, value in enumerate(past)} | {at_s: 0.0})
    stat = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": 60, "Stat": "Average"}
    aws.cloudwatch.put_metric_alarm(
        AlarmName="a",
        Metrics=[
            {"Id": "m1", "MetricStat": stat, "ReturnData": True},
            {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True},
        ],
        ThresholdMetricId="ad1",
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
        ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
    )

    alarm = aws.evaluate(round_s)

    assert alarm["StateReason"] == expected("anomaly-alarm")
    data = json.loads(alarm["StateReasonData"])
    assert list(data) == [
        "version",
        "queryDate",
        "startDate",
        "period",
        "recentDatapoints",
        "recentLowerThresholds",
        "recentUpperThresholds",
        "evaluatedDatapoints",
    ]
    assert data["recentDatapoints"] == [0.0]
    assert data["recentLowerThresholds"] == [0.020599444741798756]
    assert data["recentUpperThresholds"] == [0.3006915352732461]


def test_a_contributor_says_its_newest_datapoint(expected: Callable[[str], Any]) -> None:
    """And the alarm how many of them are in ALARM."""
    at_s = _seconds("01/12/25 13:34:00")
    round_s = at_s + 70
    aws = Aws(round_s - 1)
    aws.put({at_s: 0.0}, Dimensions=[{"Name": "TableName", "Value": "example-dynamodb-table-name"}])
    aws.cloudwatch.put_metric_alarm(
        AlarmName="a",
        Metrics=[
            {
                "Id": "m1",
                "Expression": "SELECT AVG(m) FROM NS GROUP BY TableName ORDER BY MAX() DESC",
                "Period": 60,
            }
        ],
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="LessThanThreshold",
    )

    alarm = aws.evaluate(round_s)

    (found,) = aws.cloudwatch.describe_alarm_contributors(AlarmName="a")["AlarmContributors"]
    assert found["StateReason"] == expected("contributor")
    assert found["ContributorAttributes"] == {"TableName": "example-dynamodb-table-name"}
    assert found["StateTransitionedTimestamp"] == datetime.fromtimestamp(round_s, UTC)
    assert alarm["StateReason"] == "1 out of 1 time series evaluated to ALARM"
    assert json.loads(alarm["StateReasonData"]) == {
        "version": "1.0",
        "queryDate": "2025-12-01T13:35:10.000+0000",
    }
