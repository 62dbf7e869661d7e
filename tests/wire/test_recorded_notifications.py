"""What an alarm tells, held against every recorded message and history item, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

Vectors = Callable[[str], list[dict[str, Any]]]
# Each case, and what holds the engine against it.
HERE = {"sns-metric", "sns-math", "sns-composite", "history-state"}
IN_TEST_ALARM_ACTIONS = {"history-create", "history-action"}
# No function runs here and no event bus: such an action is remembered as failed.
NOT_HERE = {"lambda", "eventbridge-state"}
WATCHED = {
    "AlarmName": "cpu",
    "EvaluationPeriods": 1,
    "Threshold": 50.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "missing",
}
CPU = {
    "Namespace": "NS",
    "MetricName": "CPU",
    "Dimensions": [{"Name": "Id", "Value": "i-1"}],
    "Statistic": "Average",
    "Period": 60,
}
TWICE = {
    "DatapointsToAlarm": 1,
    "Threshold": 5.0,
    "TreatMissingData": "notBreaching",
    "Metrics": [
        {"Id": "e1", "Expression": "m1*2", "Label": "twice"},
        {
            "Id": "m1",
            "MetricStat": {
                "Metric": {"Namespace": "NS", "MetricName": "CPU"},
                "Period": 60,
                "Stat": "Average",
            },
            "ReturnData": False,
        },
    ],
}


@pytest.fixture
def clock() -> ManualClock:
    """Before all that was recorded."""
    return ManualClock(_ms("2026-09-14T05:00:00.000+0000"))


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[Cloud]:
    numbers = count(1)
    made = Cloud(
        clock,
        account_id="123456789012",
        region_label=lambda _: "US East (N. Virginia)",
        new_id=lambda: f"id-{next(numbers)}",
    )
    yield made
    made.close()


def _ms(text: str) -> int:
    return round(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1_000)


def _case(vectors: Vectors, name: str) -> dict[str, Any]:
    (case,) = [case for case in vectors("alarm_notifications") if case["id"] == name]
    return case


def _topic(cloud: Cloud) -> str:
    """The recorded topic, with a mailbox that has confirmed: it is sent the message that all are."""
    sns = client(cloud, "sns")
    topic: str = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint="ops@example.com")
    (invitation,) = cloud.due_deliveries()
    cloud.answered(invitation, 250, None)
    sns.confirm_subscription(TopicArn=topic, Token=invitation.said.subscription.token)
    return topic


def _ordered(value: Any) -> Any:
    """With the order of keys, all the way down."""
    if isinstance(value, dict):
        return [(name, _ordered(item)) for name, item in value.items()]
    return [_ordered(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("name", "more"), [("sns-metric", CPU), ("sns-math", TWICE)])
def test_a_metric_alarms_message_is_the_recorded_one(
    vectors: Vectors, cloud: Cloud, clock: ManualClock, name: str, more: dict[str, Any]
) -> None:
    """Subject, keys in order, and values."""
    case, cloudwatch = _case(vectors, name), client(cloud, "cloudwatch")
    recorded = case["message"]
    topic = _topic(cloud)
    clock.move_to(_ms(recorded["AlarmConfigurationUpdatedTimestamp"]))
    cloudwatch.put_metric_alarm(**WATCHED | more, AlarmActions=[topic])
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="OK", StateReason="r")
    clock.move_to(_ms(recorded["StateChangeTime"]))
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason=recorded["NewStateReason"])

    (delivery,) = cloud.due_deliveries()

    assert _ordered(json.loads(delivery.said.message)) == _ordered(recorded)
    assert delivery.said.subject == case.get("subject", delivery.said.subject)


def test_a_composite_alarms_message_is_the_recorded_one(
    vectors: Vectors, cloud: Cloud, clock: ManualClock
) -> None:
    """AWS took a second to follow the child; here the composite alarm changes in the same moment."""
    recorded, cloudwatch = _case(vectors, "sns-composite")["message"], client(cloud, "cloudwatch")
    topic = _topic(cloud)
    cloudwatch.put_metric_alarm(**WATCHED | CPU | {"AlarmName": "a"})
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="r")
    cloudwatch.put_composite_alarm(AlarmName="comp", AlarmRule="ALARM(a)", AlarmActions=[topic])
    (child,) = recorded["TriggeringChildren"]
    clock.move_to(_ms(child["State"]["Timestamp"]))
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="r")

    (delivery,) = cloud.due_deliveries()

    message = json.loads(delivery.said.message)
    assert message["StateChangeTime"] == child["State"]["Timestamp"]
    assert _ordered(message | {"StateChangeTime": recorded["StateChangeTime"]}) == _ordered(recorded)


def test_a_change_of_state_is_remembered_as_recorded(vectors: Vectors, cloud: Cloud) -> None:
    """The reason's data is an object in there, no text."""
    case, cloudwatch = _case(vectors, "history-state"), client(cloud, "cloudwatch")
    cloudwatch.put_metric_alarm(**WATCHED | CPU)
    cloudwatch.set_alarm_state(
        AlarmName="cpu", StateValue="ALARM", StateReason="...", StateReasonData='{"version":"1.0"}'
    )

    (item,) = cloudwatch.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]

    assert item["HistorySummary"] == case["HistorySummary"]
    assert _ordered(json.loads(item["HistoryData"])) == _ordered(case["HistoryData"])


def test_every_case_is_accounted_for(vectors: Vectors) -> None:
    """None drops out unseen."""
    names = [case["id"] for case in vectors("alarm_notifications")]

    assert sorted(names) == sorted(HERE | IN_TEST_ALARM_ACTIONS | NOT_HERE)
