"""Subscription filters: put, described, deleted, and what is delivered."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.store.store import Store
from inferwatch.wire.own import own_call

Aws = Callable[[str], Any]
Write = Callable[..., None]
OpenStore = Callable[[str], Store]
Advance = Callable[[int], None]
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:sink"
KINESIS = "arn:aws:kinesis:us-east-1:123456789012:stream/sink"
ROLE = "arn:aws:iam::123456789012:role/r"
HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


@pytest.fixture
def mapped(cloud: Cloud) -> Cloud:
    """An engine that was started with addresses for two destinations."""
    cloud.engine("us-east-1").subscriptions.addresses.update({LAMBDA: HOOK, KINESIS: HOOK})
    return cloud


def _put(aws: Aws, group: str, name: str = "f", arn: str = LAMBDA, **more: Any) -> None:
    aws("logs").put_subscription_filter(
        logGroupName=group, filterName=name, filterPattern="", destinationArn=arn, **more
    )


def test_a_filter_is_described_as_aws_does(
    aws: Aws, mapped: Cloud, clock: ManualClock, log_stream: tuple[str, str]
) -> None:
    """Sorted by name; the role only where there is one."""
    group = log_stream[0]
    _put(aws, group, "g")
    _put(aws, group, "f", KINESIS, roleArn=ROLE, distribution="Random")

    page = aws("logs").describe_subscription_filters(logGroupName=group)["subscriptionFilters"]
    some = aws("logs").describe_subscription_filters(logGroupName=group, filterNamePrefix="g")

    shared = {
        "logGroupName": group,
        "filterPattern": "",
        "applyOnTransformedLogs": False,
        "creationTime": clock.now_ms(),
    }
    assert page == [
        {**shared, "filterName": "f", "destinationArn": KINESIS, "roleArn": ROLE, "distribution": "Random"},
        {**shared, "filterName": "g", "destinationArn": LAMBDA, "distribution": "ByLogStream"},
    ]
    assert [item["filterName"] for item in some["subscriptionFilters"]] == ["g"]


def test_filters_are_paged(aws: Aws, mapped: Cloud, log_stream: tuple[str, str]) -> None:
    """One by one."""
    for name in ("f", "g"):
        _put(aws, log_stream[0], name)
    pages = aws("logs").get_paginator("describe_subscription_filters")

    names = [
        [item["filterName"] for item in page["subscriptionFilters"]]
        for page in pages.paginate(logGroupName=log_stream[0], PaginationConfig={"PageSize": 1})
    ]

    assert names == [["f"], ["g"]]


def test_an_event_is_delivered_with_the_id_it_is_read_with(
    aws: Aws, mapped: Cloud, clock: ManualClock, advance: Advance, log_stream: tuple[str, str], write: Write
) -> None:
    """The payload is AWS's; answers are kept; a failure is tried again."""
    group, stream = log_stream
    _put(aws, group)
    write("one", "two")

    early = list(mapped.due_forwards())
    advance(1)
    (sent,) = mapped.due_forwards()

    data = json.loads(sent.post.body)["awslogs"]["data"]
    message = json.loads(gzip.decompress(base64.b64decode(data)))
    read = aws("logs").filter_log_events(logGroupName=group)["events"]
    assert early == []
    assert [(event["id"], event["message"]) for event in message["logEvents"]] == [
        (event["eventId"], event["message"]) for event in read
    ]
    assert (message["owner"], message["logGroup"], message["logStream"]) == ("123456789012", group, stream)

    sent.answered(503, None, clock.now_ms())
    assert list(mapped.due_forwards()) == []
    advance(20)
    assert list(mapped.due_forwards()) == [sent]


def test_what_was_forwarded_is_shown(
    aws: Aws, mapped: Cloud, clock: ManualClock, advance: Advance, log_stream: tuple[str, str], write: Write
) -> None:
    """Newest first, with its destination and what became of it; beside the notifications."""
    group, _ = log_stream
    start_ms = clock.now_ms()
    _put(aws, group, "k", KINESIS, roleArn=ROLE)
    (control,) = mapped.due_forwards()
    control.answered(200, None, clock.now_ms())
    advance(1)
    _put(aws, group)
    write("one")
    advance(1)
    for sent in mapped.due_forwards():
        if sent.post.headers.get("X-Amz-Invocation-Type"):
            sent.answered(None, "OSError: nobody there", clock.now_ms())

    shown = own_call(mapped, "/_inferwatch/deliveries?region=us-east-1")

    assert shown is not None
    assert shown["deliveries"] == []
    waiting = {"address": HOOK, "log_group": group, "status": "pending", "finished_ms": None, "events": 1}
    *events, health = shown["forwards"]
    sizes = {one["filter_name"]: one.pop("size_bytes") for one in events}
    assert set(sizes) == {"f", "k"}
    assert all(size > 100 for size in sizes.values())
    data = {**waiting, "kind": "DATA_MESSAGE", "created_ms": start_ms + 2_000}
    assert {one["filter_name"]: one for one in events} == {
        "f": {
            **data,
            "filter_name": "f",
            "destination_arn": LAMBDA,
            "attempts": 1,
            "last_error": "OSError: nobody there",
            "due_ms": start_ms + 22_000,
        },
        "k": {
            **data,
            "filter_name": "k",
            "destination_arn": KINESIS,
            "attempts": 0,
            "last_error": None,
            "due_ms": start_ms + 2_000,
        },
    }
    assert health.pop("size_bytes") > 100
    assert health == {
        "kind": "CONTROL_MESSAGE",
        "destination_arn": KINESIS,
        "address": HOOK,
        "log_group": group,
        "filter_name": "k",
        "status": "delivered",
        "attempts": 1,
        "last_error": None,
        "events": 1,
        "due_ms": None,
        "created_ms": start_ms,
        "finished_ms": start_ms,
    }


def test_a_deleted_filter_is_gone(aws: Aws, mapped: Cloud, log_stream: tuple[str, str]) -> None:
    """AWS's text for one that is not there."""
    _put(aws, log_stream[0])
    aws("logs").delete_subscription_filter(logGroupName=log_stream[0], filterName="f")

    with pytest.raises(ClientError, match=r"The specified subscription filter does not exist\."):
        aws("logs").delete_subscription_filter(logGroupName=log_stream[0], filterName="f")

    assert aws("logs").describe_subscription_filters(logGroupName=log_stream[0])["subscriptionFilters"] == []


def test_the_third_is_refused(aws: Aws, mapped: Cloud, log_stream: tuple[str, str]) -> None:
    """Recorded: LimitExceededException."""
    for name in ("a", "b"):
        _put(aws, log_stream[0], name)

    with pytest.raises(ClientError, match=r"LimitExceededException.*Resource limit exceeded\."):
        _put(aws, log_stream[0], "c")


@pytest.mark.parametrize(
    ("arn", "text"),
    [
        (KINESIS, "destinationArn for vendor kinesis cannot be used without roleArn"),
        (LAMBDA + "-other", "inferwatch local --destination arn:aws:lambda"),
        ("nonsense", "is not the ARN of"),
    ],
)
def test_what_cannot_be_delivered_is_refused(
    aws: Aws, mapped: Cloud, log_stream: tuple[str, str], arn: str, text: str
) -> None:
    """At once, with the way out."""
    with pytest.raises(ClientError, match=text):
        _put(aws, log_stream[0], arn=arn)


def test_a_member_we_lack_is_refused_by_name(aws: Aws, mapped: Cloud, log_stream: tuple[str, str]) -> None:
    """Never ignored."""
    with pytest.raises(ClientError, match="emitSystemFields"):
        _put(aws, log_stream[0], emitSystemFields=["@aws.account"])
