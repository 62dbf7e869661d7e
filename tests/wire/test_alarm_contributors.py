"""Alarms that watch several series: a Metrics Insights query with GROUP BY, each series a contributor."""

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
QUERY = "SELECT MAX(Latency) FROM NS GROUP BY Model ORDER BY MAX() DESC"
SLOW = {
    "AlarmName": "slow",
    "Metrics": [{"Id": "q1", "Expression": QUERY, "Period": 60}],
    "EvaluationPeriods": 1,
    "Threshold": 100.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
SCALING = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/a:policyName/b"
STOP = "arn:aws:automate:us-east-1:ec2:stop"


def _minute(cloud: Cloud, minute: int, **values: float) -> None:
    for model, value in values.items():
        metric = Metric.of("NS", "Latency", {"Model": model})
        cloud.engine("us-east-1").metrics.add(metric, (NOON_S + minute * 60) * 1_000, value, "Milliseconds")


def _alarm(aws: Aws) -> dict[str, Any]:
    (alarm,) = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    found: dict[str, Any] = alarm
    return found


def _raised(aws: Aws) -> list[str]:
    """The models in ALARM."""
    found = aws("cloudwatch").describe_alarm_contributors(AlarmName="slow")["AlarmContributors"]
    return sorted(each["ContributorAttributes"]["Model"] for each in found)


def _history(aws: Aws, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = aws("cloudwatch").describe_alarm_history(**asked)["AlarmHistoryItems"]
    return items


def _messages(aws: Aws, **asked: Any) -> list[dict[str, Any]]:
    """What was published, newest first."""
    datas = [json.loads(item["HistoryData"]) for item in _history(aws, **asked)]
    return [json.loads(json.loads(data["publishedMessage"])["default"]) for data in datas]


def test_each_series_is_evaluated_for_itself(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """The alarm is in ALARM while any of them is, and says how many."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _minute(cloud, 0, a=50.0, b=150.0, c=60.0)
    _minute(cloud, 1, a=250.0, b=160.0, c=60.0)
    _minute(cloud, 2, a=50.0, b=50.0, c=60.0)

    advance(70)
    first = (_alarm(aws)["StateReason"], _raised(aws))
    advance(60)
    second = (_alarm(aws)["StateReason"], _raised(aws))
    advance(60)

    assert first == ("1 out of 3 time series evaluated to ALARM", ["b"])
    assert second == ("2 out of 3 time series evaluated to ALARM", ["a", "b"])
    assert (_alarm(aws)["StateReason"], _raised(aws)) == ("3 time series evaluated to OK", [])


def test_history_tells_of_contributors_and_of_the_alarm(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """A contributor's items carry its id and attributes, and can be asked for by the id."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _minute(cloud, 0, a=50.0, b=150.0)
    _minute(cloud, 1, a=50.0, b=50.0)
    advance(130)

    items = _history(aws)

    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("StateUpdate", "Alarm updated from ALARM to OK"),
        ("AlarmContributorStateUpdate", "Alarm contributor updated from ALARM to OK"),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("AlarmContributorStateUpdate", "Alarm contributor updated from OK to ALARM"),
        ("ConfigurationUpdate", 'Alarm "slow" created'),
    ]
    assert items[1]["AlarmContributorAttributes"] == {"Model": "b"}
    assert json.loads(items[3]["HistoryData"]) == {
        "version": "1.0",
        "oldState": {"stateValue": "OK"},
        "newState": {
            "stateValue": "ALARM",
            "stateReason": "Threshold Crossed: 1 datapoint was greater than the threshold (100.0). The most recent "
            "datapoint which crossed the threshold: [150.0 (24/11/26 12:00:00)].",
        },
    }
    own = _history(aws, AlarmContributorId=items[1]["AlarmContributorId"])
    assert [item["HistorySummary"] for item in own] == [
        items[1]["HistorySummary"],
        items[3]["HistorySummary"],
    ]


def test_several_datapoints_are_counted_and_the_newest_is_named(
    aws: Aws, cloud: Cloud, advance: Advance
) -> None:
    """In the guide's plural."""
    aws("cloudwatch").put_metric_alarm(**{**SLOW, "EvaluationPeriods": 3, "DatapointsToAlarm": 2})
    for minute in range(3):
        _minute(cloud, minute, b=150.0 + minute)

    advance(190)

    (found,) = aws("cloudwatch").describe_alarm_contributors(AlarmName="slow")["AlarmContributors"]
    assert found["StateReason"] == (
        "Threshold Crossed: 2 datapoints were greater than the threshold (100.0). The most recent datapoints which "
        "crossed the threshold: [151.0 (24/11/26 12:01:00)]."
    )
    assert len(found["ContributorId"]) == 16


def test_a_series_that_is_gone_is_fine(aws: Aws, cloud: Cloud, advance: Advance, topic: str) -> None:
    """Whatever missing data means: its OK action is taken, and says why."""
    aws("cloudwatch").put_metric_alarm(**{**SLOW, "TreatMissingData": "breaching"}, OKActions=[topic])
    _minute(cloud, 0, b=150.0)
    for minute in range(6):
        _minute(cloud, minute, a=50.0)

    advance(70)
    before = _raised(aws)
    advance(240)

    assert (before, _raised(aws)) == (["b"], [])
    (message,) = _messages(aws, HistoryItemType="AlarmContributorAction")
    assert message["NewStateReason"] == "No data was returned for this contributor"
    assert message["AlarmContributorAttributes"] == {"Model": "b"}


@pytest.mark.parametrize(
    ("treatment", "state", "word"),
    [
        ("notBreaching", "OK", "NonBreaching"),
        ("breaching", "ALARM", "Breaching"),
        ("missing", "INSUFFICIENT_DATA", "Missing"),
    ],
)
def test_a_query_without_series_is_treated_as_the_alarm_says(
    aws: Aws, advance: Advance, treatment: str, state: str, word: str
) -> None:
    """The reason for NonBreaching was posted in public."""
    aws("cloudwatch").put_metric_alarm(**{**SLOW, "TreatMissingData": treatment})
    other = "OK" if state != "OK" else "ALARM"
    aws("cloudwatch").set_alarm_state(AlarmName="slow", StateValue=other, StateReason="before")

    advance(70)

    alarm = _alarm(aws)
    assert (alarm["StateValue"], alarm["StateReason"]) == (
        state,
        f"No time series were returned by the query. Treat missing data is configured as [{word}].",
    )


def test_nothing_is_decided_of_no_series_where_missing_data_is_ignored(aws: Aws, advance: Advance) -> None:
    """The state stays."""
    aws("cloudwatch").put_metric_alarm(**{**SLOW, "TreatMissingData": "ignore"})

    advance(70)

    assert _alarm(aws)["StateReason"] == "Unchecked: Initial alarm creation"


def test_the_alarm_and_each_contributor_notify(aws: Aws, cloud: Cloud, advance: Advance, topic: str) -> None:
    """A contributor's message has its id and attributes, where the recordings have them."""
    aws("cloudwatch").put_metric_alarm(**SLOW, AlarmActions=[topic])
    _minute(cloud, 0, a=150.0, b=160.0)

    advance(70)

    of_contributors = _messages(aws, HistoryItemType="AlarmContributorAction")
    (of_alarm,) = _messages(aws, HistoryItemType="Action")
    assert [message["AlarmContributorAttributes"] for message in of_contributors] == [
        {"Model": "a"},
        {"Model": "b"},
    ]
    keys = list(of_contributors[0])
    place = keys.index("OldStateValue")
    assert keys[place + 1 : place + 4] == [
        "AlarmContributorId",
        "AlarmContributorAttributes",
        "ActionExecutedAfterMuteWindow",
    ]
    assert of_alarm["NewStateReason"] == "2 out of 2 time series evaluated to ALARM"
    assert "AlarmContributorId" not in of_alarm
    assert of_alarm["Trigger"]["Metrics"] == [
        {"Expression": QUERY, "Id": "q1", "Period": 60, "ReturnData": True}
    ]


def test_some_actions_are_the_alarms_and_some_the_contributors(
    aws: Aws, cloud: Cloud, advance: Advance
) -> None:
    """Scaling is for the alarm, stopping an instance for the series that is one."""
    query = QUERY.replace("Model", "InstanceId")
    aws("cloudwatch").put_metric_alarm(
        **{**SLOW, "Metrics": [{"Id": "q1", "Expression": query, "Period": 60}]}, AlarmActions=[SCALING, STOP]
    )
    metric = Metric.of("NS", "Latency", {"InstanceId": "i-1"})
    cloud.engine("us-east-1").metrics.add(metric, NOON_S * 1_000, 150.0, "Milliseconds")

    advance(70)

    items = [
        *_history(aws, HistoryItemType="AlarmContributorAction"),
        *_history(aws, HistoryItemType="Action"),
    ]
    assert [item["HistorySummary"] for item in items] == [
        f"Failed to execute action {STOP}",
        f"Failed to execute action {SCALING}",
    ]


def test_actions_of_contributors_wait_while_the_alarm_is_muted(
    aws: Aws, cloud: Cloud, advance: Advance, topic: str
) -> None:
    """Each for itself: the state it is in when the window ends is told."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW, AlarmActions=[topic], OKActions=[topic])
    cloudwatch.put_alarm_mute_rule(
        Name="r",
        Rule={"Schedule": {"Expression": "at(2026-11-24T12:00)", "Duration": "PT5M"}},
        MuteTargets={"AlarmNames": ["slow"]},
    )
    _minute(cloud, 0, a=150.0, b=150.0)
    _minute(cloud, 1, a=150.0, b=50.0)

    advance(130)
    muted = [item["HistorySummary"] for item in _history(aws, HistoryItemType="AlarmContributorAction")]
    advance(170)

    assert muted == [f"Muted action {topic}"] * 3
    told = _messages(aws, HistoryItemType="AlarmContributorAction", StartDate=NOON_S + 299)
    assert {message["AlarmContributorAttributes"]["Model"]: message["NewStateValue"] for message in told} == {
        "a": "ALARM",
        "b": "OK",
    }
    assert all(message["ActionExecutedAfterMuteWindow"] for message in told)


def test_at_most_a_hundred_contributors_are_in_alarm(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """The first in the query's order; those in ALARM stay before others come."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _minute(cloud, 0, **{f"m{number:03d}": 1_000.0 - number for number in range(105)})
    _minute(cloud, 1, **{f"m{number:03d}": 1_000.0 + number for number in range(105)})

    advance(70)
    first = _raised(aws)
    reason = _alarm(aws)["StateReason"]
    advance(60)

    assert reason == "100+ time series evaluated to ALARM"
    assert first == [f"m{number:03d}" for number in range(100)]
    assert _raised(aws) == first


def test_more_series_than_a_query_gives_are_partial_data(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Five hundred; the guide's evaluation state says so, until it is no longer true."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _minute(cloud, 0, **{f"m{number}": 50.0 for number in range(501)})

    advance(70)
    partial = _alarm(aws)
    advance(300)

    assert (partial["EvaluationState"], partial["StateReason"]) == (
        "PARTIAL_DATA",
        "500 time series evaluated to OK",
    )
    assert "EvaluationState" not in _alarm(aws)


def test_a_group_without_the_key_is_another(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """As the query names it."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    cloud.engine("us-east-1").metrics.add(Metric.of("NS", "Latency", {}), NOON_S * 1_000, 500.0, "None")

    advance(70)

    assert _raised(aws) == ["Other"]


def test_a_query_of_one_series_is_an_alarm_like_others(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Without GROUP BY, or through an expression: no contributors."""
    query = {"Id": "q1", "Expression": QUERY, "Period": 60, "ReturnData": False}
    highest = {"Id": "e1", "Expression": "MAX(q1)"}
    for name, metrics in (
        ("plain", [{**query, "Expression": "SELECT MAX(Latency) FROM NS", "ReturnData": True}]),
        ("through", [query, highest]),
    ):
        aws("cloudwatch").put_metric_alarm(**{**SLOW, "AlarmName": name, "Metrics": metrics})
    _minute(cloud, 0, a=150.0, b=50.0)

    advance(70)

    alarms = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [alarm["StateReason"] for alarm in alarms] == [
        "Threshold Crossed: 1 datapoint [150.0 (24/11/26 12:00:00)] was greater than the threshold (100.0)."
    ] * 2
    assert aws("cloudwatch").describe_alarm_contributors(AlarmName="plain")["AlarmContributors"] == []


def test_an_alarm_put_anew_on_one_series_has_no_contributors(
    aws: Aws, cloud: Cloud, advance: Advance
) -> None:
    """They go without a word."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**SLOW)
    _minute(cloud, 0, a=150.0)
    advance(70)
    before = _raised(aws)

    plain = {"Id": "q1", "Expression": "SELECT MAX(Latency) FROM NS", "Period": 60}
    cloudwatch.put_metric_alarm(**{**SLOW, "Metrics": [plain]})

    assert (before, _raised(aws)) == (["a"], [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"EvaluationPeriods": 181}, "MetricsInsights monitors cannot be checked across more than 3 hours"),
        (
            {"EvaluationPeriods": 180, "EvaluationWindow": {"WallClockWindow": {}}},
            "MetricsInsights monitors cannot be checked across more than 3 hours",
        ),
        (
            {"Metrics": [{"Id": "q1", "Expression": QUERY.split(" ORDER")[0], "Period": 60}]},
            "A query with GROUP BY has an ORDER BY too",
        ),
        (
            {"Metrics": [{"Id": "q1", "Expression": QUERY, "Period": 30}]},
            "MetricsInsights monitors do not support less than 60 seconds period",
        ),
        (
            {
                "Metrics": [
                    {"Id": "q1", "Expression": QUERY, "Period": 60, "ReturnData": False},
                    {"Id": "e1", "Expression": "q1 * 2"},
                ]
            },
            "an alarm watches one time series",
        ),
        ({"AlarmActions": [STOP]}, "EC2 actions need a metric with the dimension InstanceId"),
    ],
)
def test_what_a_query_cannot_be_watched_for_is_refused(
    aws: Aws, change: dict[str, Any], message: str
) -> None:
    """In AWS's words where they are known."""
    with pytest.raises(ClientError, match=message):
        aws("cloudwatch").put_metric_alarm(**{**SLOW, **change})


def test_a_region_has_two_hundred_alarms_on_queries(aws: Aws) -> None:
    """One of them may be put again."""
    cloudwatch = aws("cloudwatch")
    for number in range(200):
        cloudwatch.put_metric_alarm(**{**SLOW, "AlarmName": f"a{number}"})

    with pytest.raises(ClientError) as refused:
        cloudwatch.put_metric_alarm(**SLOW)
    cloudwatch.put_metric_alarm(**{**SLOW, "AlarmName": "a7", "Threshold": 5.0})

    assert refused.value.response["Error"]["Code"] == "LimitExceeded"


def test_contributors_of_an_alarm_that_is_not_there(aws: Aws) -> None:
    """AWS's code."""
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").describe_alarm_contributors(AlarmName="x")

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_every_protocol_tells_of_contributors(cloudwatch: Any, cloud: Cloud, advance: Advance) -> None:
    """Their attributes are a map, in the history too."""
    cloudwatch.put_metric_alarm(**SLOW)
    _minute(cloud, 0, a=150.0)
    advance(70)

    (found,) = cloudwatch.describe_alarm_contributors(AlarmName="slow")["AlarmContributors"]
    (item,) = cloudwatch.describe_alarm_history(HistoryItemType="AlarmContributorStateUpdate")[
        "AlarmHistoryItems"
    ]

    assert found["ContributorAttributes"] == item["AlarmContributorAttributes"] == {"Model": "a"}
    assert found["ContributorId"] == item["AlarmContributorId"]


def test_a_state_set_by_hand_is_the_alarms_alone(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Its contributors stay, and the next evaluation says so."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    _minute(cloud, 0, a=150.0)
    _minute(cloud, 1, a=150.0)
    advance(70)

    aws("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="a drill")
    held = (_alarm(aws)["StateReason"], _raised(aws))
    advance(60)

    assert held == ("a drill", ["a"])
    assert (_alarm(aws)["StateValue"], _raised(aws)) == ("ALARM", ["a"])


def test_a_composite_follows_the_alarm_on_several_series(aws: Aws, cloud: Cloud, advance: Advance) -> None:
    """Not each contributor."""
    aws("cloudwatch").put_metric_alarm(**SLOW)
    aws("cloudwatch").put_composite_alarm(AlarmName="any", AlarmRule="ALARM(slow)")
    _minute(cloud, 0, a=150.0)
    _minute(cloud, 1, a=150.0, b=150.0)

    advance(130)

    changes = _history(aws, AlarmName="any", AlarmTypes=["CompositeAlarm"], HistoryItemType="StateUpdate")
    assert [item["HistorySummary"] for item in changes] == [
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]


def test_a_warming_alarm_on_several_series_waits_for_one_that_is_full(
    aws: Aws, cloud: Cloud, advance: Advance
) -> None:
    """As any alarm waits for its window."""
    aws("cloudwatch").put_metric_alarm(
        **{**SLOW, "EvaluationPeriods": 3}, WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60}
    )
    for minute in range(3):
        _minute(cloud, minute, a=150.0)

    advance(130)
    early = _alarm(aws)
    advance(60)

    assert (early["EvaluationState"], early["StateValue"]) == ("IN_WARM_UP", "INSUFFICIENT_DATA")
    assert _alarm(aws)["StateValue"] == "ALARM"
