"""What is read of an engine for an explanation: the past, mutes, math, several series, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.drawing.alarms import read_alarms
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.explain.explanation import Explanation
from inferwatch.explain.read import explain
from inferwatch.explain.responses import Mute
from inferwatch.model.errors import AwsError, Unsupported, UsageError
from inferwatch.wire.api import InProcessApi

Aws = Callable[[str], Any]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


class _Api(InProcessApi):
    """The engine's, with answers of its own for some operations."""

    def __init__(self, cloud: Cloud, answers: dict[str, Any]) -> None:
        super().__init__(cloud)
        self._answers = answers

    async def call(self, region: str, service: str, operation: str, params: Any) -> dict[str, Any]:
        answer = self._answers.get(operation)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return dict(answer(params))
        return await super().call(region, service, operation, params)


@pytest.fixture
def ask(cloud: Cloud, clock: ManualClock) -> Callable[..., Explanation]:
    """`ask("slow", at_s=70)` explains it, as it was 70 s after noon; `GetMetricData=...` answers instead."""

    def run(name: str, at_s: int | None = None, before: int = 0, **answers: Any) -> Explanation:
        async def find() -> Explanation:
            api = _Api(cloud, answers)
            (alarm,) = await read_alarms(api, "us-east-1", {"AlarmNames": [name]})
            at_ms = None if at_s is None else (NOON_S + at_s) * 1_000
            return await explain(api, alarm, clock.now_ms(), at_ms=at_ms, before=before)

        return asyncio.run(find())

    return run


def _alarm(aws: Aws, **given: Any) -> None:
    shape = {
        "AlarmName": "slow",
        "Namespace": "NS",
        "MetricName": "m",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [TOPIC],
    }
    aws("cloudwatch").put_metric_alarm(**{name: value for name, value in {**shape, **given}.items() if value})


def _put(aws: Aws, at_s: int, value: float, name: str = "m") -> None:
    datum = {"MetricName": name, "Timestamp": NOON_S + at_s, "Value": value}
    aws("cloudwatch").put_metric_data(Namespace="NS", MetricData=[datum])


def test_a_new_alarm_says_so(aws: Aws, ask: Callable[..., Explanation]) -> None:
    """And when it is looked at first."""
    _alarm(aws)

    found = ask("slow")

    assert (found.state, found.why) == (
        "INSUFFICIENT_DATA",
        "no evaluation has changed its state since it was made",
    )
    assert found.next == "at 12:00:10 UTC, in 10 s"


def test_a_state_is_explained_by_the_datapoints_it_came_from(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """In words, from StateReasonData, also when the window has moved on."""
    _alarm(aws)
    _put(aws, 5, 9.5)
    _put(aws, 65, 8.0)
    advance(130)

    found = ask("slow")

    assert found.why == "1 of 1 datapoint was above 5: 9.5 at 12:00"
    assert found.changes == ("1 more period that does not breach: OK", "3 periods in a row without data: OK")
    assert found.window is not None
    assert [one.point.value for one in found.window.judged.periods] == [None, 9.5, 8.0]
    assert found.notes == ()


def test_a_moment_of_before_has_the_state_and_window_of_then(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """Out of the history; before its creation there was none."""
    _alarm(aws)
    _put(aws, 5, 9.5)
    for _ in range(26):
        advance(10)

    now, in_alarm, first = ask("slow"), ask("slow", 80), ask("slow", 5)

    assert (now.state, in_alarm.state, first.state) == ("OK", "ALARM", "INSUFFICIENT_DATA")
    assert in_alarm.since_ms == (NOON_S + 70) * 1_000
    assert in_alarm.why == "1 of 1 datapoint was above 5: 9.5 at 12:00"
    assert in_alarm.window is not None
    assert in_alarm.window.judged.verdict == "ALARM"
    assert first.why == "no evaluation has changed its state since it was made"
    with pytest.raises(UsageError, match="slow did not exist yet at that time"):
        ask("slow", -1)


def test_periods_that_are_not_kept_so_long_are_not_taken_for_missing(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """Those of ten seconds for three hours."""
    _alarm(aws, Period=10)
    _put(aws, 5, 9.5)
    for _ in range(2):
        advance(10)
    advance(3 * 3_600)

    found = ask("slow", 20)

    assert found.state == "ALARM"
    assert found.window is None
    assert found.notes == ("its datapoints cannot be shown: periods of 10 seconds are not kept so long",)


def test_a_state_set_by_hand_is_not_the_windows(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """The next evaluation ends it."""
    _alarm(aws)
    advance(10)
    aws("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="a drill")

    found = ask("slow")

    assert found.why == "a drill"
    assert found.changes[0] == "the next evaluation, if nothing else comes: OK"
    assert found.notes[0].startswith("its window leads to OK by now: ")


def test_actions_are_muted_or_disabled(aws: Aws, advance: Advance, ask: Callable[..., Explanation]) -> None:
    """The rule, and until when; an alarm without actions tells nobody."""
    _alarm(aws)
    _alarm(aws, AlarmName="quiet", AlarmActions=[])
    aws("cloudwatch").put_alarm_mute_rule(
        Name="tonight",
        Rule={"Schedule": {"Expression": "at(2026-11-24T12:00)", "Duration": "PT1H"}},
        MuteTargets={"AlarmNames": ["slow"]},
    )

    found = ask("slow")
    aws("cloudwatch").disable_alarm_actions(AlarmNames=["slow"])

    assert found.actions.mutes == (Mute("tonight", (NOON_S + 3_600) * 1_000),)
    assert found.held_back == ("muted by tonight until 2026-11-24 13:00:00 UTC, for 1 h",)
    assert ask("slow").held_back[0] == "disabled"
    assert ask("quiet").held_back == ("there are none: nobody is told",)
    advance(3_600)
    assert ask("slow").held_back == ("disabled",)


@pytest.mark.parametrize("expression", ["cron(0 0 31 2 *)", "cron(0 0 31 FEB,APR *)", "at(2026-11-24T10:59)"])
def test_a_mute_rule_that_is_never_active_is_said(
    aws: Aws, ask: Callable[..., Explanation], expression: str
) -> None:
    """AWS may accept it; nobody would notice otherwise."""
    _alarm(aws)
    schedule = {"Expression": expression, "Duration": "PT1H"}
    aws("cloudwatch").put_alarm_mute_rule(
        Name="typo", Rule={"Schedule": schedule}, MuteTargets={"AlarmNames": ["slow"]}
    )

    found = ask("slow")

    assert f"the mute rule typo is never active from now on: {expression} for PT1H" in found.notes
    assert found.held_back == ("enabled",)


def test_mute_rules_that_may_not_be_read_are_said(aws: Aws, ask: Callable[..., Explanation]) -> None:
    """Everything else is explained."""
    _alarm(aws)

    found = ask("slow", ListAlarmMuteRules=AwsError("AccessDenied", "not you"))

    assert found.notes == ("mute rules could not be read: not you",)
    assert found.window is not None


def test_datapoints_that_may_not_be_read_are_said(aws: Aws, ask: Callable[..., Explanation]) -> None:
    """State, reason and actions are told without them."""
    _alarm(aws)

    found = ask("slow", GetMetricData=AwsError("AccessDenied", "not you"))

    assert found.notes == ("its datapoints cannot be shown: not you",)
    assert (found.window, found.changes, found.next) == (None, (), "")


MATH: list[dict[str, Any]] = [
    {"Id": "rate", "Expression": "100 * bad / all", "Label": "error rate"},
    *(
        {
            "Id": name,
            "MetricStat": {"Metric": {"Namespace": "NS", "MetricName": name}, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        }
        for name in ("bad", "all")
    ),
]
PLAIN = ("Namespace", "MetricName", "Statistic", "Period")


def test_a_math_alarm_shows_each_querys_values(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """Those that the alarm itself hides too."""
    _alarm(aws, Metrics=MATH, **dict.fromkeys(PLAIN))
    _put(aws, 5, 2.0, "bad")
    _put(aws, 5, 10.0, "all")
    advance(70)

    found = ask("slow")

    assert found.window is not None
    newest = found.window.judged.periods[-1].point
    assert (found.window.series, newest.value, newest.others) == (
        "error rate",
        20.0,
        {"bad": 2.0, "all": 10.0},
    )


def test_a_query_that_cannot_be_returned_does_not_hide_the_watched_one(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """GetMetricData refuses a scalar; the alarm is read without it."""
    scalar = {"Id": "most", "Expression": "MAX(all)", "ReturnData": False}
    rate = {"Id": "rate", "Expression": "100 * bad / most"}
    _alarm(aws, Metrics=[rate, scalar, *MATH[1:]], **dict.fromkeys(PLAIN))
    _put(aws, 5, 2.0, "bad")
    _put(aws, 5, 10.0, "all")
    advance(70)

    found = ask("slow")

    assert found.window is not None
    newest = found.window.judged.periods[-1].point
    assert (newest.value, newest.others) == (20.0, {})


def _band(params: Any) -> dict[str, Any]:
    """A band from 10 to 20 and a value of 25, as GetMetricData gives them."""
    at = range(params["StartTime"], params["EndTime"], 60_000)
    series = [("m", "m", 25.0), ("band", "m High", 20.0), ("band", "m Low", 10.0)]
    asked = {query["Id"] for query in params["MetricDataQueries"]}
    return {
        "MetricDataResults": [
            {"Id": query_id, "Label": label, "Timestamps": list(at), "Values": [value] * len(at)}
            for query_id, label, value in series
            if query_id in asked
        ]
    }


def test_a_band_alarm_has_its_band_on_each_period(
    aws: Aws, cloud: Cloud, ask: Callable[..., Explanation]
) -> None:
    """Whichever side comes first."""
    _alarm(aws)
    stat = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    described = {
        "AlarmName": "slow",
        "StateValue": "ALARM",
        "EvaluationPeriods": 2,
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "ThresholdMetricId": "band",
        "Metrics": [
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 2)", "ReturnData": True},
            {"Id": "m", "MetricStat": stat, "ReturnData": True},
        ],
    }

    found = ask("slow", DescribeAlarms=lambda _: {"MetricAlarms": [described]}, GetMetricData=_band)

    assert found.watches == "Sum of m above its band, 2 of 2 datapoints within 2 minutes"
    assert found.window is not None
    assert (found.window.threshold, found.window.limit) == (None, "above its band")
    points = [one.point for one in found.window.judged.periods]
    assert [(point.value, point.low, point.high) for point in points] == [(25.0, 10.0, 20.0)] * 4
    assert found.window.judged.verdict == "ALARM"


def test_of_several_series_the_worst_is_shown(aws: Aws, ask: Callable[..., Explanation]) -> None:
    """Each with what it comes to by itself."""
    described = {
        "AlarmName": "slow",
        "StateValue": "ALARM",
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "Metrics": [{"Id": "q", "Expression": 'SELECT MAX(m) FROM "NS" GROUP BY model', "Period": 60}],
    }

    def answer(params: Any) -> dict[str, Any]:
        at = range(params["StartTime"], params["EndTime"], 60_000)
        return {
            "MetricDataResults": [
                {"Id": "q", "Label": label, "Timestamps": list(at), "Values": [value] * len(at)}
                for label, value in (("small", 1.0), ("large", 9.0))
            ]
        }

    _alarm(aws)
    found = ask(
        "slow", before=3, DescribeAlarms=lambda _: {"MetricAlarms": [described]}, GetMetricData=answer
    )

    assert found.window is not None
    assert [point.value for point in found.window.before] == [9.0] * 3
    assert (found.window.series, found.window.judged.verdict) == ("large", "ALARM")
    assert [(one.label, one.verdict, one.breaching) for one in found.window.contributors] == [
        ("small", "OK", 0),
        ("large", "ALARM", 1),
    ]


def test_periods_of_a_clock_that_changes_are_read_one_by_one(
    aws: Aws, clock: ManualClock, ask: Callable[..., Explanation]
) -> None:
    """The day on which Berlin turns its clocks on has 23 hours."""
    clock.move_to(1_806_455_700_000)  # 2027-03-31 01:15 UTC
    _alarm(
        aws, Period=86_400, EvaluationPeriods=2, Statistic="Sum",
        EvaluationWindow={"WallClockWindow": {"Timezone": "Europe/Berlin"}},
    )  # fmt: skip
    datum = {"MetricName": "m", "Timestamp": 1_806_240_600, "Value": 7.0}  # 2027-03-28 13:30 UTC
    aws("cloudwatch").put_metric_data(Namespace="NS", MetricData=[datum])

    found = ask("slow")

    assert found.window is not None
    lengths = [(one.point.end_ms - one.point.start_ms) // 3_600_000 for one in found.window.judged.periods]
    assert lengths == [24, 23, 24, 24]
    assert [one.point.value for one in found.window.judged.periods] == [None, 7.0, None, None]


def test_a_warming_alarm_says_that_it_waits(aws: Aws, ask: Callable[..., Explanation]) -> None:
    """For the whole time, where it was put so."""
    warm_up = {"WarmUpPeriodDurationInMinutes": 5, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}
    _alarm(aws, WarmUpConfiguration=warm_up)

    found = ask("slow")

    assert found.next == "once its warm-up is over"
    assert found.notes == ("it is warming up, for 5 minutes from its creation, and takes no actions so long",)


def test_a_rule_of_another_grammar_is_refused_by_name(aws: Aws, ask: Callable[..., Explanation]) -> None:
    """AWS may learn words that we do not know."""
    _alarm(aws)
    aws("cloudwatch").put_composite_alarm(AlarmName="page", AlarmRule="ALARM(slow)")
    described = {"AlarmName": "page", "AlarmRule": "MOST(slow)", "StateValue": "OK"}

    with pytest.raises(Unsupported, match=r"does not support the rule MOST\(slow\) yet"):
        ask("page", DescribeAlarms=lambda _: {"CompositeAlarms": [described]})


def test_a_composite_alarm_has_its_children_and_its_suppressor(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """With the states they are in, and were in."""
    _alarm(aws)
    _alarm(aws, AlarmName="deploying", MetricName="deploys")
    aws("cloudwatch").put_composite_alarm(
        AlarmName="page", AlarmRule="ALARM(slow)", AlarmActions=[TOPIC], ActionsSuppressor="deploying",
        ActionsSuppressorWaitPeriod=60, ActionsSuppressorExtensionPeriod=30,
    )  # fmt: skip
    _put(aws, 5, 9.5)
    for _ in range(8):
        advance(10)

    found, before = ask("page"), ask("page", 65)

    assert (found.state, found.why) == ("ALARM", "slow was in ALARM since 12:01:10 UTC")
    assert found.rule is not None
    assert (found.rule.is_true, found.rule.standing.state) == (True, "ALARM")  # type: ignore[union-attr]
    assert found.suppressor is not None
    assert (found.suppressor.alarm, found.suppressor.standing.state) == ("deploying", "OK")
    assert found.held_back == ("suppressed, WaitPeriod: Actions suppressed by WaitPeriod",)
    assert found.changes == ("slow going to OK: OK", "slow going to INSUFFICIENT_DATA: OK")
    assert before.rule is not None
    assert (before.state, before.rule.is_true) == ("OK", False)


def test_what_kept_actions_back_then_is_told(
    aws: Aws, advance: Advance, ask: Callable[..., Explanation]
) -> None:
    """Of every moment its own: the wait, the suppressor's alarm, and nothing once that is over."""
    _alarm(aws)
    _alarm(aws, AlarmName="deploying", MetricName="deploys")
    aws("cloudwatch").put_composite_alarm(
        AlarmName="page", AlarmRule="ALARM(slow)", AlarmActions=[TOPIC], ActionsSuppressor="deploying",
        ActionsSuppressorWaitPeriod=90, ActionsSuppressorExtensionPeriod=30,
    )  # fmt: skip
    for at_s in (5, 65, 125, 185, 245):
        _put(aws, at_s, 9.5)
        _put(aws, at_s, 9.5 if at_s == 65 else 1.0, "deploys")
    for _ in range(30):
        advance(10)

    deploying = (
        "Actions suppressed by arn:aws:cloudwatch:us-east-1:123456789012:alarm:deploying "
        "that transitioned to ALARM at Tuesday 24 November, 2026 12:02:10 UTC"
    )
    at = {at_s: ask("page", at_s) for at_s in (60, 80, 140, 200, 280)}

    assert {at_s: (found.state, found.held_back) for at_s, found in at.items()} == {
        60: ("OK", ("suppressed, WaitPeriod: Actions suppressed by WaitPeriod",)),
        80: ("ALARM", ("suppressed, WaitPeriod: Actions suppressed by WaitPeriod",)),
        140: ("ALARM", (f"suppressed, Alarm: {deploying}",)),
        200: ("ALARM", ("suppressed, ExtensionPeriod: Actions suppressed by ExtensionPeriod",)),
        280: ("ALARM", ("enabled",)),
    }
    assert {found.since_ms for at_s, found in at.items() if at_s > 60} == {(NOON_S + 70) * 1_000}
