"""SNS: subscribed, confirmed, told; what an alarm says and how it is signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.engine.notify.letter import confirmation_url
from inferwatch.wire.deliveries import describe_deliveries
from inferwatch.wire.mailpages import visit
from inferwatch.wire.request import Request
from inferwatch.wire.respond import respond

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
Advance = Callable[[int], None]
HOOK = "http://127.0.0.1:9/hook"


def _due(cloud: Cloud) -> list[Delivery]:
    return list(cloud.due_deliveries())


def _visit(cloud: Cloud, url: str) -> int:
    """What an endpoint does with the links inside its messages."""
    parts = urlsplit(url)
    response = respond(cloud, Request("GET", parts.path, parts.query, {}, b""), "RID", "us-east-1")
    assert response is not None
    return response.status


@pytest.fixture
def confirmed(aws: Aws, cloud: Cloud, topic: str) -> str:
    """The ARN of a subscription that has confirmed."""
    arn: str = aws("sns").subscribe(
        TopicArn=topic, Protocol="http", Endpoint=HOOK, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    (delivery,) = _due(cloud)
    delivery.answered(200, None, cloud.clock.now_ms())
    assert _visit(cloud, json.loads(delivery.post.body)["SubscribeURL"]) == 200
    return arn


def test_a_new_endpoint_is_asked_to_confirm_and_hears_nothing_before(
    aws: Aws, cloud: Cloud, topic: str
) -> None:
    """AWS's handshake: a post with a link, and silence until the link is visited."""
    sns = aws("sns")
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=HOOK)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="too early")

    (delivery,) = _due(cloud)

    assert answer == "pending confirmation"
    assert delivery.post.url == HOOK
    assert delivery.post.headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    body = json.loads(delivery.post.body)
    assert list(body) == [
        "Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp", "SignatureVersion",
        "Signature", "SigningCertURL",
    ]  # fmt: skip
    assert body["SubscribeURL"].startswith("http://127.0.0.1:4586/?Action=ConfirmSubscription&TopicArn=")
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [subscription["SubscriptionArn"] for subscription in listed] == ["PendingConfirmation"]


def test_a_confirmed_endpoint_gets_messages(aws: Aws, cloud: Cloud, topic: str, confirmed: str) -> None:
    """In SNS's envelope, with a link to leave."""
    message_id = aws("sns").publish(TopicArn=topic, Subject="s", Message="m")["MessageId"]

    (delivery,) = _due(cloud)

    body = json.loads(delivery.post.body)
    assert list(body) == [
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature",
        "SigningCertURL", "UnsubscribeURL",
    ]  # fmt: skip
    assert (body["Type"], body["MessageId"], body["Subject"], body["Message"]) == (
        "Notification",
        message_id,
        "s",
        "m",
    )
    assert body["Timestamp"] == "2026-11-24T12:00:00.000Z"
    assert delivery.post.headers["x-amz-sns-subscription-arn"] == confirmed


def test_the_signature_is_real(aws: Aws, cloud: Cloud, topic: str, confirmed: str) -> None:
    """A receiver can verify it with the certificate that the message names."""
    aws("sns").publish(TopicArn=topic, Subject="s", Message="m")
    body = json.loads(_due(cloud)[0].post.body)
    key = x509.load_pem_x509_certificate(cloud.signing_key.certificate_pem).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    text = "".join(
        f"{name}\n{body[name]}\n"
        for name in ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    )

    key.verify(base64.b64decode(body["Signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA1())

    assert body["SigningCertURL"] == "http://127.0.0.1:4586/_inferwatch/sns.pem"


def test_leaving_by_the_link_ends_it(aws: Aws, cloud: Cloud, topic: str, confirmed: str) -> None:
    """UnsubscribeURL works as a plain GET."""
    aws("sns").publish(TopicArn=topic, Message="m")
    link = json.loads(_due(cloud)[0].post.body)["UnsubscribeURL"]

    status = _visit(cloud, link)
    aws("sns").publish(TopicArn=topic, Message="nobody hears")

    assert status == 200
    assert _due(cloud) == []
    attributes = aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["SubscriptionsConfirmed"], attributes["SubscriptionsDeleted"]) == ("0", "1")


def test_raw_delivery_has_no_envelope(aws: Aws, cloud: Cloud, topic: str, confirmed: str) -> None:
    """The bare message, and a header that says so."""
    sns = aws("sns")
    sns.set_subscription_attributes(
        SubscriptionArn=confirmed, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.publish(TopicArn=topic, Message="bare")

    (delivery,) = _due(cloud)

    assert delivery.post.body == b"bare"
    assert delivery.post.headers["x-amz-sns-rawdelivery"] == "true"


def test_a_failed_delivery_is_tried_four_times_twenty_seconds_apart(
    aws: Aws, cloud: Cloud, topic: str, confirmed: str, advance: Advance
) -> None:
    """Then it has failed, and says why."""
    aws("sns").publish(TopicArn=topic, Message="m")
    attempts = []

    for second in range(120):
        for delivery in _due(cloud):
            attempts.append(second)
            delivery.answered(None, "ConnectionRefusedError", cloud.clock.now_ms())
        advance(1)

    assert attempts == [0, 20, 40, 60]
    last = cloud.engine("us-east-1").topics.deliveries()[-1]
    assert (last.status, last.attempts, last.last_error) == ("failed", 4, "ConnectionRefusedError")


@pytest.mark.parametrize("is_topic", [False, True])
def test_a_subscription_that_is_deleted_hears_no_more(
    aws: Aws, cloud: Cloud, advance: Advance, topic: str, confirmed: str, is_topic: bool
) -> None:
    """Nor does one whose topic is: what was on its way fails, and says why."""
    aws("sns").publish(TopicArn=topic, Message="m")
    (first,) = cloud.due_deliveries()
    first.answered(500, None, cloud.clock.now_ms())

    if is_topic:
        aws("sns").delete_topic(TopicArn=topic)
    else:
        aws("sns").unsubscribe(SubscriptionArn=confirmed)
    advance(20)

    assert list(cloud.due_deliveries()) == []
    assert (first.status, first.last_error) == ("failed", "its subscription was deleted")


@pytest.mark.parametrize(("status", "tried"), [(404, 1), (403, 1), (429, 4), (500, 4)])
def test_a_client_error_is_final_and_a_throttle_is_not(
    aws: Aws, cloud: Cloud, topic: str, confirmed: str, advance: Advance, status: int, tried: int
) -> None:
    """4xx but 429 will not get better."""
    aws("sns").publish(TopicArn=topic, Message="m")

    for _ in range(10):
        for delivery in _due(cloud):
            delivery.answered(status, None, cloud.clock.now_ms())
        advance(20)

    last = cloud.engine("us-east-1").topics.deliveries()[-1]
    assert (last.status, last.attempts) == ("failed", tried)
    assert last.last_error == f"HTTP {status}"


SLOW = {
    "AlarmName": "cpu",
    "Namespace": "NS",
    "MetricName": "CPU",
    "Dimensions": [{"Name": "Id", "Value": "i-1"}],
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 50.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "missing",
}


def _fire(aws: Aws, advance: Advance, alarm: dict[str, Any]) -> None:
    aws("cloudwatch").put_metric_alarm(**alarm)
    aws("cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[
            {"MetricName": "CPU", "Value": 60.0, "Dimensions": [{"Name": "Id", "Value": "i-1"}]},
            {"MetricName": "CPU", "Value": 60.0},
        ],
    )
    advance(70)


def _keys(value: Any) -> Any:
    """The shape of a message: keys in order, all the way down."""
    if isinstance(value, dict):
        return [(name, _keys(item)) for name, item in value.items()]
    return [_keys(item) for item in value] if isinstance(value, list) else None


def test_an_alarms_message_is_the_recorded_one(
    vectors: Vectors, aws: Aws, cloud: Cloud, topic: str, confirmed: str, advance: Advance
) -> None:
    """Key by key and in order, with the values of this alarm."""
    recorded = next(case for case in vectors("alarm_notifications") if case["id"] == "sns-metric")
    _fire(aws, advance, {**SLOW, "AlarmActions": [topic]})

    (delivery,) = _due(cloud)

    message = json.loads(delivery.said.message)
    assert delivery.said.subject == recorded["subject"]
    assert _keys(message) == _keys(recorded["message"])
    assert message["NewStateReason"] == (
        "Threshold Crossed: 1 datapoint [60.0 (24/11/26 12:00:00)] was greater than the threshold (50.0)."
    )
    assert message["Trigger"] == recorded["message"]["Trigger"]
    assert (message["StateChangeTime"], message["Region"], message["OldStateValue"]) == (
        "2026-11-24T12:01:10.000+0000",
        "US East (N. Virginia)",
        "INSUFFICIENT_DATA",
    )


def test_a_math_alarms_message_lists_its_queries(
    vectors: Vectors, aws: Aws, cloud: Cloud, topic: str, confirmed: str, advance: Advance
) -> None:
    """Without metric fields, as recorded."""
    recorded = next(case for case in vectors("alarm_notifications") if case["id"] == "sns-math")["message"]
    _fire(
        aws,
        advance,
        {
            "AlarmName": "cpu",
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [topic],
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
        },
    )

    message = json.loads(_due(cloud)[-1].said.message)

    assert message["Trigger"] == recorded["Trigger"]
    assert _keys(message["Trigger"]) == _keys(recorded["Trigger"])


def test_the_action_is_in_the_history(aws: Aws, topic: str, confirmed: str, advance: Advance) -> None:
    """With what was published."""
    _fire(aws, advance, {**SLOW, "AlarmActions": [topic]})

    item = aws("cloudwatch").describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"][0]

    assert item["HistorySummary"] == f"Successfully executed action {topic}"
    data = json.loads(item["HistoryData"])
    assert (data["actionState"], data["notificationResource"], data["error"]) == ("Succeeded", topic, None)


def test_an_action_on_a_topic_that_is_gone_fails_visibly(aws: Aws, topic: str, advance: Advance) -> None:
    """The alarm still changes state; its history says that nobody was told."""
    aws("sns").delete_topic(TopicArn=topic)

    _fire(aws, advance, {**SLOW, "AlarmActions": [topic]})

    item = aws("cloudwatch").describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"][0]
    assert item["HistorySummary"] == f"Failed to execute action {topic}"
    assert json.loads(item["HistoryData"])["error"] == "Topic does not exist"


def test_disabled_actions_tell_nobody(
    aws: Aws, cloud: Cloud, topic: str, confirmed: str, advance: Advance
) -> None:
    """The state changes in silence."""
    aws("cloudwatch").put_metric_alarm(**SLOW, AlarmActions=[topic])
    aws("cloudwatch").disable_alarm_actions(AlarmNames=["cpu"])

    aws("cloudwatch").set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="r")

    assert _due(cloud) == []


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"Protocol": "sms", "Endpoint": "+15550100"},
            "InvalidParameter",
            "SNS subscriptions with the protocol sms",
        ),
        (
            {"Protocol": "foo"},
            "InvalidParameter",
            "Invalid parameter: Amazon SNS does not support this protocol string: foo",
        ),
        ({"Protocol": "email", "Endpoint": "nobody"}, "InvalidParameter", "Invalid parameter: Email address"),
        (
            {"Protocol": "email", "Endpoint": "a@b.c\nBcc: d@e.f"},
            "InvalidParameter",
            "Invalid parameter: Email address",
        ),
        (
            {"Protocol": "email-json", "Endpoint": "a@b.c;d@e.f"},
            "InvalidParameter",
            "Invalid parameter: Email address",
        ),
        (
            {"Protocol": "email", "Endpoint": "a@b.c", "Attributes": {"RawMessageDelivery": "true"}},
            "InvalidParameter",
            "RawMessageDelivery is not for the protocol email",
        ),
        (
            {"Attributes": {"RedrivePolicy": "{}"}},
            "InvalidParameter",
            "the subscription attribute RedrivePolicy",
        ),
        (
            {"Attributes": {"DeliveryPolicy": "{}"}},
            "InvalidParameter",
            "the subscription attribute DeliveryPolicy",
        ),
        ({"Protocol": "https"}, "InvalidParameter", "Endpoint must match the specified protocol https"),
        ({"Endpoint": "nowhere"}, "InvalidParameter", "Endpoint must match the specified protocol http"),
        ({"TopicArn": "arn:aws:sns:us-east-1:123456789012:none"}, "NotFound", "Topic does not exist"),
        (
            {"Attributes": {"FilterPolicy": "{}"}},
            "InvalidParameter",
            "the subscription attribute FilterPolicy",
        ),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(
    aws: Aws, topic: str, change: dict[str, Any], code: str, message: str
) -> None:
    """By name, where AWS could do it and we cannot."""
    given = {"TopicArn": topic, "Protocol": "http", "Endpoint": HOOK, **change}

    with pytest.raises(ClientError, match=message) as refused:
        aws("sns").subscribe(**given)

    assert refused.value.response["Error"]["Code"] == code


def test_a_wrong_token_confirms_nothing(aws: Aws, topic: str) -> None:
    """Only the endpoint that got it can."""
    aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=HOOK)

    with pytest.raises(ClientError, match="Invalid parameter: Token"):
        aws("sns").confirm_subscription(TopicArn=topic, Token="guess")


def test_a_topic_tells_how_it_retries(aws: Aws, topic: str) -> None:
    """SNS's default policy, as recorded of a topic that has none of its own."""
    attributes = aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]

    assert attributes["EffectiveDeliveryPolicy"] == (
        '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,'
        '"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},'
        '"disableSubscriptionOverrides":false,'
        '"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}'
    )
    assert "DeliveryPolicy" not in attributes


def test_creating_a_topic_twice_gives_the_same_one(aws: Aws, topic: str) -> None:
    """Idempotent by name; its policy, tags and attributes can be read as Pulumi does."""
    sns = aws("sns")
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "b"}])

    assert sns.create_topic(Name="alarms")["TopicArn"] == topic
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert (
        json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])["Version"]
        == "2008-10-17"
    )


SECRET_HOOK = "http://ops:p%40ss@127.0.0.1:9/hook?x=1"
SHOWN_HOOK = "http://ops:****@127.0.0.1:9/hook?x=1"


def test_a_password_is_used_and_never_told(aws: Aws, cloud: Cloud, topic: str) -> None:
    """Basic authentication, without a word of it in any answer."""
    sns = aws("sns")
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=SECRET_HOOK, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]

    (delivery,) = _due(cloud)

    assert delivery.post.url == "http://127.0.0.1:9/hook?x=1"
    assert base64.b64decode(delivery.post.headers["Authorization"].removeprefix("Basic ")) == b"ops:p@ss"
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    (of_topic,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert {listed["Endpoint"], of_topic["Endpoint"], attributes["Endpoint"]} == {SHOWN_HOOK}
    told = json.dumps(describe_deliveries(cloud, "us-east-1"))
    assert SHOWN_HOOK in told
    assert "ss@" not in told
    assert "p%40ss" not in told
    assert "p%2540ss" not in told


def test_an_address_that_is_refused_is_not_repeated(aws: Aws, topic: str) -> None:
    """It may hold a password."""
    with pytest.raises(ClientError) as refused:
        aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint="http://ops:s3/cret@h/")

    assert "s3" not in str(refused.value)


def test_a_confirmation_page_does_not_tell_the_password(aws: Aws, cloud: Cloud, topic: str) -> None:
    """The page that whoever has the link sees."""
    aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=SECRET_HOOK)
    (delivery,) = _due(cloud)
    parts = urlsplit(confirmation_url(delivery.said.subscription, ""))

    page = visit(cloud, Request("GET", parts.path, parts.query, {}, b""), "us-east-1")

    assert page is not None
    assert SHOWN_HOOK in page.body.decode()
    assert "p%40ss" not in page.body.decode()
