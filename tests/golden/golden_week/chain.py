"""The week through the whole chain: PutLogEvents → filters → metrics → alarms → SNS → a subscriber."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

from golden_week.traffic import MINUTE_MS, MONDAY_MS, Event
from golden_week.watching import COMPOSITE, FILTERS, MUTE_RULE, alarms, metric_filter
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client
from inferwatch.wire.request import Request
from inferwatch.wire.respond import respond

GROUP, STREAM = "/inferwatch/assistant", "worker-1"
TICK_MS = 10_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A notification as the subscriber got it."""

    alarm: str
    state: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was to be seen from outside after the week.

    Args:
        history: DescribeAlarmHistory of all alarms, in the order of time.
    """

    history: list[dict[str, Any]]
    heard: list[Heard]


def play(minutes: Sequence[Sequence[Event]]) -> Outcome:
    """Every minute's events are put as the minute ends, those of a queue every ten seconds."""
    clock = ManualClock(MONDAY_MS)
    numbers = count(1)
    cloud = Cloud(
        clock, account_id="123456789012", base_url="http://localhost", new_id=lambda: f"id-{next(numbers)}"
    )
    try:
        aws = {service: client(cloud, service) for service in ("logs", "cloudwatch", "sns")}
        _set_up(aws, cloud)
        heard: list[Heard] = []
        for number, events in enumerate(minutes):
            _live_through(cloud, clock, MONDAY_MS + number * MINUTE_MS, events)
            heard += _deliver(cloud)
        return Outcome(_history(aws["cloudwatch"]), heard)
    finally:
        cloud.close()


def _set_up(aws: dict[str, Any], cloud: Cloud) -> None:
    logs, cloudwatch, sns = aws["logs"], aws["cloudwatch"], aws["sns"]
    logs.create_log_group(logGroupName=GROUP)
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    for row in FILTERS:
        logs.put_metric_filter(logGroupName=GROUP, **metric_filter(*row))
    topic = sns.create_topic(Name="pages")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://pager.example/")
    (confirmation,) = cloud.due_deliveries()
    confirmation.answered(200, None, MONDAY_MS)
    token = json.loads(confirmation.post.body)["Token"]
    sns.confirm_subscription(TopicArn=topic, Token=token)
    actions = {f"{state}Actions": [topic] for state in ("Alarm", "OK", "InsufficientData")}
    for name, definition in alarms().items():
        cloudwatch.put_metric_alarm(AlarmName=name, **definition, **actions)
    cloudwatch.put_composite_alarm(**COMPOSITE, AlarmActions=[topic], OKActions=[topic])
    cloudwatch.put_alarm_mute_rule(**MUTE_RULE)


def _live_through(cloud: Cloud, clock: ManualClock, start_ms: int, events: Sequence[Event]) -> None:
    """One minute: what is measured by the second arrives by the second, all else as the minute ends."""
    by_second = [event for event in events if "_aws" in event.members]
    for tick, together in groupby(by_second, lambda event: event.timestamp_ms // TICK_MS):
        _move(cloud, clock, (tick + 1) * TICK_MS)
        _put(cloud, list(together))
    _move(cloud, clock, start_ms + MINUTE_MS)
    _put(cloud, [event for event in events if "_aws" not in event.members])


def _move(cloud: Cloud, clock: ManualClock, now_ms: int) -> None:
    clock.move_to(now_ms)
    cloud.run_due()


def _put(cloud: Cloud, events: Sequence[Event]) -> None:
    """PutLogEvents as bytes on the wire: a client would only cost time."""
    if not events:
        return
    put = [{"timestamp": event.timestamp_ms, "message": event.text} for event in events]
    body = json.dumps({"logGroupName": GROUP, "logStreamName": STREAM, "logEvents": put}).encode()
    headers = {"x-amz-target": "Logs_20140328.PutLogEvents", "content-type": "application/x-amz-json-1.1"}
    response = respond(cloud, Request("POST", "/", "", headers, body), "request", "us-east-1")
    assert response is not None
    assert response.status == 200, response.body
    assert "rejectedLogEventsInfo" not in json.loads(response.body)


def _deliver(cloud: Cloud) -> list[Heard]:
    heard = []
    for delivery in cloud.due_deliveries():
        message = json.loads(json.loads(delivery.post.body)["Message"])
        heard.append(Heard(message["AlarmName"], message["NewStateValue"], delivery.created_ms))
        delivery.answered(200, None, delivery.created_ms)
    return heard


def _history(cloudwatch: Any) -> list[dict[str, Any]]:
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"], ScanBy="TimestampAscending"
    )
    return [item for page in pages for item in page["AlarmHistoryItems"]]
