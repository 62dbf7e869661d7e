"""Alarm mute rules through the wire: kept, listed, and what they do to actions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600  # Tuesday 2026-11-24T12:00:00Z
QUIET = {
    "AlarmName": "a",
    "Namespace": "NS",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "ignore",
}


def _rule(expression: str, duration: str = "PT10M", **more: Any) -> dict[str, Any]:
    return {"Schedule": {"Expression": expression, "Duration": duration, **more}}


def _mute(aws: Aws, expression: str = "at(2026-11-24T12:00)", name: str = "r", **more: Any) -> None:
    schedule = {key: more.pop(key) for key in ("Timezone",) if key in more}
    duration = more.pop("duration", "PT10M")
    given = {"MuteTargets": {"AlarmNames": ["a"]}, **more}
    aws("cloudwatch").put_alarm_mute_rule(Name=name, Rule=_rule(expression, duration, **schedule), **given)


def _status(aws: Aws, name: str = "r") -> str:
    return str(aws("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName=name)["Status"])


def _set(aws: Aws, state: str) -> None:
    aws("cloudwatch").set_alarm_state(AlarmName="a", StateValue=state, StateReason="by hand")


@pytest.fixture
def topic(aws: Aws) -> str:
    """An alarm `a` tells it of every state."""
    arn: str = aws("sns").create_topic(Name="t")["TopicArn"]
    aws("cloudwatch").put_metric_alarm(
        **QUIET, AlarmActions=[arn], OKActions=[arn], InsufficientDataActions=[arn]
    )
    return arn


def _actions(aws: Aws) -> list[tuple[str, Any]]:
    """(what was done, until when it was held back or whether it came late), oldest first."""
    items = aws("cloudwatch").describe_alarm_history(
        AlarmName="a", HistoryItemType="Action", ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]
    found = []
    for item in items:
        data = json.loads(item["HistoryData"])
        if data["actionState"] == "Muted":
            found.append(("muted", data["muteWindowEndTimestamp"]))
        else:
            message = json.loads(json.loads(data["publishedMessage"])["default"])
            found.append((message["NewStateValue"], message["ActionExecutedAfterMuteWindow"]))
    return found


def test_a_rule_is_kept_as_it_was_put(aws: Aws) -> None:
    """Everything comes back, and what was not given stays absent."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_alarm_mute_rule(
        Name="nightly",
        Description="backup",
        Rule=_rule("cron(0 23 * * *)", "PT2H", Timezone="Europe/London"),
        MuteTargets={"AlarmNames": ["a", "b"]},
        StartDate=NOON_S,
        ExpireDate=NOON_S + 86_400,
    )
    cloudwatch.put_alarm_mute_rule(Name="once", Rule=_rule("at(2026-12-24T18:00)", "P1DT12H"))

    nightly = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="nightly")
    once = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="once")

    assert nightly["AlarmMuteRuleArn"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm-mute-rule:nightly"
    assert nightly["Rule"] == _rule("cron(0 23 * * *)", "PT2H", Timezone="Europe/London")
    assert nightly["MuteTargets"] == {"AlarmNames": ["a", "b"]}
    assert (nightly["StartDate"].timestamp(), nightly["ExpireDate"].timestamp()) == (NOON_S, NOON_S + 86_400)
    assert (nightly["Status"], nightly["MuteType"], nightly["Description"]) == (
        "SCHEDULED", "RECURRING", "backup",
    )  # fmt: skip
    assert (once["Status"], once["MuteType"]) == ("SCHEDULED", "ONE_TIME")
    assert not once.keys() & {"MuteTargets", "StartDate", "ExpireDate", "Description"}


def test_a_rule_goes_from_scheduled_to_active_to_expired(aws: Aws, advance: Advance) -> None:
    """A single window; its start counts, its end does not."""
    _mute(aws, "at(2026-11-24T12:05)")
    seen = [_status(aws)]

    for seconds in (299, 1, 599, 1):
        advance(seconds)
        seen.append(_status(aws))

    assert seen == ["SCHEDULED", "SCHEDULED", "ACTIVE", "ACTIVE", "EXPIRED"]


def test_rules_are_listed_by_alarm_and_status_in_pages(aws: Aws, advance: Advance) -> None:
    """Fifty at once unless asked."""
    for number in range(60):
        _mute(aws, "cron(0 3 * * *)", f"r{number:02d}", MuteTargets={"AlarmNames": [f"a{number % 2}"]})
    _mute(aws, "at(2026-11-24T12:00)", "now")
    list_rules = aws("cloudwatch").list_alarm_mute_rules

    first = list_rules()
    second = list_rules(NextToken=first["NextToken"])

    assert [len(page["AlarmMuteRuleSummaries"]) for page in (first, second)] == [50, 11]
    assert len(list_rules(AlarmName="a1", MaxRecords=100)["AlarmMuteRuleSummaries"]) == 30
    (active,) = list_rules(Statuses=["ACTIVE"])["AlarmMuteRuleSummaries"]
    assert active["AlarmMuteRuleArn"].endswith(":now")


def test_a_state_that_went_by_is_not_told(aws: Aws, topic: str, advance: Advance) -> None:
    """OK, ALARM and OK again in the window: no ALARM action after it."""
    _set(aws, "OK")
    _mute(aws)
    advance(60)
    _set(aws, "ALARM")
    advance(60)
    _set(aws, "OK")

    advance(900)

    window_end_ms = (NOON_S + 600) * 1_000
    assert _actions(aws) == [
        ("OK", False), ("muted", window_end_ms), ("muted", window_end_ms), ("OK", True),
    ]  # fmt: skip


def test_a_state_that_lasts_is_told_after_the_window(aws: Aws, topic: str, advance: Advance) -> None:
    """At its end, and said to be late."""
    _mute(aws)
    _set(aws, "ALARM")

    advance(599)
    before = _actions(aws)
    advance(1)

    assert before == [("muted", (NOON_S + 600) * 1_000)]
    assert _actions(aws)[1:] == [("ALARM", True)]


def test_overlapping_windows_end_with_the_last(aws: Aws, topic: str, advance: Advance) -> None:
    """Two rules: the second holds back what the first sets free."""
    _mute(aws)
    _mute(aws, "at(2026-11-24T12:05)", "second")
    _set(aws, "ALARM")

    advance(899)
    before = _actions(aws)
    advance(1)

    assert [what for what, _ in before] == ["muted"]
    assert _actions(aws)[-1] == ("ALARM", True)


@pytest.mark.parametrize("how", ["deleted", "moved", "other targets"])
def test_a_rule_that_lets_go_lets_go_at_once(aws: Aws, topic: str, how: str) -> None:
    """Deleted, put to another time, or aimed at other alarms."""
    _mute(aws)
    _set(aws, "ALARM")

    match how:
        case "deleted":
            aws("cloudwatch").delete_alarm_mute_rule(AlarmMuteRuleName="r")
            aws("cloudwatch").delete_alarm_mute_rule(AlarmMuteRuleName="r")
        case "moved":
            _mute(aws, "at(2026-11-24T15:00)")
        case _:
            _mute(aws, MuteTargets={"AlarmNames": ["b"]})

    assert _actions(aws)[1:] == [("ALARM", True)]


def test_actions_of_now_are_taken_after_the_window(aws: Aws, topic: str, advance: Advance) -> None:
    """The alarm was changed meanwhile: none of the actions it had then."""
    _mute(aws)
    _set(aws, "ALARM")
    aws("cloudwatch").put_metric_alarm(**QUIET)

    advance(900)

    assert [what for what, _ in _actions(aws)] == ["muted"]


def test_an_alarm_outside_of_the_rule_is_told_at_once(aws: Aws, topic: str, advance: Advance) -> None:
    """Other targets, no targets, before its start, after its expiry."""
    _mute(aws, MuteTargets={"AlarmNames": ["b"]})
    aws("cloudwatch").put_alarm_mute_rule(Name="none", Rule=_rule("cron(* * * * *)"))
    _mute(aws, "cron(* * * * *)", "early", StartDate=NOON_S + 3_600)
    _mute(aws, "cron(* * * * *)", "late", ExpireDate=NOON_S)

    _set(aws, "ALARM")

    assert _actions(aws) == [("ALARM", False)]
    assert _status(aws, "late") == "EXPIRED"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Rule": _rule("cron(0 0 31 2 *)")}, "EXPIRED"),
        ({"Rule": _rule("cron(0 0 30,31 2 *)")}, "EXPIRED"),
        ({"Rule": _rule("cron(0 0 29 2 *)")}, "SCHEDULED"),
        ({"Rule": _rule("cron(0 0 31 2 MON)")}, "SCHEDULED"),
        ({"Rule": _rule("cron(0 0 31 2,3 *)")}, "SCHEDULED"),
        ({"Rule": _rule("at(2020-01-01T00:00)")}, "EXPIRED"),
        ({"Rule": _rule("at(2026-12-01T00:00)"), "ExpireDate": NOON_S + 60}, "EXPIRED"),
        ({"Rule": _rule("at(2026-11-25T00:00)"), "StartDate": NOON_S + 10 * 86_400}, "EXPIRED"),
    ],
)
def test_a_rule_that_no_moment_fits_is_expired(aws: Aws, change: dict[str, Any], status: str) -> None:
    """Accepted, and told apart from one that waits."""
    aws("cloudwatch").put_alarm_mute_rule(Name="r", **change)

    assert _status(aws, "r") == status


def test_composite_alarms_are_muted_too(aws: Aws, topic: str, advance: Advance) -> None:
    """By name, as any."""
    aws("cloudwatch").put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)", AlarmActions=[topic])
    _mute(aws, MuteTargets={"AlarmNames": ["c"]})

    _set(aws, "ALARM")
    advance(601)

    items = aws("cloudwatch").describe_alarm_history(
        AlarmName="c", AlarmTypes=["CompositeAlarm"], HistoryItemType="Action"
    )["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in items] == [
        f"Successfully executed action {topic}",
        f"Muted action {topic}",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Rule": _rule("rate(5 minutes)")}, "neither cron"),
        ({"Rule": _rule("cron(0 2 * *)")}, "five fields; .* has 4"),
        ({"Rule": _rule("cron(60 2 * * *)")}, '"60" is no value from 0 to 59'),
        ({"Rule": _rule("cron(0 2 * * FRI-SUN)")}, '"FRI-SUN" is no value'),
        ({"Rule": _rule("cron(*/5 * * * *)")}, "is no value from 0 to 59"),
        ({"Rule": _rule("cron(0 2 * FOO *)")}, '"FOO" is no value from 1 to 12'),
        ({"Rule": _rule("at(2026-02-30T12:00)")}, "neither cron"),
        ({"Rule": _rule("cron(0 2 * * *)", "PT30S")}, "ISO 8601 duration from PT1M to P15D"),
        ({"Rule": _rule("cron(0 2 * * *)", "P16D")}, "ISO 8601 duration from PT1M to P15D"),
        ({"Rule": _rule("cron(0 2 * * *)", "PT")}, "ISO 8601 duration from PT1M to P15D"),
        ({"Rule": _rule("cron(0 2 * * *)", "P" + "9" * 40 + "D")}, "ISO 8601 duration"),
        ({"Rule": _rule("cron(0 2 * * *)", Timezone="Mars/Olympus")}, "no name of the IANA database"),
        ({"Rule": _rule("cron(0 2 * * *)", Timezone="../../etc/passwd")}, "no name of the IANA database"),
        ({"StartDate": NOON_S, "ExpireDate": NOON_S}, "StartDate must be before ExpireDate"),
        ({"MuteTargets": {"AlarmNames": ["x"] * 101}}, "less than or equal to 100"),
        ({"Tags": [{"Key": "aws:x", "Value": "y"}]}, "AWS's own"),
    ],
)
def test_what_aws_refuses_is_refused(aws: Aws, change: dict[str, Any], message: str) -> None:
    """And nothing is stored."""
    given = {"Name": "r", "Rule": _rule("cron(0 2 * * *)"), **change}

    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_alarm_mute_rule(**given)

    assert aws("cloudwatch").list_alarm_mute_rules()["AlarmMuteRuleSummaries"] == []


def test_a_rule_that_is_not_there_is_not_found(aws: Aws) -> None:
    """Get says so; delete passes."""
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName="nobody")

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_rules_have_tags(aws: Aws) -> None:
    """Given at creation, changed later."""
    _mute(aws, Tags=[{"Key": "team", "Value": "ml"}])
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm-mute-rule:r"

    aws("cloudwatch").tag_resource(ResourceARN=arn, Tags=[{"Key": "env", "Value": "dev"}])

    assert aws("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "team", "Value": "ml"},
        {"Key": "env", "Value": "dev"},
    ]


def test_every_protocol_carries_a_rule(cloudwatch: Any) -> None:
    """Nested members, timestamps and lists."""
    cloudwatch.put_alarm_mute_rule(
        Name="r", Rule=_rule("cron(0 2 * * *)"), MuteTargets={"AlarmNames": ["a"]}, StartDate=NOON_S
    )

    rule = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="r")

    assert (rule["MuteTargets"]["AlarmNames"], rule["StartDate"].timestamp()) == (["a"], NOON_S)
