"""A disk that refuses: what is not kept is not done, nobody is told of it, and all goes on once there is room."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.model.errors import NotKept
from inferwatch.testing.aws import client
from inferwatch.wire import perform as performing
from inferwatch.wire.operations import OPERATIONS, Params
from inferwatch.wire.own import own_call
from inferwatch.wire.perform import perform

Start = Callable[[], Cloud]
ALARM = {
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
KEPT = [
    (service, name)
    for service, operations in OPERATIONS.items()
    for name, operation in operations.items()
    if operation.is_kept
]


@contextmanager
def _refusing(cloud: Cloud) -> Iterator[None]:
    """SQLite itself refuses every write, as on a disk that became read-only."""
    assert cloud.journal is not None
    connections: list[sqlite3.Connection] = [cloud.journal._database, cloud.journal._notes]
    for connection in connections:
        connection.execute("pragma query_only = on")
    try:
        yield
    finally:
        for connection in connections:
            connection.execute("pragma query_only = off")


def _topic(cloud: Cloud, name: str = "alarms") -> str:
    """A topic with one confirmed subscription."""
    sns = client(cloud, "sns")
    topic: str = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/hook")
    (invitation,) = cloud.due_deliveries()
    cloud.answered(invitation, 200, None)
    sns.confirm_subscription(TopicArn=topic, Token=invitation.said.subscription.token)
    return topic


def _alarm(cloud: Cloud, **more: object) -> None:
    """An alarm whose next evaluation puts it into ALARM."""
    cloudwatch = client(cloud, "cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM, **more)
    cloudwatch.put_metric_data(Namespace="NS", MetricData=[{"MetricName": "Latency", "Value": 9_000.0}])


def _round(cloud: Cloud, clock: ManualClock, seconds: int = 60) -> list[Delivery]:
    """Time goes on; what is to be sent then."""
    clock.move_to(clock.now_ms() + seconds * 1_000)
    cloud.run_due()
    return list(cloud.due_deliveries())


def _state(cloud: Cloud) -> str:
    (alarm,) = client(cloud, "cloudwatch").describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
    return str(alarm["StateValue"])


def _history(cloud: Cloud) -> list[str]:
    items = client(cloud, "cloudwatch").describe_alarm_history(AlarmName="slow")["AlarmHistoryItems"]
    return [item["HistorySummary"] for item in items]


@pytest.mark.parametrize(("service", "name"), KEPT)
def test_an_operation_that_is_not_kept_is_not_begun(
    start: Start, monkeypatch: pytest.MonkeyPatch, service: str, name: str
) -> None:
    """Whatever it is."""
    cloud, done = start(), []

    def run(*_: object) -> Params:
        done.append(name)
        return {}

    monkeypatch.setitem(OPERATIONS[service], name, replace(OPERATIONS[service][name], run=run))
    monkeypatch.setattr(performing, "check", lambda *_: None)

    with _refusing(cloud), pytest.raises(NotKept):
        perform(cloud, "us-east-1", service, name, {})
    refused = list(done)
    perform(cloud, "us-east-1", service, name, {})

    assert (refused, done) == ([], [name])


def test_a_refused_state_leaves_no_trace(start: Start) -> None:
    """No state, no history, no message; now or after a restart."""
    cloud = start()
    client(cloud, "cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[_topic(cloud)])
    before = _history(cloud)

    with _refusing(cloud), pytest.raises(ClientError, match=r"nothing was done: .*: Read-only file system"):
        client(cloud, "cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="r")

    again = start()
    for each in (cloud, again):
        assert _state(each) == "INSUFFICIENT_DATA"
        assert _history(each) == before
        assert list(each.due_deliveries()) == []


def test_a_full_disk_is_named_as_the_system_names_it(start: Start) -> None:
    """SQLite's own words would be `database or disk is full`."""
    cloud = start()
    assert cloud.journal is not None
    cloud.journal._database.execute("pragma max_page_count = 1")

    with pytest.raises(ClientError, match="No space left on device"):
        client(cloud, "cloudwatch").put_metric_alarm(**ALARM, AlarmDescription="d" * 1_024, Tags=[
            {"Key": f"key {number}", "Value": "v" * 256} for number in range(50)
        ])  # fmt: skip


def test_a_transition_is_told_once_it_is_kept(start: Start, clock: ManualClock) -> None:
    """The disk refuses for three rounds; then the alarm changes, its subscriber hears it once, for good."""
    cloud = start()
    _alarm(cloud, AlarmActions=[_topic(cloud)])
    client(cloud, "cloudwatch").put_metric_alarm(**{**ALARM, "AlarmName": "other"})

    with _refusing(cloud):
        told = [_round(cloud, clock) for _ in range(3)]
        state = _state(cloud)
    (sent,) = _round(cloud, clock)
    cloud.answered(sent, 200, None)

    assert (told, state) == ([[], [], []], "INSUFFICIENT_DATA")
    assert _state(cloud) == "ALARM"
    assert _round(cloud, clock) == []
    again = start()
    assert _state(again) == "ALARM"
    assert _round(again, clock) == []


def test_held_back_actions_stay_held_back(start: Start, clock: ManualClock) -> None:
    """A mute window ends while the disk refuses: rounds go on, and the action is done once it is kept."""
    cloud = start()
    _alarm(cloud, AlarmActions=[_topic(cloud)])
    client(cloud, "cloudwatch").put_alarm_mute_rule(
        Name="quiet",
        Rule={"Schedule": {"Expression": "cron(* * * * *)", "Duration": "PT5M"}},
        MuteTargets={"AlarmNames": ["slow"]},
        ExpireDate=clock.now_ms() / 1_000 + 120,
    )
    muted = _round(cloud, clock, 70)

    with _refusing(cloud):
        told = _round(cloud, clock, 600)
        next_round_ms = cloud.engine("us-east-1").next_round_ms
    (sent,) = _round(cloud, clock, 1)
    cloud.answered(sent, 200, None)

    assert (muted, told) == ([], [])
    assert next_round_ms > clock.now_ms() - 1_000
    assert _round(start(), clock) == []


def test_what_aws_refuses_is_not_done_over(start: Start) -> None:
    """There was no such alarm then; there is one now, and a restart leaves it alone."""
    cloud = start()
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client(cloud, "cloudwatch").set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="r")
    assert cloud.journal is not None

    assert [entry.name for entry in cloud.journal.entries()] == []


def test_what_aws_refused_is_forgotten_once_that_can_be_written(start: Start) -> None:
    """The disk took the entry, and not its end."""
    cloud = start()
    assert cloud.journal is not None
    cloud.journal._notes.execute("pragma query_only = on")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client(cloud, "cloudwatch").set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="r")
    cloud.journal._notes.execute("pragma query_only = off")

    client(cloud, "sns").create_topic(Name="t")

    assert [entry.name for entry in cloud.journal.entries()] == ["CreateTopic"]


def test_an_answer_that_was_not_noted_is_noted_later(start: Start, clock: ManualClock) -> None:
    """It was delivered while the disk refused; after that, a restart does not send it again."""
    cloud = start()
    client(cloud, "sns").publish(TopicArn=_topic(cloud), Message="m")
    (sent,) = cloud.due_deliveries()
    with _refusing(cloud):
        cloud.answered(sent, 200, None)

    _round(cloud, clock, 11)

    assert list(start().due_deliveries()) == []


def test_health_tells_of_the_trouble_while_it_lasts(start: Start, clock: ManualClock) -> None:
    """And finds out by itself that it is over."""
    cloud = start()
    with _refusing(cloud), pytest.raises(ClientError):
        client(cloud, "sns").create_topic(Name="t")
    during = own_call(cloud, "/_inferwatch/health")
    _round(cloud, clock, 11)

    after = own_call(cloud, "/_inferwatch/health")

    assert during is not None
    assert after is not None
    assert during["status"] == "failing"
    assert during["trouble"].endswith("journal.sqlite cannot be written: Read-only file system")
    assert (after["status"], after.get("trouble")) == ("ok", None)


def test_the_log_says_it_once_a_minute(
    start: Start, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """In two minutes of calls and rounds: what the disk does, and which alarm waits for it."""
    cloud = start()
    _alarm(cloud)
    caplog.set_level(logging.WARNING)

    with _refusing(cloud):
        for _ in range(24):
            _round(cloud, clock, 5)
            with pytest.raises(ClientError):
                client(cloud, "sns").create_topic(Name="t")
    _round(cloud, clock, 11)

    said = [record.getMessage() for record in caplog.records]
    assert sum("cannot be written: Read-only file system" in line for line in said) in (2, 3)
    assert sum("nobody is told" in line and line.endswith(": slow") for line in said) in (1, 2)
    assert sum("can be written again" in line for line in said) == 1
    assert all(record.exc_info is None for record in caplog.records)


def test_more_ids_than_were_drawn_are_the_same_after_a_restart(start: Start) -> None:
    """Ten topics hear of one change: each message keeps its id."""
    cloud = start()
    topics = [_topic(cloud, f"t{number}") for number in range(5)]
    cloudwatch = client(cloud, "cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=topics)
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(slow)", AlarmActions=topics)
    cloudwatch.set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="r")
    before = [delivery.key for delivery in cloud.due_deliveries()]

    after = [delivery.key for delivery in start().due_deliveries()]

    assert after == before
    assert len({message_id for message_id, _ in before}) == 10
