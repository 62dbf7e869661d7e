"""Alarms of long periods, late rounds, and alarms that fail: when they are looked at, and over what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.alarms import store
from inferwatch.engine.cloud import Cloud

Aws = Callable[[str], Any]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600
STAT = {"Metric": {"Namespace": "NS", "MetricName": "Latency"}, "Stat": "Maximum"}
RULE = {"EvaluationPeriods": 1, "Threshold": 2_000.0, "ComparisonOperator": "GreaterThanThreshold"}


def _plain(period: int) -> dict[str, Any]:
    source = {"Namespace": "NS", "MetricName": "Latency", "Statistic": "Maximum", "Period": period}
    return {"AlarmName": "a", **source, **RULE}


def _single(period: int) -> dict[str, Any]:
    return {"AlarmName": "a", "Metrics": [{"Id": "m", "MetricStat": {**STAT, "Period": period}}], **RULE}


def _math(period: int) -> dict[str, Any]:
    hidden = {"Id": "m", "MetricStat": {**STAT, "Period": period}, "ReturnData": False}
    return {"AlarmName": "a", "Metrics": [hidden, {"Id": "e", "Expression": "m * 1"}], **RULE}


def _state(aws: Aws, name: str = "a") -> str:
    return str(aws("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def _put(aws: Aws, value: float) -> None:
    aws("cloudwatch").put_metric_data(
        Namespace="NS", MetricData=[{"MetricName": "Latency", "Timestamp": NOON_S + 30, "Value": value}]
    )


@pytest.mark.parametrize("form", [_plain, _single, _math])
@pytest.mark.parametrize("period", [60, 300, 3_600])
def test_a_breach_is_seen_at_the_next_round_whatever_the_period(
    aws: Aws, advance: Advance, form: Callable[[int], dict[str, Any]], period: int
) -> None:
    """Windows slide: five-minute and hourly alarms do not wait for the wall clock's five minutes or hour."""
    aws("cloudwatch").put_metric_alarm(**form(period))
    _put(aws, 9_000.0)

    advance(70)

    assert _state(aws) == "ALARM"


def test_an_alarm_over_more_than_a_day_is_looked_at_once_an_hour(aws: Aws, advance: Advance) -> None:
    """And over complete hours only."""
    alarm = {**_plain(3_600), "EvaluationPeriods": 48, "DatapointsToAlarm": 1}
    aws("cloudwatch").put_metric_alarm(**alarm)
    _put(aws, 9_000.0)
    states = []

    for _ in range(61):
        advance(60)
        states.append(_state(aws))

    assert states[0] == "INSUFFICIENT_DATA"
    assert states[57] == "INSUFFICIENT_DATA"
    assert states[60] == "ALARM"
    reason = aws("cloudwatch").describe_alarms()["MetricAlarms"][0]["StateReason"]
    assert "9000.0 (24/11/26 12:00:00)" in reason


@pytest.mark.parametrize("expression", ["1 + 1", "other * 2"])
def test_a_math_alarm_on_a_scalar_is_refused(aws: Aws, expression: str) -> None:
    """Not even through another expression: it could never be evaluated."""
    metrics = [
        {"Id": "m", "MetricStat": {**STAT, "Period": 60}, "ReturnData": False},
        {"Id": "other", "Expression": "3", "ReturnData": False},
        {"Id": "e", "Expression": expression},
    ]

    with pytest.raises(ClientError, match="the result is a scalar"):
        aws("cloudwatch").put_metric_alarm(AlarmName="a", Metrics=metrics, **RULE)


def test_a_hidden_scalar_may_be_an_operand(aws: Aws, advance: Advance) -> None:
    """A named constant is legal."""
    metrics = [
        {"Id": "m", "MetricStat": {**STAT, "Period": 60}, "ReturnData": False},
        {"Id": "factor", "Expression": "10", "ReturnData": False},
        {"Id": "e", "Expression": "m * factor", "Period": 60},
    ]
    aws("cloudwatch").put_metric_alarm(AlarmName="a", Metrics=metrics, **RULE)
    _put(aws, 500.0)

    advance(70)

    alarm = aws("cloudwatch").describe_alarms()["MetricAlarms"][0]
    assert (alarm["StateValue"], alarm["Metrics"][2]["Period"]) == ("ALARM", 60)


def test_an_alarm_that_fails_holds_up_no_other(
    aws: Aws, advance: Advance, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said in the log; the others are evaluated, and so is the next round."""
    for name in ("a", "b"):
        aws("cloudwatch").put_metric_alarm(**{**_plain(60), "AlarmName": name})
    _put(aws, 9_000.0)
    evaluate = store.evaluate

    def fail_for_a(definition: Any, *rest: Any) -> Any:
        if definition.name == "a":
            raise RuntimeError("boom")
        return evaluate(definition, *rest)

    monkeypatch.setattr(store, "evaluate", fail_for_a)
    advance(70)
    monkeypatch.undo()
    states = (_state(aws), _state(aws, "b"))
    advance(60)

    assert states == ("INSUFFICIENT_DATA", "ALARM")
    assert "alarm a could not be evaluated" in caplog.text
    assert _state(aws) == "ALARM"


def test_the_reason_names_missing_points_where_they_decide(aws: Aws, advance: Advance) -> None:
    """One breach of two needed, and two periods without data: the data that came are not denied."""
    alarm = {**_plain(60), "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "TreatMissingData": "notBreaching"}
    aws("cloudwatch").put_metric_alarm(**alarm)
    aws("cloudwatch").set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="a drill")
    _put(aws, 9_000.0)

    advance(10)
    advance(60)

    described = aws("cloudwatch").describe_alarms()["MetricAlarms"][0]
    assert described["StateValue"] == "OK"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "A", "Value": "2"}]},
            "the same dimension name twice",
        ),
        ({"Tags": [{"Key": "aws:x", "Value": "y"}]}, "Tag keys that start with aws:"),
        ({"Namespace": None}, "Namespace must not be null"),
    ],
)
def test_what_would_be_half_understood_is_refused(aws: Aws, change: dict[str, Any], message: str) -> None:
    """Two values for one dimension, reserved tags, no namespace."""
    given = {name: value for name, value in {**_plain(60), **change}.items() if value is not None}

    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_metric_alarm(**given)


def test_a_metric_without_a_namespace_is_refused_in_math_too(aws: Aws) -> None:
    """It would see nothing for ever."""
    metrics = [{"Id": "m", "MetricStat": {"Metric": {"MetricName": "x"}, "Period": 60, "Stat": "Sum"}}]

    with pytest.raises(ClientError, match="should have a Namespace"):
        aws("cloudwatch").put_metric_alarm(AlarmName="a", Metrics=metrics, **RULE)


def test_describing_alarms_names_all_three_kinds(aws: Aws) -> None:
    """Keys are there even where nothing is."""
    answer = aws("cloudwatch").describe_alarms()

    assert (answer["MetricAlarms"], answer["CompositeAlarms"], answer["LogAlarms"]) == ([], [], [])


def test_a_round_that_was_missed_is_made_up_once(cloud: Cloud, aws: Aws, advance: Advance) -> None:
    """The next round is always one minute on, however often time is asked about."""
    engine = cloud.engine("us-east-1")
    advance(3_600)
    engine.run_due()

    assert engine.next_round_ms == (NOON_S + 3_600 + 10) * 1_000
