"""Composite alarms through the wire: rules, states, reasons, suppressed actions, deletion."""

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
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
QUIET = {
    "Namespace": "NS",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "ignore",
}


def _make(aws: Aws, **states: str) -> None:
    """Metric alarms that no data will move, in these states."""
    for name, state in states.items():
        aws("cloudwatch").put_metric_alarm(**QUIET, AlarmName=name)
        _set(aws, name, state)


def _set(aws: Aws, name: str, state: str) -> None:
    aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="by hand")


def _put(aws: Aws, rule: str, name: str = "c", **more: Any) -> None:
    aws("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=rule, **more)


def _composite(aws: Aws, name: str = "c") -> dict[str, Any]:
    found: dict[str, Any] = aws("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"][0]
    return found


def _summaries(aws: Aws, name: str = "c", kind: str = "StateUpdate") -> list[str]:
    items = aws("cloudwatch").describe_alarm_history(
        AlarmName=name, AlarmTypes=["CompositeAlarm"], HistoryItemType=kind
    )["AlarmHistoryItems"]
    return [item["HistorySummary"] for item in items]


def _refusal(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**params)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_every_recorded_rule_is_what_aws_says(aws: Aws, vectors: Vectors) -> None:
    """True is ALARM, false is OK; or AWS's own words for why not."""
    states = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA", "d": "ALARM"}
    _make(aws, **states)
    checked = 0
    for case in vectors("alarm_rules"):
        if "rule" not in case:
            continue
        name = case.get("alarmName", f"composite-{case['id']}")

        if isinstance(case["expect"], dict):
            refused = _refusal(aws("cloudwatch").put_composite_alarm, AlarmName=name, AlarmRule=case["rule"])
            assert refused == ("ValidationError", case["expect"]["message"]), case["id"]
        else:
            _put(aws, case["rule"], name)
            state = "ALARM" if case["expect"] else "OK"
            assert _composite(aws, name)["StateValue"] == state, case["id"]
        checked += 1
    assert checked == 38


@pytest.mark.parametrize("role", ["child", "suppressor"])
def test_an_alarm_that_others_need_is_not_deleted(aws: Aws, vectors: Vectors, role: str) -> None:
    """Not even together with the one that needs it; and nothing else of that call either."""
    (case,) = [case for case in vectors("alarm_rules") if "action" in case]
    _make(aws, a="OK", b="OK")
    suppressor = {
        "ActionsSuppressor": ARN + "b",
        "ActionsSuppressorWaitPeriod": 1,
        "ActionsSuppressorExtensionPeriod": 1,
    }
    _put(aws, "ALARM(b)" if role == "child" else "ALARM(a)", **(suppressor if role == "suppressor" else {}))
    delete = aws("cloudwatch").delete_alarms

    assert _refusal(delete, AlarmNames=["b", "c"]) == ("ValidationError", case["expect"]["message"])
    assert len(aws("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]) == 1
    delete(AlarmNames=["c"])
    delete(AlarmNames=["b", "unknown"])
    assert [alarm["AlarmName"] for alarm in aws("cloudwatch").describe_alarms()["MetricAlarms"]] == ["a"]


def test_two_composite_alarms_are_not_deleted_in_one_call(aws: Aws) -> None:
    """As the API reference says."""
    _put(aws, "TRUE", "c1")
    _put(aws, "TRUE", "c2")

    code, _ = _refusal(aws("cloudwatch").delete_alarms, AlarmNames=["c1", "c2"])

    assert code == "ValidationError"
    assert len(aws("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]) == 2


def test_reasons_are_in_the_services_words(aws: Aws, vectors: Vectors, advance: Advance) -> None:
    """Created, updated, and moved by a child; the data names the children that decided."""
    expected = {
        case["id"]: case["expect"]
        for case in vectors("state_reason")
        if case["id"] in ("composite-create", "composite-update", "composite-child")
    }
    _make(aws, A="OK", B="OK")
    reasons = {}

    _put(aws, "ALARM(A)", "C")
    reasons["composite-create"] = _composite(aws, "C")["StateReason"]
    _put(aws, "OK(A)", "C")
    reasons["composite-update"] = _composite(aws, "C")["StateReason"]
    _put(aws, "ALARM(A) OR ALARM(B)", "C")
    _set(aws, "A", "ALARM")
    moved = _composite(aws, "C")
    reasons["composite-child"] = moved["StateReason"].replace(
        "Tuesday 24 November, 2026 12:00:00", "Monday 14 September, 2026 11:18:52"
    )

    assert reasons == expected
    assert json.loads(moved["StateReasonData"]) == {
        "triggeringAlarms": [
            {"arn": ARN + "A", "state": {"value": "ALARM", "timestamp": "2026-11-24T12:00:00.000+0000"}}
        ]
    }


def test_states_pass_through_composites_of_composites(aws: Aws) -> None:
    """Each moves once, the lower before the higher: a diamond makes no second transition."""
    _make(aws, a="OK")
    _put(aws, "ALARM(a)", "left")
    _put(aws, "NOT ALARM(a)", "right")
    _put(aws, "ALARM(left) AND OK(right)", "top")

    _set(aws, "a", "ALARM")

    assert [_composite(aws, name)["StateValue"] for name in ("left", "right", "top")] == [
        "ALARM", "OK", "ALARM",
    ]  # fmt: skip
    assert _summaries(aws, "top") == [
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]


def test_siblings_move_in_the_order_of_their_names(aws: Aws) -> None:
    """Today as tomorrow, and whenever each was made."""
    names = ["e", "b", "h", "d", "g", "c", "f", "i"]
    _make(aws, a="OK")
    for name in names:
        _put(aws, "ALARM(a)", name)

    _set(aws, "a", "ALARM")
    moved = aws("cloudwatch").describe_alarm_history(
        AlarmTypes=["CompositeAlarm"], HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]

    assert [item["AlarmName"] for item in moved] == [*names, *"bcdefghi"]


def test_a_circle_is_accepted_and_not_evaluated(aws: Aws) -> None:
    """What does not stand in it is; breaking it brings it back."""
    _make(aws, a="OK")
    _put(aws, "ALARM(a)", "c1")
    _put(aws, "ALARM(c1)", "c2")
    _put(aws, "ALARM(a) OR ALARM(c2)", "c1")
    _put(aws, "ALARM(a)", "outside")

    _set(aws, "a", "ALARM")
    circular = [_composite(aws, name)["StateValue"] for name in ("c1", "c2", "outside")]
    refused = _refusal(aws("cloudwatch").delete_alarms, AlarmNames=["c1"])
    _put(aws, "ALARM(a)", "c1")

    assert circular == ["OK", "OK", "ALARM"]
    assert refused[1] == "Cannot delete c1 as there are composite alarm(s) depending on it."
    assert [_composite(aws, name)["StateValue"] for name in ("c1", "c2")] == ["ALARM", "ALARM"]


def test_relatives_are_listed_in_brief(aws: Aws) -> None:
    """Children with their state, parents by name alone; nothing can be asked beside it."""
    _make(aws, a="ALARM", b="OK")
    _put(aws, "ALARM(a)", "low")
    _put(aws, f"ALARM(low) AND OK({ARN}b)", "high")
    describe = aws("cloudwatch").describe_alarms

    children = describe(ChildrenOfAlarmName="high")
    parents = describe(ParentsOfAlarmName="low")

    assert [set(alarm) for alarm in children["MetricAlarms"]] == [
        {"AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp"}
    ]
    assert [alarm["AlarmName"] for alarm in children["CompositeAlarms"]] == ["low"]
    assert parents["CompositeAlarms"] == [{"AlarmName": "high", "AlarmArn": ARN + "high"}]
    assert parents["MetricAlarms"] == []
    assert describe(ChildrenOfAlarmName="a")["MetricAlarms"] == []
    assert _refusal(describe, ChildrenOfAlarmName="high", StateValue="OK")[0] == "ValidationError"


def test_only_the_kinds_asked_for_are_described(aws: Aws) -> None:
    """Metric alarms unless asked; one list of pages over both."""
    _make(aws, a="OK", z="OK")
    _put(aws, "TRUE", "m")
    describe = aws("cloudwatch").describe_alarms
    both = ["MetricAlarm", "CompositeAlarm"]

    first = describe(AlarmTypes=both, MaxRecords=2)
    second = describe(AlarmTypes=both, MaxRecords=2, NextToken=first["NextToken"])

    assert describe()["CompositeAlarms"] == []
    assert [alarm["AlarmName"] for alarm in first["MetricAlarms"] + first["CompositeAlarms"]] == ["a", "m"]
    assert [alarm["AlarmName"] for alarm in second["MetricAlarms"]] == ["z"]
    assert "NextToken" not in second


def test_one_name_is_one_kind_of_alarm(aws: Aws) -> None:
    """Metric and composite alarms share their names."""
    _make(aws, a="OK")
    _put(aws, "TRUE")

    for call in (
        lambda: _put(aws, "TRUE", "a"),
        lambda: aws("cloudwatch").put_metric_alarm(**QUIET, AlarmName="c"),
    ):
        with pytest.raises(ClientError, match="already used by another alarm of a different type"):
            call()


def test_an_identical_put_leaves_no_trace(aws: Aws, advance: Advance) -> None:
    """As for metric alarms."""
    _put(aws, "TRUE", AlarmDescription="d")
    before = _composite(aws)
    advance(5)

    _put(aws, "TRUE", AlarmDescription="d")

    assert _composite(aws) == before
    assert _summaries(aws, kind="ConfigurationUpdate") == ['Alarm "c" created']


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AlarmRule": " TRUE"}, "AlarmRule must not contain leading or trailing whitespace or be null"),
        ({"ActionsSuppressor": "a"}, "given together"),
        ({"ActionsSuppressorWaitPeriod": 1}, "given together"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "EC2 actions are not supported"),
        ({"AlarmActions": ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/g:policyName/p"]}, "Auto Scaling actions are not supported"),
        ({"OKActions": ["arn:aws:ssm:us-east-1:123456789012:opsitem:1"]}, "in the state ALARM only"),
        ({"AlarmName": "a\x01"}, "ASCII Control characters"),
        ({"AlarmRule": " AND ".join(["TRUE"] * 501)}, "more than 500 elements"),
        ({"AlarmRule": "(" * 3_000}, "more than 500 elements"),
        ({"AlarmRule": "NOT " * 2_000 + "NOT"}, "Unsupported token '<EOF>'"),
        ({"AlarmRule": "TRUE" + " " * 10_240 + "x"}, "length less than or equal to 10240"),
        ({"AlarmRule": f"AT_LEAST({'9' * 5_000}, OK, (a))"}, "absolute threshold must be between 1"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused_and_nothing_is_stored(
    aws: Aws, change: dict[str, Any], message: str
) -> None:
    """At once, however long or deep it is."""
    given = {"AlarmName": "c", "AlarmRule": "TRUE", **change}

    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_composite_alarm(**given)

    assert aws("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []


@pytest.mark.parametrize(
    ("suppressor", "wait"), [("nobody", 1), ("c", 1), ("a", -1), (ARN.replace("us-east-1", "us-west-2"), 1)]
)
def test_a_suppressor_is_another_alarm_of_here(aws: Aws, suppressor: str, wait: int) -> None:
    """That exists, and with periods that are no less than nothing."""
    _make(aws, a="OK")

    with pytest.raises(ClientError):
        _put(
            aws,
            "TRUE",
            ActionsSuppressor=suppressor,
            ActionsSuppressorWaitPeriod=wait,
            ActionsSuppressorExtensionPeriod=1,
        )


def _suppressed(aws: Aws) -> tuple[str | None, str | None]:
    found = _composite(aws)
    return found.get("ActionsSuppressedBy"), found.get("ActionsSuppressedReason")


def test_every_figure_of_suppression_is_followed(
    cloud: Cloud, aws: Aws, vectors: Vectors, advance: Advance
) -> None:
    """Phases and actions of each timeline, second by second, with WaitPeriod 2 and ExtensionPeriod 3."""
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    _make(aws, x="OK", s="OK")
    checked = 0
    for case in vectors("composite_suppression"):
        _set(aws, "x", "OK")
        _set(aws, "s", "OK")
        _put(
            aws,
            "ALARM(x)",
            ActionsSuppressor="s",
            ActionsSuppressorWaitPeriod=2,
            ActionsSuppressorExtensionPeriod=3,
            OKActions=[topic],
            AlarmActions=[topic],
        )
        advance(20)  # whatever making it began is over
        _set(aws, "s", case["s"][0][1])

        seen, fired = _play(aws, advance, case)

        assert seen == [tuple(phase) for phase in case["phases"]], case["id"]
        assert fired == [tuple(action) for action in case["fired"]], case["id"]
        aws("cloudwatch").delete_alarms(AlarmNames=["c"])
        advance(20)
        checked += 1
    assert checked == 7


def _play(aws: Aws, advance: Advance, case: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """(second, phase) wherever a phase begins, and (second, state) of each action."""
    changes = {
        (at, name): state for key, name in (("s", "s"), ("c", "x")) for at, state in case[key] if at > 0
    }
    phases: list[Any] = []
    fired: list[Any] = []
    before = len(_summaries(aws, kind="Action"))
    transitions = 0
    for second in range(12):
        if second:
            advance(1)
        for name in ("s", "x"):
            if (second, name) in changes:
                _set(aws, name, changes[second, name])
        phase, now = _suppressed(aws)[0], len(_summaries(aws))
        is_new = phase != (phases[-1][1] if phases else None)
        if is_new or (phase and now > transitions and second in _times(case)):
            phases.append((second, phase))
        transitions = now
        actions = len(_summaries(aws, kind="Action"))
        if actions > before:
            fired += [(second, _composite(aws)["StateValue"])] * (actions - before)
            before = actions
    return phases, fired


def _times(case: dict[str, Any]) -> set[int]:
    """When the composite's own state changes."""
    return {at for at, _ in case["c"] if at > 0}


def test_why_actions_are_suppressed_is_said(aws: Aws, vectors: Vectors, advance: Advance) -> None:
    """In AWS's words, in Describe and in the history."""
    _make(aws, x="OK", s="ALARM")
    _put(
        aws,
        "ALARM(x)",
        ActionsSuppressor=ARN + "s",
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=120,
    )

    by_alarm = _suppressed(aws)
    _set(aws, "s", "OK")
    by_extension = _suppressed(aws)
    _set(aws, "x", "ALARM")
    by_wait = _suppressed(aws)
    advance(60)

    assert by_alarm == (
        "Alarm",
        f"Actions suppressed by {ARN}s that transitioned to ALARM at Tuesday 24 November, 2026 12:00:00 UTC",
    )
    assert by_extension == ("ExtensionPeriod", "Actions suppressed by ExtensionPeriod")
    assert by_wait == ("WaitPeriod", "Actions suppressed by WaitPeriod")
    assert _suppressed(aws) == (None, None)


def test_another_suppressor_drops_what_runs(aws: Aws, advance: Advance) -> None:
    """And what it held back is not done later."""
    _make(aws, x="OK", s="OK", s2="OK")
    periods = {"ActionsSuppressorWaitPeriod": 5, "ActionsSuppressorExtensionPeriod": 5}
    _put(aws, "ALARM(x)", ActionsSuppressor="s", AlarmActions=[TOPIC], **periods)
    advance(9)
    _set(aws, "x", "ALARM")

    _put(aws, "ALARM(x)", ActionsSuppressor="s2", AlarmActions=[TOPIC], **periods)
    dropped = _suppressed(aws)
    advance(30)

    assert dropped == (None, None)
    assert _summaries(aws, kind="Action") == []


def test_the_notification_names_the_triggering_children(
    cloud: Cloud, aws: Aws, vectors: Vectors, advance: Advance
) -> None:
    """Key by key, in the recorded order."""
    (case,) = [case for case in vectors("alarm_notifications") if case["id"] == "sns-composite"]
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    _make(aws, a="OK")
    _put(aws, "ALARM(a)", "comp", AlarmActions=[topic])

    _set(aws, "a", "ALARM")

    item = aws("cloudwatch").describe_alarm_history(
        AlarmName="comp", AlarmTypes=["CompositeAlarm"], HistoryItemType="Action"
    )["AlarmHistoryItems"][0]
    published = json.loads(json.loads(item["HistoryData"])["publishedMessage"])
    message = json.loads(published["default"])
    assert list(message) == list(case["message"])
    assert message["TriggeringChildren"] == [
        {"Arn": ARN + "a", "State": {"Value": "ALARM", "Timestamp": "2026-11-24T12:00:00.000+0000"}}
    ]
    stamped = {"NewStateReason", "StateChangeTime", "TriggeringChildren"}
    assert {key: value for key, value in message.items() if key not in stamped} == {
        key: value for key, value in case["message"].items() if key not in stamped
    }
    assert message["NewStateReason"] == (
        f"{ARN}a transitioned to ALARM at Tuesday 24 November, 2026 12:00:00 UTC"
    )


def test_families_are_bounded(aws: Aws) -> None:
    """A hundred children of one alarm, and a hundred and fifty parents."""
    _make(aws, **{f"a{number}": "OK" for number in range(101)})
    for number in range(150):
        _put(aws, "ALARM(a0)", f"p{number:03d}")

    too_many = _refusal(
        aws("cloudwatch").put_composite_alarm,
        AlarmName="big",
        AlarmRule=" OR ".join(f"ALARM(a{number})" for number in range(101)),
    )
    one_more = _refusal(aws("cloudwatch").put_composite_alarm, AlarmName="p150", AlarmRule="ALARM(a0)")
    _put(aws, "NOT ALARM(a0)", "p149")
    _put(aws, " OR ".join(f"ALARM(a{number})" for number in range(1, 101)), "big")

    assert too_many == ("ValidationError", "Error in AlarmRule [the rule names more than 100 alarms]")
    assert one_more[0] == "LimitExceeded"
