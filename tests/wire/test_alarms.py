"""Alarms through the wire: put, evaluated on the minute, told, described, remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
Advance = Callable[[int], None]

NOON_S = 1_795_521_600


@pytest.fixture
def aws(aws_in_each_protocol: Aws) -> Aws:
    """Every test here runs once in each protocol."""
    return aws_in_each_protocol


SLOW = {
    "AlarmName": "slow",
    "Namespace": "NS",
    "MetricName": "Latency",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 2_000.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


def _latency(aws: Aws, seconds_after_noon: int, value: float, name: str = "Latency") -> None:
    aws("cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[{"MetricName": name, "Timestamp": NOON_S + seconds_after_noon, "Value": value}],
    )


def _alarm(aws: Aws, name: str = "slow") -> dict[str, Any]:
    described: dict[str, Any] = aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return described


def test_a_new_alarm_is_unchecked(aws: Aws) -> None:
    """INSUFFICIENT_DATA, and what was not given stays absent."""
    aws("cloudwatch").put_metric_alarm(**SLOW)

    alarm = _alarm(aws)

    assert (alarm["StateValue"], alarm["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    assert alarm["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow"
    assert alarm["Threshold"] == 2_000.0
    assert not alarm.keys() & {"DatapointsToAlarm", "Unit", "ExtendedStatistic", "Metrics", "StateReasonData"}


def test_a_minute_is_looked_at_ten_seconds_after_its_end(aws: Aws, advance: Advance) -> None:
    """Not at its end: late data get ten seconds."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _latency(aws, 30, 3_500.0)

    advance(69)
    before = _alarm(aws)["StateValue"]
    advance(1)
    after = _alarm(aws)

    assert before == "OK"  # the round at 12:00:10 saw the empty minute before noon
    assert after["StateValue"] == "ALARM"
    assert after["StateReason"] == (
        "Threshold Crossed: 1 datapoint [3500.0 (24/11/26 12:00:00)] was greater than the threshold (2000.0)."
    )
    assert after["StateUpdatedTimestamp"].timestamp() == NOON_S + 70
    assert json.loads(after["StateReasonData"])["evaluatedDatapoints"] == [
        {"timestamp": "2026-11-24T12:00:00.000+0000", "sampleCount": 1.0, "value": 3500.0}
    ]


def test_an_unchanged_evaluation_moves_nothing(aws: Aws, advance: Advance) -> None:
    """Reason and timestamps stay those of the transition."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _latency(aws, 30, 3_500.0)
    _latency(aws, 90, 4_500.0)
    advance(70)
    first = _alarm(aws)

    advance(60)

    assert _alarm(aws) == first


def test_m_of_n_alarms_on_the_second_bad_minute_of_three(aws: Aws, advance: Advance) -> None:
    """2 of 3, a good minute between."""
    aws("cloudwatch").put_metric_alarm(**{**SLOW, "EvaluationPeriods": 3, "DatapointsToAlarm": 2})
    for at, value in ((10, 3_000.0), (70, 100.0), (130, 2_500.0)):
        _latency(aws, at, value)
    states = []

    for _ in range(4):
        advance(60 if states else 70)
        states.append(_alarm(aws)["StateValue"])

    assert states == ["OK", "OK", "ALARM", "ALARM"]
    assert _alarm(aws)["StateReason"] == (
        "Threshold Crossed: 2 out of the last 3 datapoints [2500.0 (24/11/26 12:02:00), "
        "3000.0 (24/11/26 12:00:00)] were greater than the threshold (2000.0) (minimum 2 datapoints for "
        "OK -> ALARM transition)."
    )


def test_a_percentile_alarm_watches_the_histograms_p99(aws: Aws, advance: Advance) -> None:
    """99 fast and 1 slow inference: p99 is still fast."""
    aws("cloudwatch").put_metric_alarm(
        **{name: value for name, value in SLOW.items() if name != "Statistic"}, ExtendedStatistic="p99"
    )
    aws("cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[
            {"MetricName": "Latency", "Timestamp": NOON_S, "Values": [100.0, 9_000.0], "Counts": [99.0, 1.0]},
            {
                "MetricName": "Latency",
                "Timestamp": NOON_S + 60,
                "Values": [100.0, 9_000.0],
                "Counts": [95.0, 5.0],
            },
        ],
    )

    advance(70)
    calm = _alarm(aws)
    advance(60)
    slow = _alarm(aws)

    assert (calm["StateValue"], slow["StateValue"]) == ("OK", "ALARM")
    assert slow["ExtendedStatistic"] == "p99"
    assert "Statistic" not in slow


ERROR_RATE = {
    "AlarmName": "errors",
    "EvaluationPeriods": 1,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "Metrics": [
        {
            "Id": "errors",
            "MetricStat": {
                "Metric": {"Namespace": "NS", "MetricName": "Errors"},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        },
        {
            "Id": "requests",
            "MetricStat": {
                "Metric": {"Namespace": "NS", "MetricName": "Requests"},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        },
        {"Id": "e1", "Expression": "100 * errors / requests", "Label": "error rate"},
    ],
}


def test_a_math_alarm_watches_its_expression(aws: Aws, advance: Advance) -> None:
    """Three of twelve requests failed: 25 %."""
    aws("cloudwatch").put_metric_alarm(**ERROR_RATE)
    _latency(aws, 30, 3.0, name="Errors")
    _latency(aws, 30, 12.0, name="Requests")

    advance(70)

    alarm = _alarm(aws, "errors")
    assert alarm["StateReason"] == (
        "Threshold Crossed: 1 datapoint [25.0 (24/11/26 12:00:00)] was greater than the threshold (5.0)."
    )
    assert [query["Id"] for query in alarm["Metrics"]] == ["errors", "requests", "e1"]
    assert "Statistic" not in json.loads(alarm["StateReasonData"])


def test_a_math_alarm_may_use_functions(aws: Aws, advance: Advance) -> None:
    """Rare errors count only where there is traffic; a minute without errors counts as none."""
    guarded = {"Id": "e1", "Expression": "IF(requests > 10, 100 * FILL(errors, 0) / requests, 0)"}
    aws("cloudwatch").put_metric_alarm(**{**ERROR_RATE, "Metrics": [*ERROR_RATE["Metrics"][:2], guarded]})
    _latency(aws, 30, 12.0, name="Requests")

    advance(70)
    quiet = _alarm(aws, "errors")["StateReason"]
    _latency(aws, 90, 3.0, name="Errors")
    _latency(aws, 90, 12.0, name="Requests")
    advance(60)

    assert quiet == (
        "Threshold Crossed: 1 datapoint [0.0 (24/11/26 12:00:00)] was not greater than the threshold (5.0)."
    )
    assert _alarm(aws, "errors")["StateReason"] == (
        "Threshold Crossed: 1 datapoint [25.0 (24/11/26 12:01:00)] was greater than the threshold (5.0)."
    )


def test_a_math_alarm_on_an_array_is_refused(aws: Aws) -> None:
    """It watches one time series."""
    array = {"Id": "e1", "Expression": "[errors, requests]"}

    with pytest.raises(ClientError, match="an alarm watches one time series"):
        aws("cloudwatch").put_metric_alarm(**{**ERROR_RATE, "Metrics": [*ERROR_RATE["Metrics"][:2], array]})


def test_an_identical_put_changes_nothing(aws: Aws, advance: Advance) -> None:
    """No history, and the configuration keeps its time."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW)
    first = _alarm(aws)
    advance(5)

    cloudwatch.put_metric_alarm(**SLOW)

    assert _alarm(aws) == first
    assert len(cloudwatch.describe_alarm_history(AlarmName="slow")["AlarmHistoryItems"]) == 1


def test_an_update_keeps_the_state(aws: Aws, advance: Advance) -> None:
    """Until the next evaluation."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW)
    _latency(aws, 30, 3_500.0)
    advance(70)

    cloudwatch.put_metric_alarm(**{**SLOW, "Threshold": 9_000.0})
    updated = _alarm(aws)["StateValue"]
    advance(60)

    assert (updated, _alarm(aws)["StateValue"]) == ("ALARM", "OK")


def test_a_state_set_by_hand_lasts_until_the_next_round(aws: Aws, advance: Advance) -> None:
    """Setting the state it is in does nothing at all."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW)
    cloudwatch.set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="a drill")
    cloudwatch.set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="another")
    held = _alarm(aws)

    advance(10)

    assert (held["StateValue"], held["StateReason"]) == ("ALARM", "a drill")
    assert _alarm(aws)["StateValue"] == "OK"


def test_history_tells_what_happened_newest_first(aws: Aws, advance: Advance) -> None:
    """Creation, transition, deletion; HistoryData as recorded."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW)
    advance(10)
    cloudwatch.delete_alarms(AlarmNames=["slow", "unknown"])

    items = cloudwatch.describe_alarm_history()["AlarmHistoryItems"]

    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("ConfigurationUpdate", 'Alarm "slow" deleted'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to OK"),
        ("ConfigurationUpdate", 'Alarm "slow" created'),
    ]
    changed = json.loads(items[1]["HistoryData"])
    assert changed["oldState"] == {
        "stateValue": "INSUFFICIENT_DATA",
        "stateReason": "Unchecked: Initial alarm creation",
    }
    assert changed["newState"]["stateReasonData"]["version"] == "1.0"


def test_history_pages(aws: Aws, advance: Advance) -> None:
    """Every item once."""
    cloudwatch = aws("cloudwatch")
    for threshold in range(7):
        cloudwatch.put_metric_alarm(**{**SLOW, "Threshold": float(threshold)})

    pages = list(
        cloudwatch.get_paginator("describe_alarm_history").paginate(PaginationConfig={"PageSize": 3})
    )

    assert [len(page["AlarmHistoryItems"]) for page in pages] == [3, 3, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Period": 45}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"EvaluationPeriods": 1_441}, "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) for alarms using period < 3600"),
        ({"Period": 3_600, "EvaluationPeriods": 169}, "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) for alarms using period >= 3600"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        ({"TreatMissingData": "sometimes"}, "Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing."),
        ({"AlarmActions": ["not-an-arn"]}, "Invalid arn syntax: not-an-arn"),
        ({"AlarmName": "a\tb"}, "AlarmName must not contain ASCII Control characters"),
        ({"ExtendedStatistic": "p99"}, "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. Only one of them should be present"),
        ({"Statistic": None}, "PutMetricAlarm request should have a Statistic parameter"),
        ({"Threshold": None}, "PutMetricAlarm request should have valid Threshold parameter"),
        ({"ComparisonOperator": None}, "PutMetricAlarm request should have a valid ComparisonOperator parameter"),
        ({"EvaluationPeriods": None}, "PutMetricAlarm request should have an EvaluationPeriods parameter"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, "Option evaluateLowSampleCountPercentile can not be applied with statistic Maximum. This option is enabled only for percentile statistics."),
        ({"EvaluateLowSampleCountPercentile": "maybe"}, "Supported options for EvaluateLowSampleCountPercentile are evaluate and ignore."),
    ],
)  # fmt: skip
def test_an_alarm_aws_would_refuse_is_refused_in_its_words(
    aws: Aws, change: dict[str, Any], message: str
) -> None:
    """And nothing is stored."""
    given = {name: value for name, value in {**SLOW, **change}.items() if value is not None}

    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").put_metric_alarm(**given)

    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", message)
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"EvaluationCriteria": {"PromQLCriteria": {"Query": "up"}}, "EvaluationInterval": 60},
            "the parameter EvaluationCriteria of PutMetricAlarm",
        ),
        ({"EvaluationInterval": 60}, "the parameter EvaluationInterval of PutMetricAlarm"),
        (
            {"ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": True}}},
            "the parameter ActionConfiguration of PutMetricAlarm",
        ),
    ],
)
def test_an_alarm_we_cannot_watch_is_refused_by_name(aws: Aws, change: dict[str, Any], message: str) -> None:
    """AWS takes it; we say that we do not."""
    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_metric_alarm(**{**SLOW, **change})


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ([{**ERROR_RATE["Metrics"][2], "Expression": "1"}], "At least one of Metrics has a MetricStat"),
        ([*ERROR_RATE["Metrics"][:2]], "Exactly one query of an alarm has ReturnData true"),
        ([*ERROR_RATE["Metrics"], {"Id": "e2", "Expression": "e1"}], "Exactly one query of an alarm"),
    ],
)  # type: ignore[index]
def test_a_math_alarm_returns_exactly_one_series(aws: Aws, metrics: list[Any], message: str) -> None:
    """Of metrics, through expressions."""
    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_metric_alarm(**{**ERROR_RATE, "Metrics": metrics})


def test_low_samples_are_refused_by_name_on_an_expression(aws: Aws) -> None:
    """It has no samples; of a metric among Metrics there are, and a percentile of it is taken."""
    *metrics, _ = ERROR_RATE["Metrics"]
    stat = {**metrics[0]["MetricStat"], "Stat": "p99"}
    option = {"EvaluateLowSampleCountPercentile": "ignore"}

    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").put_metric_alarm(**{**ERROR_RATE, **option})
    aws("cloudwatch").put_metric_alarm(
        **{**ERROR_RATE, **option, "AlarmName": "p99", "Metrics": [{"Id": "m", "MetricStat": stat}]}
    )

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"] == (
        "inferwatch does not support EvaluateLowSampleCountPercentile on a math alarm yet"
    )
    (alarm,) = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["AlarmName"], alarm["EvaluateLowSampleCountPercentile"]) == ("p99", "ignore")


@pytest.mark.parametrize("expression", ["e * 1e400", "e + 1e400"])
def test_an_expression_with_a_number_beyond_all_is_refused(aws: Aws, expression: str) -> None:
    """Such an alarm would never have a datapoint."""
    *metrics, _ = ERROR_RATE["Metrics"]
    watched = {"Id": "x", "Expression": expression.replace("e", metrics[0]["Id"], 1), "ReturnData": True}

    with pytest.raises(ClientError, match="Error in expression 'x': expected a number within the range"):
        aws("cloudwatch").put_metric_alarm(**{**ERROR_RATE, "Metrics": [*metrics, watched]})

    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize("threshold", [float("inf"), float("-inf"), float("nan")])
def test_a_threshold_beyond_all_is_refused(aws: Aws, threshold: float) -> None:
    """In AWS's words for one that is not there."""
    with pytest.raises(ClientError, match="PutMetricAlarm request should have valid Threshold parameter"):
        aws("cloudwatch").put_metric_alarm(**{**SLOW, "Threshold": threshold})


def test_unknown_alarms_and_states_are_refused_as_recorded(aws: Aws) -> None:
    """SetAlarmState's two errors."""
    cloudwatch = aws("cloudwatch")

    with pytest.raises(ClientError) as unknown:
        cloudwatch.set_alarm_state(AlarmName="x", StateValue="OK", StateReason="r")
    with pytest.raises(ClientError) as bad:
        cloudwatch.set_alarm_state(AlarmName="x", StateValue="INVALID", StateReason="r")

    assert unknown.value.response["Error"]["Code"] == "ResourceNotFound"
    assert bad.value.response["Error"]["Message"] == (
        "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member "
        "must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
    )


def test_alarms_are_found_by_prefix_state_and_metric(aws: Aws, advance: Advance) -> None:
    """DescribeAlarms' filters, and DescribeAlarmsForMetric."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW)
    cloudwatch.put_metric_alarm(**{**SLOW, "AlarmName": "slower", "MetricName": "Other"})
    advance(10)
    cloudwatch.set_alarm_state(AlarmName="slower", StateValue="ALARM", StateReason="r")

    def names(answer: dict[str, Any]) -> list[str]:
        return [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]

    assert names(cloudwatch.describe_alarms(AlarmNamePrefix="slow")) == ["slow", "slower"]
    assert names(cloudwatch.describe_alarms(StateValue="ALARM")) == ["slower"]
    assert names(cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])) == []
    assert names(cloudwatch.describe_alarms_for_metric(Namespace="NS", MetricName="Latency")) == ["slow"]


def test_tags_of_an_alarm_are_kept_and_those_of_a_deleted_one_are_none(aws: Aws) -> None:
    """As Terraform and Pulumi read them after each create."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW, Tags=[{"Key": "team", "Value": "ml"}])
    arn = _alarm(aws)["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "env", "Value": "dev"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["team"])
    kept = cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]

    cloudwatch.delete_alarms(AlarmNames=["slow"])

    assert kept == [{"Key": "env", "Value": "dev"}]
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_a_long_sleep_is_made_up_minute_by_minute(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """A laptop that slept an hour evaluates every minute of it, each at its own moment."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _latency(aws, 30, 3_500.0)

    advance(3_600)

    summaries = [item.summary for item in cloud.engine("us-east-1").alarms.history()]
    assert summaries == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
        'Alarm "slow" created',
    ]
