"""A restart: what was asked before is there again, at its own times, and nobody is told twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.journal import Entry, Journal
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.testing.aws import client

NOON_S = 1_795_521_600
SLOW = {
    "AlarmName": "slow",
    "Namespace": "NS",
    "MetricName": "Latency",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 2_000.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "ignore",
}
Start = Callable[[], Cloud]


def _everything(cloud: Cloud) -> Any:
    """What a client sees of alarms, dashboards and topics."""
    cloudwatch, sns = client(cloud, "cloudwatch"), client(cloud, "sns")
    topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    found = [
        cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"]),
        cloudwatch.describe_alarm_history(AlarmTypes=["MetricAlarm", "CompositeAlarm"]),
        cloudwatch.list_alarm_mute_rules(),
        cloudwatch.list_dashboards(),
        sns.list_subscriptions(),
        *(sns.get_topic_attributes(TopicArn=topic) for topic in topics),
    ]
    return [{name: value for name, value in answer.items() if name != "ResponseMetadata"} for answer in found]


def _deliver(cloud: Cloud) -> list[Delivery]:
    """Send all that is due to an endpoint that takes it."""
    sent = list(cloud.due_deliveries())
    for delivery in sent:
        cloud.answered(delivery, 200, None)
    return sent


def _fill(cloud: Cloud, clock: ManualClock) -> str:
    """An alarm that fired, its topic, a confirmed and a pending subscription, a dashboard."""
    cloudwatch, sns = client(cloud, "cloudwatch"), client(cloud, "sns")
    topic: str = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/a")
    (asked,) = cloud.due_deliveries()
    sns.confirm_subscription(TopicArn=topic, Token=json.loads(asked.post.body)["Token"])
    cloud.answered(asked, 200, None)
    clock.move_to(clock.now_ms() + 5_000)
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets":[]}')
    cloudwatch.put_metric_alarm(**SLOW, AlarmActions=[topic], Tags=[{"Key": "team", "Value": "ml"}])
    cloudwatch.put_metric_data(
        Namespace="NS", MetricData=[{"MetricName": "Latency", "Timestamp": NOON_S + 10, "Value": 9_000.0}]
    )
    clock.move_to((NOON_S + 70) * 1_000)
    cloud.run_due()
    return topic


def test_a_restart_brings_everything_back(start: Start, clock: ManualClock) -> None:
    """Configurations, states, reasons, histories, subscriptions: to the millisecond and the id."""
    first = start()
    _fill(first, clock)
    before = _everything(first)
    clock.move_to(clock.now_ms() + 1_000)

    after = _everything(start())

    assert after == before
    assert before[0]["MetricAlarms"][0]["StateValue"] == "ALARM"


def test_nobody_is_told_twice(start: Start, clock: ManualClock) -> None:
    """The alarm's notification left before; the restart sends none."""
    first = start()
    _fill(first, clock)
    sent = _deliver(first)

    second = start()
    second.run_due()

    assert len(sent) == 1
    assert list(second.due_deliveries()) == []


def test_time_goes_on_from_now(start: Start, clock: ManualClock) -> None:
    """Rounds of the time it was down are not held: their data are not there."""
    _fill(start(), clock)
    clock.move_to(clock.now_ms() + 3_600_000)

    cloud = start()
    cloud.run_due()

    assert cloud.engine("us-east-1").next_round_ms == (NOON_S + 3_600 + 130) * 1_000


def test_what_was_deleted_stays_deleted(start: Start, clock: ManualClock) -> None:
    """And what was refused was never kept."""
    first = start()
    topic = _fill(first, clock)
    client(first, "cloudwatch").delete_alarms(AlarmNames=["slow"])
    client(first, "cloudwatch").delete_dashboards(DashboardNames=["d"])
    client(first, "sns").delete_topic(TopicArn=topic)
    with pytest.raises(Exception, match="Should be array"):
        client(first, "cloudwatch").put_dashboard(DashboardName="x", DashboardBody='{"widgets":{}}')

    second = start()

    cloudwatch = client(second, "cloudwatch")
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []
    assert client(second, "sns").list_topics()["Topics"] == []


def test_a_value_is_kept_from_the_first_time_on(tmp_path: Path) -> None:
    """The engine's id, by which stacks know it."""
    first = Journal(tmp_path / "journal.sqlite")
    kept = first.keep("engine_id", "one")
    first.close()
    second = Journal(tmp_path / "journal.sqlite")

    again = second.keep("engine_id", "two")

    second.close()
    assert (kept, again) == ("one", "one")


def _hold(cloud: Cloud, clock: ManualClock) -> None:
    """Two composite alarms in ALARM: the actions of one wait for its suppressor, those of one are muted."""
    topic = _fill(cloud, clock)
    cloudwatch = client(cloud, "cloudwatch")
    cloudwatch.put_metric_alarm(**{**SLOW, "AlarmName": "s"})
    cloudwatch.put_composite_alarm(
        AlarmName="waits",
        AlarmRule="ALARM(slow)",
        AlarmActions=[topic],
        ActionsSuppressor="s",
        ActionsSuppressorWaitPeriod=100,
        ActionsSuppressorExtensionPeriod=100,
    )
    cloudwatch.put_alarm_mute_rule(
        Name="r",
        Rule={"Schedule": {"Expression": "cron(0 12 * * *)", "Duration": "PT5M"}},
        MuteTargets={"AlarmNames": ["muted"]},
    )
    cloudwatch.put_composite_alarm(AlarmName="muted", AlarmRule="ALARM(slow)", AlarmActions=[topic])


@pytest.mark.parametrize("seconds", [0, 120, 400], ids=["both held", "one free", "both free"])
def test_what_was_held_back_is_held_or_done_as_before(start: Start, clock: ManualClock, seconds: int) -> None:
    """Suppressed and muted actions, before and after each was set free."""
    first = start()
    _hold(first, clock)
    _deliver(first)
    for _ in range(seconds // 10):
        clock.move_to(clock.now_ms() + 10_000)
        first.run_due()
        _deliver(first)
    before = _everything(first)

    second = start()
    second.run_due()

    assert _everything(second) == before
    assert list(second.due_deliveries()) == []


def test_what_was_held_back_is_done_after_the_restart(start: Start, clock: ManualClock) -> None:
    """Nobody was told yet: they are, once."""
    first = start()
    _hold(first, clock)
    _deliver(first)
    second = start()
    told = []

    for _ in range(40):
        clock.move_to(clock.now_ms() + 10_000)
        second.run_due()
        told += [delivery.said.subject for delivery in second.due_deliveries()]

    assert told == ['ALARM: "waits" in us-east-1', 'ALARM: "muted" in us-east-1']


def test_what_can_no_longer_be_done_over_is_said(
    start: Start, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A state of an alarm that is not there keeps nobody from starting."""
    first = start()
    assert first.journal is not None
    state = {"AlarmName": "gone", "StateValue": "OK", "StateReason": "r", "StateReasonData": None}
    first.journal.record(Entry(clock.now_ms(), "us-east-1", "cloudwatch", "AlarmEnteredState", state, []))

    start()

    assert "AlarmEnteredState of before cannot be done over" in caplog.text


def test_contributors_and_detectors_are_there_again(start: Start, clock: ManualClock) -> None:
    """In their states, with their histories; nobody is told of them twice."""
    first = start()
    cloudwatch, sns = client(first, "cloudwatch"), client(first, "sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    query = "SELECT MAX(Latency) FROM NS GROUP BY Model ORDER BY MAX() DESC"
    rule = {key: SLOW[key] for key in ("AlarmName", "EvaluationPeriods", "Threshold", "ComparisonOperator")}
    cloudwatch.put_metric_alarm(
        **rule, Metrics=[{"Id": "q1", "Expression": query, "Period": 60}], AlarmActions=[topic]
    )
    cloudwatch.put_anomaly_detector(
        Namespace="NS", MetricName="Latency", Stat="p99", Configuration={"MetricTimezone": "Asia/Tokyo"}
    )
    for model, value in (("a", 9_000.0), ("b", 1.0)):
        datum = {"MetricName": "Latency", "Timestamp": NOON_S + 10, "Value": value}
        cloudwatch.put_metric_data(
            Namespace="NS", MetricData=[{**datum, "Dimensions": [{"Name": "Model", "Value": model}]}]
        )
    clock.move_to((NOON_S + 70) * 1_000)
    first.run_due()

    def seen(cloud: Cloud) -> Any:
        again = client(cloud, "cloudwatch")
        return (
            again.describe_alarm_contributors(AlarmName="slow")["AlarmContributors"],
            again.describe_alarm_history()["AlarmHistoryItems"],
            again.describe_anomaly_detectors()["AnomalyDetectors"],
        )

    before = seen(first)
    second = start()

    assert seen(second) == before
    assert [each["ContributorAttributes"] for each in before[0]] == [{"Model": "a"}]
    assert list(second.due_deliveries()) == []
