"""A restart: what was answered is not sent again, what was not is, and both are still told of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from inferwatch.engine import journal
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify import outbox
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.testing.aws import client

HOOK = "http://127.0.0.1:9/hook"
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
Start = Callable[[], Cloud]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def _topic(cloud: Cloud, *endpoints: str) -> str:
    """A topic with confirmed subscriptions."""
    sns = client(cloud, "sns")
    topic: str = sns.create_topic(Name="alarms")["TopicArn"]
    for endpoint in endpoints:
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
        (invitation,) = cloud.due_deliveries()
        cloud.answered(invitation, 200, None)
        sns.confirm_subscription(TopicArn=topic, Token=invitation.said.subscription.token)
    return topic


def _fire(cloud: Cloud, clock: ManualClock, topic: str) -> None:
    """An evaluation puts an alarm into ALARM."""
    cloudwatch = client(cloud, "cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[topic])
    cloudwatch.put_metric_data(Namespace="NS", MetricData=[{"MetricName": "Latency", "Value": 9_000.0}])
    clock.move_to(clock.now_ms() + 70_000)
    cloud.run_due()


def _seen(delivery: Delivery) -> tuple[object, ...]:
    """All that a reader sees of it, and a receiver gets."""
    return (
        *delivery.key,
        delivery.said.subject,
        delivery.said.message,
        delivery.created_ms,
        delivery.status,
        delivery.attempts,
        delivery.last_error,
        delivery.finished_ms,
        {name: value for name, value in delivery.post.headers.items() if name != "Signature"},
    )


def _all(cloud: Cloud) -> list[tuple[object, ...]]:
    return [_seen(delivery) for delivery in cloud.deliveries()]


def test_what_nobody_answered_is_sent_again_as_the_same_message(start: Start, clock: ManualClock) -> None:
    """It was under way when the engine died."""
    first = start()
    _fire(first, clock, _topic(first, HOOK))
    (lost,) = first.due_deliveries()
    before = _seen(lost)

    (again,) = start().due_deliveries()

    assert _seen(again) == before
    assert again.said.subject == 'ALARM: "slow" in us-east-1'


@pytest.mark.parametrize("restarts", [1, 2, 3])
def test_what_was_answered_is_not_sent_again(start: Start, clock: ManualClock, restarts: int) -> None:
    """However often the engine starts; it is still shown, as it was."""
    first = start()
    _fire(first, clock, _topic(first, HOOK))
    (sent,) = first.due_deliveries()
    first.answered(sent, 200, None)
    before = _all(first)

    for _ in range(restarts):
        cloud = start()
        cloud.run_due()

    assert list(cloud.due_deliveries()) == []
    assert _all(cloud) == before
    assert [delivery.status for delivery in cloud.deliveries()] == ["delivered", "delivered"]


def test_each_subscriber_is_remembered_by_itself(start: Start, clock: ManualClock) -> None:
    """One answered, one was down: only that one hears it again, with the same id."""
    first = start()
    topic = _topic(first, HOOK, f"{HOOK}/other")
    message_id = client(first, "sns").publish(TopicArn=topic, Message="m")["MessageId"]
    up, down = first.due_deliveries()
    first.answered(up, 200, None)
    first.answered(down, None, "ConnectionRefusedError")

    cloud = start()
    early = list(cloud.due_deliveries())
    clock.move_to(clock.now_ms() + 20_000)
    (again,) = cloud.due_deliveries()

    assert early == []
    assert (again.address, again.message_id, again.attempts) == (f"{HOOK}/other", message_id, 1)


def test_attempts_go_on_where_they_were(start: Start, clock: ManualClock) -> None:
    """Four in all, across restarts; then it is a dead letter with its reason, for good."""
    cloud = start()
    client(cloud, "sns").publish(TopicArn=_topic(cloud, HOOK), Message="m")
    attempts = 0
    for _ in range(10):
        for delivery in cloud.due_deliveries():
            attempts += 1
            cloud.answered(delivery, 503, None)
        cloud = start()
        clock.move_to(clock.now_ms() + 20_000)

    dead = list(cloud.deliveries())[-1]
    assert attempts == 4
    assert (dead.status, dead.attempts, dead.last_error) == ("failed", 4, "HTTP 503")


def test_an_invitation_that_did_not_arrive_is_sent_again(start: Start) -> None:
    """With the token that confirms."""
    first = start()
    sns = client(first, "sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")

    second = start()
    (invitation,) = second.due_deliveries()
    client(second, "sns").confirm_subscription(TopicArn=topic, Token=invitation.said.subscription.token)

    assert invitation.kind == "SubscriptionConfirmation"
    third = start()
    assert client(third, "sns").publish(TopicArn=topic, Message="m")
    assert [delivery.said.message for delivery in third.due_deliveries()] == [invitation.said.message, "m"]


def test_actions_that_were_set_free_keep_their_ids(start: Start, clock: ManualClock) -> None:
    """A mute rule ended, its message left, the engine died: the same message leaves again."""
    first = start()
    topic = _topic(first, HOOK)
    client(first, "cloudwatch").put_alarm_mute_rule(
        Name="r",
        Rule={"Schedule": {"Expression": "cron(0 12 * * *)", "Duration": "PT5M"}},
        MuteTargets={"AlarmNames": ["slow"]},
    )
    _fire(first, clock, topic)
    clock.move_to(clock.now_ms() + 300_000)
    first.run_due()
    (lost,) = first.due_deliveries()

    (again,) = start().due_deliveries()

    assert again.key == lost.key


def test_what_came_after_a_restart_is_remembered_too(start: Start) -> None:
    """Entries that went make no room for mistakes: none is taken for one of before."""
    first = start()
    topic = _topic(first, HOOK)
    client(first, "sns").publish(TopicArn=topic, Message="one")
    for _ in range(2):
        for delivery in first.due_deliveries():
            first.answered(delivery, 200, None)
        first = start()

    client(first, "sns").publish(TopicArn=topic, Message="two")

    assert [delivery.said.message for delivery in start().due_deliveries()] == ["two"]


def _rows(file: Path) -> tuple[int, int]:
    """How many outcomes and publications are kept."""
    database = sqlite3.connect(file)
    (outcomes,) = database.execute("select count(*) from outcomes").fetchone()
    (published,) = database.execute("select count(*) from operations where name = 'Publish'").fetchone()
    database.close()
    return outcomes, published


def test_old_outcomes_and_publications_are_dropped(
    start: Start, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many stay as are shown, while it runs and after; what was dropped is not sent again either."""
    monkeypatch.setattr(outbox, "FINISHED_MAX", 10)
    monkeypatch.setattr(journal, "SETTLE_AFTER", 30)
    first = start()
    topic = _topic(first, HOOK)
    sns = client(first, "sns")
    for number in range(100):
        sns.publish(TopicArn=topic, Message=f"m{number}")
        for delivery in first.due_deliveries():
            first.answered(delivery, 200, None)
    sns.publish(TopicArn=topic, Message="on its way")
    while_it_runs = _rows(file)

    for _ in range(2):
        cloud = start()

        assert [delivery.said.message for delivery in cloud.due_deliveries()] == ["on its way"]
        messages = [delivery.said.message for delivery in cloud.deliveries()]
        assert messages == [*(f"m{number}" for number in range(90, 100)), "on its way"]
    # The invitation and 89 messages were settled, 11 more noted since; one has nothing to note yet.
    assert while_it_runs == (21, 22)
    assert _rows(file) == (11, 11)


def test_a_journal_of_an_earlier_version_tells_nobody_again(
    start: Start, clock: ManualClock, file: Path
) -> None:
    """It holds no outcomes, and that version sent what it had."""
    first = start()
    _fire(first, clock, _topic(first, HOOK))
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("drop table outcomes")
    database.execute("delete from meta where key = 'settled'")
    database.execute("update operations set ids = '[]' where name = 'AlarmEnteredState'")
    database.close()

    second = start()

    assert list(second.due_deliveries()) == []
    assert client(second, "cloudwatch").describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"


def test_nothing_is_signed_until_it_is_sent(clock: ManualClock, start: Start) -> None:
    """Doing the past over costs no signatures."""
    first = start()
    topic = _topic(first, HOOK)
    for number in range(10):
        client(first, "sns").publish(TopicArn=topic, Message=f"m{number}")

    second = start()
    waiting = list(second.due_deliveries())

    assert len(waiting) == 10
    assert "_key" not in second.signing_key.__dict__
    assert waiting[0].post.body
    assert "_key" in second.signing_key.__dict__
