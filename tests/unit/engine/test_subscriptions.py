"""Subscription filters: what is taken, what leaves for each kind of destination, and in what batches."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import count
from typing import Any

import pytest

from inferwatch.engine.arn import Realm
from inferwatch.engine.notify.delivery import Status
from inferwatch.engine.notify.envelope import Post
from inferwatch.engine.notify.outbox import Outbox
from inferwatch.engine.subscriptions.destination import Vendor, find_destination, read_addresses
from inferwatch.engine.subscriptions.filter import SubscriptionFilter, make_filter
from inferwatch.engine.subscriptions.forward import BATCH_MAX_BYTES, Forward, Forwarded, Subscriptions
from inferwatch.engine.subscriptions.payload import ForwardedEvent
from inferwatch.model.errors import AwsError, Unsupported, UsageError

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:sink"
KINESIS = "arn:aws:kinesis:us-east-1:123456789012:stream/sink"
FIREHOSE = "arn:aws:firehose:us-east-1:123456789012:deliverystream/sink"
ROLE = "arn:aws:iam::123456789012:role/r"
HOOK = "http://127.0.0.1:9/hook"
ADDRESSES = {LAMBDA: HOOK, KINESIS: HOOK + "/k", FIREHOSE: HOOK + "/f"}


def _filter(arn: str = LAMBDA, pattern: str = "", name: str = "f", **more: Any) -> SubscriptionFilter:
    role = None if arn == LAMBDA else ROLE
    return make_filter(name, pattern, arn, addresses=ADDRESSES, role_arn=role, created_ms=5, **more)


@pytest.fixture
def subscriptions() -> Subscriptions:
    numbers = count(1)
    realm = Realm("123456789012", "us-east-1", "US East (N. Virginia)")
    return Subscriptions(realm, ADDRESSES, lambda: f"id-{next(numbers)}")


def _event(number: int, message: str = "m") -> ForwardedEvent:
    return ForwardedEvent(f"{number:056d}", 1_000 + number, message)


def _unpack(data: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(data)))


def _lambda_event(post: Post) -> Any:
    return _unpack(json.loads(post.body)["awslogs"]["data"])


def test_a_function_gets_awss_payload(subscriptions: Subscriptions) -> None:
    """Its event: base64 of gzip of the batch."""
    subscriptions.put("/app", _filter(), now_ms=0)

    forwarded = subscriptions.forward("/app", "s", [_event(1, "one"), _event(2, "zwö")], now_ms=10)
    subscriptions.flush(now_ms=10)

    (sent,) = subscriptions.outbox.due(10)
    assert (sent.kind, sent.post.url) == ("DATA_MESSAGE", HOOK)
    assert sent.post.headers == {"Content-Type": "application/json", "X-Amz-Invocation-Type": "Event"}
    assert _lambda_event(sent.post) == {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/app",
        "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": [
            {"id": "0" * 55 + "1", "timestamp": 1_001, "message": "one"},
            {"id": "0" * 55 + "2", "timestamp": 1_002, "message": "zwö"},
        ],
    }
    assert forwarded == [Forwarded("f", 2)]


def test_a_kinesis_stream_gets_a_control_message_and_records(subscriptions: Subscriptions) -> None:
    """PutRecord calls; one partition key per log stream."""
    subscriptions.put("/app", _filter(KINESIS), now_ms=7)
    subscriptions.forward("/app", "s", [_event(1)], now_ms=10)
    subscriptions.flush(now_ms=10)

    control, data = subscriptions.outbox.due(10)

    bodies = [json.loads(sent.post.body) for sent in (control, data)]
    assert data.post.headers["X-Amz-Target"] == "Kinesis_20131202.PutRecord"
    assert [(body["StreamName"], body["PartitionKey"]) for body in bodies] == [
        ("sink", "d41d8cd98f00b204e9800998ecf8427e"),
        ("sink", "03c7c0ace395d80182db07ae2c30f034"),
    ]
    assert _unpack(bodies[0]["Data"]) == {
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [
            {
                "id": "",
                "timestamp": 7,
                "message": "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.",
            }
        ],
    }
    assert _unpack(bodies[1]["Data"])["logEvents"] == [
        {"id": "0" * 55 + "1", "timestamp": 1_001, "message": "m"}
    ]


def test_random_distribution_has_a_key_of_its_own_per_record(subscriptions: Subscriptions) -> None:
    """So that records spread over the stream's shards."""
    subscriptions.put("/app", _filter(KINESIS, distribution="Random"), now_ms=0)
    for _ in range(2):
        subscriptions.forward("/app", "s", [_event(1)], now_ms=0)
        subscriptions.flush(now_ms=0)

    keys = [json.loads(sent.post.body)["PartitionKey"] for sent in subscriptions.outbox.due(0)]

    assert keys == ["id-1", "id-2", "id-3"]


def test_a_firehose_stream_delivers_as_to_an_http_endpoint(subscriptions: Subscriptions) -> None:
    """Firehose's own request format."""
    subscriptions.put("/app", _filter(FIREHOSE), now_ms=7)

    (control,) = subscriptions.outbox.due(7)

    body = json.loads(control.post.body)
    assert control.post.headers == {
        "Content-Type": "application/json",
        "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": "id-1",
        "X-Amz-Firehose-Source-Arn": FIREHOSE,
    }
    assert (body["requestId"], body["timestamp"], len(body["records"])) == ("id-1", 7, 1)
    message = _unpack(body["records"][0]["data"])["logEvents"][0]["message"]
    assert message == "CWL CONTROL MESSAGE: Checking health of destination Firehose."


def test_only_matching_events_leave(subscriptions: Subscriptions) -> None:
    """The filter's pattern decides; nothing is sent where nothing matches."""
    subscriptions.put("/app", _filter(pattern="{ $.a = 1 }"), now_ms=0)

    nothing = subscriptions.forward("/app", "s", [_event(1, '{"a": 2}'), _event(2, "text")], now_ms=0)
    subscriptions.forward("/app", "s", [_event(3, '{"a": 1}'), _event(4, '{"a": 2}')], now_ms=0)
    subscriptions.flush(now_ms=0)

    (sent,) = subscriptions.outbox.due(0)
    assert [event["timestamp"] for event in _lambda_event(sent.post)["logEvents"]] == [1_003]
    assert nothing == []


def test_space_delimited_patterns_send_what_they_extract(subscriptions: Subscriptions) -> None:
    """Each event carries its fields."""
    subscriptions.put("/app", _filter(pattern="[level = ERROR, code]"), now_ms=0)

    subscriptions.forward("/app", "s", [_event(1, "ERROR 42"), _event(2, "INFO 1")], now_ms=0)
    subscriptions.flush(now_ms=0)

    (sent,) = subscriptions.outbox.due(0)
    assert _lambda_event(sent.post)["logEvents"] == [
        {
            "id": "0" * 55 + "1",
            "timestamp": 1_001,
            "message": "ERROR 42",
            "extractedFields": {"level": "ERROR", "code": "42"},
        }
    ]


def test_small_writes_are_gathered_per_stream(subscriptions: Subscriptions) -> None:
    """Many PutLogEvents calls between two rounds make one post a stream."""
    subscriptions.put("/app", _filter(), now_ms=0)
    for number in range(10):
        subscriptions.forward("/app", f"s{number % 2}", [_event(number)], now_ms=0)

    before = list(subscriptions.outbox.due(0))
    subscriptions.flush(now_ms=0)

    sent = [_lambda_event(item.post) for item in subscriptions.outbox.due(0)]
    assert before == []
    assert [(item["logStream"], len(item["logEvents"])) for item in sent] == [("s0", 5), ("s1", 5)]


def test_a_full_batch_leaves_at_once(subscriptions: Subscriptions) -> None:
    """No batch is over a mebibyte, and no event is lost or doubled."""
    subscriptions.put("/app", _filter(), now_ms=0)
    third = "x" * (BATCH_MAX_BYTES // 3)

    subscriptions.forward("/app", "s", [_event(number, third) for number in range(5)], now_ms=0)
    early = list(subscriptions.outbox.due(0))
    subscriptions.flush(now_ms=0)

    sent = [_lambda_event(item.post)["logEvents"] for item in [*early, *subscriptions.outbox.due(0)]]
    assert len(early) == 2
    assert [event["timestamp"] for events in sent for event in events] == [1_000, 1_001, 1_002, 1_003, 1_004]


def test_what_was_gathered_goes_where_it_was_meant_to(subscriptions: Subscriptions) -> None:
    """A filter replaced, deleted, or gone with its group."""
    subscriptions.put("/app", _filter(), now_ms=0)
    subscriptions.put("/b", _filter(), now_ms=0)
    subscriptions.forward("/app", "s", [_event(1)], now_ms=0)
    subscriptions.put("/app", _filter(FIREHOSE), now_ms=0)
    subscriptions.forward("/app", "s", [_event(2)], now_ms=0)
    subscriptions.delete("/app", "f", now_ms=0)
    subscriptions.forward("/b", "s", [_event(3)], now_ms=0)
    subscriptions.forget_group("/b", now_ms=0)

    sent = [(item.kind, item.post.url) for item in subscriptions.outbox.due(0)]

    assert sent == [
        ("DATA_MESSAGE", HOOK),
        ("CONTROL_MESSAGE", HOOK + "/f"),
        ("DATA_MESSAGE", HOOK + "/f"),
        ("DATA_MESSAGE", HOOK),
    ]
    assert subscriptions.filters.of_group("/app") == subscriptions.filters.of_group("/b") == []


def test_a_group_has_two_filters(subscriptions: Subscriptions) -> None:
    """The third is refused; replacing one is not."""
    subscriptions.put("/app", _filter(name="b"), now_ms=0)
    subscriptions.put("/app", _filter(name="a"), now_ms=0)

    with pytest.raises(AwsError) as refused:
        subscriptions.put("/app", _filter(name="c"), now_ms=0)

    subscriptions.put("/app", _filter(name="a", pattern="{ $.x = 1 }"), now_ms=0)
    assert (refused.value.code, refused.value.message) == (
        "LimitExceededException",
        "Resource limit exceeded.",
    )
    found = [(item.name, item.pattern.text) for item in subscriptions.filters.of_group("/app")]
    assert found == [("a", "{ $.x = 1 }"), ("b", "")]


def test_five_filters_with_a_regular_expression_are_enough(subscriptions: Subscriptions) -> None:
    """Metric filters of the group count; filters without one pass."""
    subscriptions.put("/app", _filter(name="a", pattern="%x%"), now_ms=0, other_regexes=4)

    with pytest.raises(AwsError, match="Resource limit exceeded"):
        subscriptions.put("/app", _filter(name="b", pattern="%y%"), now_ms=0, other_regexes=4)

    subscriptions.put("/app", _filter(name="b", pattern="y"), now_ms=0, other_regexes=5)
    subscriptions.put("/app", _filter(name="a", pattern="%z%"), now_ms=0, other_regexes=4)
    assert subscriptions.filters.regexes("/app") == 1


def test_an_unknown_filter_cannot_be_deleted(subscriptions: Subscriptions) -> None:
    """AWS's text."""
    with pytest.raises(AwsError) as refused:
        subscriptions.delete("/app", "f", now_ms=0)

    assert refused.value.message == "The specified subscription filter does not exist."


@pytest.mark.parametrize(
    ("arn", "role", "text"),
    [
        (LAMBDA, ROLE, "destinationArn for vendor lambda cannot be used with roleArn"),
        (KINESIS, None, "destinationArn for vendor kinesis cannot be used without roleArn"),
        (FIREHOSE, None, "destinationArn for vendor firehose cannot be used without roleArn"),
        ("sink", None, "is not the ARN of a Lambda function"),
        ("arn:aws:s3:::bucket", None, "is not the ARN of a Lambda function"),
        (LAMBDA + "\n", None, "is not the ARN of a Lambda function"),
    ],
)
def test_destinations_are_refused_as_aws_does(arn: str, role: str | None, text: str) -> None:
    """Roles, and what is no destination."""
    with pytest.raises(AwsError, match=text) as refused:
        make_filter("f", "", arn, addresses=ADDRESSES, role_arn=role, created_ms=0)

    assert refused.value.code == "InvalidParameterException"


def test_a_destination_without_an_address_is_refused_with_the_way_to_give_one() -> None:
    """Nothing is forwarded by half."""
    with pytest.raises(Unsupported) as refused:
        make_filter("f", "", LAMBDA, addresses={}, created_ms=0)

    assert refused.value.message == (
        f"inferwatch does not support forwarding to {LAMBDA} yet (nothing of that name runs here: start with "
        f"`inferwatch local --destination {LAMBDA}=URL`, and URL gets what the lambda destination would)"
    )


def test_cross_account_destinations_are_refused_by_name() -> None:
    """Their account is not here."""
    with pytest.raises(Unsupported, match="cross-account destinations"):
        find_destination("arn:aws:logs:us-east-1:123456789012:destination:d", {})


def test_addresses_are_read_as_typed() -> None:
    """An address may hold `=` itself."""
    found = read_addresses([f"{LAMBDA}=http://127.0.0.1:1/?a=b", f"{KINESIS}=https://host/x"])

    assert found == {LAMBDA: "http://127.0.0.1:1/?a=b", KINESIS: "https://host/x"}
    assert find_destination(LAMBDA, found).vendor is Vendor.LAMBDA
    assert find_destination(KINESIS, found).name == "sink"


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        ([LAMBDA], "expected ARN=URL"),
        (["x=http://h/"], "expected ARN=URL"),
        ([f"{LAMBDA}=ftp://h/"], "is no http or https address"),
        ([f"{LAMBDA}=http://"], "is no http or https address"),
        ([f"{LAMBDA}=http://[::1/x"], "is no http or https address"),
        ([f"{LAMBDA}=http://a/", f"{LAMBDA}=http://b/"], "is given two addresses"),
    ],
)
def test_addresses_that_cannot_be_used_are_refused(texts: list[str], text: str) -> None:
    """One sentence, with the option's name."""
    with pytest.raises(UsageError, match=text):
        read_addresses(texts)


def _forward(number: int, url: str = HOOK, body: bytes = b"x") -> Forward:
    return Forward(
        kind="k",
        created_ms=number,
        due_ms=0,
        log_group="g",
        filter_name="f",
        destination_arn=LAMBDA,
        events=1,
        post=Post(url, {}, body),
        posted_bytes=len(body),
    )


def test_one_address_has_so_many_posts_under_way_and_no_more() -> None:
    """The others wait, in order, and another address does not."""
    outbox: Outbox[Forward] = Outbox(max_in_flight=2)
    for number in range(3):
        outbox.add(_forward(number))
    outbox.add(_forward(3, url=HOOK + "/other"))

    first = list(outbox.due(0))
    first[0].answered(200, None, 0)
    second = list(outbox.due(0))

    assert [item.created_ms for item in first] == [0, 1, 3]
    assert [item.created_ms for item in second] == [2]


def test_what_finds_no_room_to_wait_fails_and_says_so() -> None:
    """An endpoint that is down must not fill the memory; room made is used again."""
    outbox: Outbox[Forward] = Outbox(max_in_flight=8, max_pending_bytes=10)
    items = [_forward(number, body=b"123456") for number in range(3)]

    outbox.add(items[0])
    outbox.add(items[1])
    next(outbox.due(0)).answered(200, None, 0)
    outbox.add(items[2])

    assert [item.status for item in items] == [Status.DELIVERED, Status.FAILED, Status.PENDING]
    assert items[1].last_error == "not tried: 10 bytes are waiting for their endpoints already"
    assert outbox.all() == items


def test_what_is_over_keeps_its_size_but_not_its_body() -> None:
    """A thousand bodies of a mebibyte are not held for who may look."""
    outbox: Outbox[Forward] = Outbox(max_in_flight=8)
    outbox.add(_forward(0, body=b"123456"))

    next(outbox.due(0)).answered(200, None, 7)

    (item,) = outbox.all()
    assert (item.post.body, item.post.url, item.posted_bytes, item.finished_ms) == (b"", HOOK, 6, 7)


def test_nothing_is_sent_a_second_time_after_a_restart(subscriptions: Subscriptions) -> None:
    """What the past had on its way was sent then."""
    subscriptions.put("/app", _filter(FIREHOSE), now_ms=0)
    subscriptions.forward("/app", "s", [_event(1)], now_ms=0)

    subscriptions.forget_pending()
    subscriptions.flush(now_ms=0)

    assert list(subscriptions.outbox.due(0)) == []
