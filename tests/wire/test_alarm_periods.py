"""Alarms of ten seconds, of the wall clock, and those that warm up; low samples and silent metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600  # Tuesday 2026-11-24T12:00:00Z
HOUR_S = 3_600
ALARM = {
    "AlarmName": "a",
    "Namespace": "NS",
    "MetricName": "m",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def _alarm(aws: Aws) -> dict[str, Any]:
    found: dict[str, Any] = aws("cloudwatch").describe_alarms()["MetricAlarms"][0]
    return found


def _put(aws: Aws, at_s: int, value: float, count: float = 1.0) -> None:
    datum = {"MetricName": "m", "Timestamp": at_s, "Values": [value], "Counts": [count]}
    aws("cloudwatch").put_metric_data(Namespace="NS", MetricData=[datum])


@pytest.mark.parametrize("period", [10, 20, 30])
def test_a_short_alarm_is_looked_at_every_ten_seconds(aws: Aws, advance: Advance, period: int) -> None:
    """As soon as its period is over and ten seconds have settled it, not at the next minute."""
    aws("cloudwatch").put_metric_alarm(**{**ALARM, "Period": period})
    _put(aws, NOON_S, 9.0)
    states = []

    for _ in range(6):
        advance(10)
        states.append(_alarm(aws)["StateValue"])

    rounds_before = period // 10
    assert states == ["INSUFFICIENT_DATA"] * rounds_before + ["ALARM"] * (6 - rounds_before)
    updated_s = _alarm(aws)["StateUpdatedTimestamp"].timestamp()
    assert updated_s == NOON_S + period + 10


def test_a_short_alarm_looks_back_a_minute_more_than_it_needs(aws: Aws, advance: Advance) -> None:
    """Three periods of ten seconds: nine are looked at."""
    aws("cloudwatch").put_metric_alarm(
        **{**ALARM, "Period": 10, "EvaluationPeriods": 3, "DatapointsToAlarm": 1}
    )
    _put(aws, NOON_S, 0.5)

    advance(100)
    within = _alarm(aws)["StateValue"]
    advance(10)

    assert (within, _alarm(aws)["StateValue"]) == ("OK", "INSUFFICIENT_DATA")


@pytest.mark.parametrize(
    ("timezone", "period", "start_s"),
    [
        (None, HOUR_S, NOON_S),
        ("UTC", HOUR_S, NOON_S),
        ("Asia/Kolkata", HOUR_S, NOON_S - 1_800),
        ("+05:30", HOUR_S, NOON_S - 1_800),
        ("UTC", 300, NOON_S),
        ("America/New_York", 86_400, NOON_S - 7 * HOUR_S),
        ("UTC", 604_800, NOON_S - 36 * HOUR_S),
    ],
)
def test_a_wall_clock_alarm_waits_for_the_clocks_period_to_end(
    aws: Aws, advance: Advance, clock: ManualClock, timezone: str | None, period: int, start_s: int
) -> None:
    """A breach counts once its hour, day or week is over; the datapoint has the period's own start."""
    window = {"WallClockWindow": {} if timezone is None else {"Timezone": timezone}}
    aws("cloudwatch").put_metric_alarm(
        **{**ALARM, "Period": period}, EvaluationWindow=window, TreatMissingData="ignore"
    )
    _put(aws, NOON_S, 9.0)
    end_s = start_s + period

    clock.move_to((end_s - 30) * 1_000)
    advance(0)
    before = _alarm(aws)["StateValue"]
    clock.move_to((end_s + 10) * 1_000)
    advance(0)

    after = _alarm(aws)
    assert (before, after["StateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert after["EvaluationWindow"] == window
    (point,) = json.loads(after["StateReasonData"])["evaluatedDatapoints"]
    assert point["value"] == 9.0
    assert datetime.fromisoformat(point["timestamp"]).timestamp() == start_s


def test_a_day_in_which_the_clocks_change_is_one_day(aws: Aws, advance: Advance, clock: ManualClock) -> None:
    """Berlin, 2027-03-28: 23 hours, from 23:00 to 22:00 UTC; both samples are in it and nothing else is."""
    day_s = 1_806_188_400  # 2027-03-27T23:00:00Z
    clock.move_to(day_s * 1_000)
    aws("cloudwatch").put_metric_alarm(
        **{**ALARM, "Period": 86_400, "Statistic": "Sum"},
        EvaluationWindow={"WallClockWindow": {"Timezone": "Europe/Berlin"}},
        TreatMissingData="ignore",
    )
    clock.move_to((day_s + 23 * HOUR_S - 60) * 1_000)
    _put(aws, day_s, 2.0)
    _put(aws, day_s + 23 * HOUR_S - 60, 3.0)

    clock.move_to((day_s + 23 * HOUR_S + 10) * 1_000)
    advance(0)

    assert "1 datapoint [5.0 (27/03/27 23:00:00)]" in _alarm(aws)["StateReason"]


def test_days_of_any_length_are_recent_datapoints(aws: Aws, advance: Advance, clock: ManualClock) -> None:
    """Berlin, 2027-03-28 and 29: 23 hours and 24, one datapoint each, none between."""
    day_s = 1_806_188_400  # 2027-03-27T23:00:00Z
    clock.move_to(day_s * 1_000)
    aws("cloudwatch").put_metric_alarm(
        **{**ALARM, "Period": 86_400, "EvaluationPeriods": 2},
        EvaluationWindow={"WallClockWindow": {"Timezone": "Europe/Berlin"}},
        TreatMissingData="ignore",
    )
    clock.move_to((day_s + 47 * HOUR_S - 60) * 1_000)
    _put(aws, day_s, 2.0)
    _put(aws, day_s + 23 * HOUR_S, 3.0)

    clock.move_to((day_s + 47 * HOUR_S + 10) * 1_000)
    advance(0)

    alarm = _alarm(aws)
    assert alarm["StateValue"] == "ALARM"
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [2.0, 3.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Period": 120}, "the period must be one of 60, 300, 3600, 86400, 604800 seconds"),
        ({"Period": 10}, "the period must be one of"),
        ({"EvaluationWindow": {"WallClockWindow": {"Timezone": "+01:03"}}}, "The Timezone .01:03 is neither"),
        (
            {"EvaluationWindow": {"WallClockWindow": {"Timezone": "Nowhere"}}},
            "The Timezone Nowhere is neither",
        ),
        ({"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 2_881}}, "less than or equal to 2880"),
    ],
)
def test_a_window_that_cannot_be_is_refused(aws: Aws, change: dict[str, Any], message: str) -> None:
    """Periods that no clock has, zones that are none."""
    given = {**ALARM, "EvaluationWindow": {"WallClockWindow": {}}, **change}

    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_metric_alarm(**given)


def test_a_sliding_window_may_be_asked_for(aws: Aws) -> None:
    """And is described as asked for."""
    aws("cloudwatch").put_metric_alarm(**ALARM, EvaluationWindow={"SlidingWindow": {}})

    assert _alarm(aws)["EvaluationWindow"] == {"SlidingWindow": {}}


def _warming(aws: Aws, minutes: int, **more: Any) -> None:
    aws("cloudwatch").put_metric_alarm(
        **{**ALARM, "TreatMissingData": "breaching", **more},
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": minutes},
    )


def test_a_warming_alarm_is_not_evaluated(aws: Aws, advance: Advance) -> None:
    """Until its time is up; missing data that would breach do not."""
    _warming(aws, 5)

    advance(299)
    warming = _alarm(aws)
    advance(11)
    after = _alarm(aws)

    assert (warming["StateValue"], warming["EvaluationState"]) == ("INSUFFICIENT_DATA", "IN_WARM_UP")
    assert (after["StateValue"], "EvaluationState" in after) == ("ALARM", False)


def test_a_full_window_ends_warming_up(aws: Aws, advance: Advance) -> None:
    """As soon as all its periods have data; not with the first."""
    _warming(aws, 60, EvaluationPeriods=3)
    states = []

    for minute in range(4):
        _put(aws, NOON_S + minute * 60, 9.0)
        advance(60)
        states.append(_alarm(aws)["StateValue"])
    advance(10)

    assert states == ["INSUFFICIENT_DATA"] * 3 + ["ALARM"]


def test_a_whole_warm_up_ends_with_its_time(aws: Aws, advance: Advance) -> None:
    """However full the window is."""
    whole = {"WarmUpPeriodDurationInMinutes": 5, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}
    aws("cloudwatch").put_metric_alarm(**ALARM, WarmUpConfiguration=whole, TreatMissingData="ignore")
    _put(aws, NOON_S + 60, 9.0)
    _put(aws, NOON_S + 240, 9.0)

    advance(299)
    warming = _alarm(aws)["StateValue"]
    advance(11)

    assert (warming, _alarm(aws)["StateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert _alarm(aws)["WarmUpConfiguration"] == whole


def test_a_warm_up_is_changed_while_it_lasts_and_never_begins_again(aws: Aws, advance: Advance) -> None:
    """Counted from the alarm's creation."""
    _warming(aws, 60)
    advance(60)
    _warming(aws, 2)
    advance(70)
    ended = _alarm(aws)["StateValue"]

    _warming(aws, 2_880)

    assert ended == "ALARM"
    assert "EvaluationState" not in _alarm(aws)


def test_a_state_set_by_hand_while_warming_takes_no_action(aws: Aws) -> None:
    """An alarm that warms up performs none."""
    _warming(aws, 5, AlarmActions=["arn:aws:sns:us-east-1:123456789012:t"])

    aws("cloudwatch").set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="r")

    assert aws("cloudwatch").describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"] == []


@pytest.mark.parametrize(
    ("namespace", "treat", "state"),
    [
        ("AWS/DynamoDB", None, "ALARM"),
        ("AWS/DynamoDB", "missing", "INSUFFICIENT_DATA"),
        ("NS", None, "INSUFFICIENT_DATA"),
    ],
)
def test_silence_of_dynamodb_keeps_the_state(
    aws: Aws, advance: Advance, namespace: str, treat: str | None, state: str
) -> None:
    """Unless the alarm says how to treat it; and the omitted member stays absent."""
    treated = {} if treat is None else {"TreatMissingData": treat}
    aws("cloudwatch").put_metric_alarm(**{**ALARM, "Namespace": namespace, **treated})
    aws("cloudwatch").set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="r")

    advance(70)

    assert _alarm(aws)["StateValue"] == state
    assert ("TreatMissingData" in _alarm(aws)) is (treat is not None)


def test_too_few_samples_keep_the_state(aws: Aws, advance: Advance, vectors: Vectors) -> None:
    """One sample short of significant, and with it: each recorded boundary."""
    checked = 0
    for case in vectors("alarm_sequences"):
        for samples, is_significant in case.get("significant", {}).items():
            aws("cloudwatch").delete_alarms(AlarmNames=["a"])
            given = {key: value for key, value in ALARM.items() if key != "Statistic"}
            aws("cloudwatch").put_metric_alarm(
                **{**given, "MetricName": f"m-{case['id']}-{samples}"},
                ExtendedStatistic=case["statistic"],
                EvaluateLowSampleCountPercentile="ignore",
                TreatMissingData="ignore",
            )
            start_s = int(NOON_S + checked * 120)
            aws("cloudwatch").put_metric_data(
                Namespace="NS",
                MetricData=[
                    {
                        "MetricName": f"m-{case['id']}-{samples}",
                        "Timestamp": start_s,
                        "Values": [9.0],
                        "Counts": [float(samples)],
                    }
                ],
            )

            advance(120)

            expected = "ALARM" if is_significant else "INSUFFICIENT_DATA"
            assert _alarm(aws)["StateValue"] == expected, (case["id"], samples)
            checked += 1
    assert checked == 6
