"""E-mail subscriptions: invited, confirmed, and told in AWS's words, each mail a file of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.model.visible import visible
from inferwatch.wire.mailbox import MailFolder
from inferwatch.wire.mailpages import visit
from inferwatch.wire.post import carrier
from inferwatch.wire.request import Request

Aws = Callable[[str], Any]
Advance = Callable[[int], None]
OPS = "ops@example.com"


def _open(delivery: Delivery) -> EmailMessage:
    """The mail as a mail program reads it."""
    mail = message_from_bytes(delivery.mail.body, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


def _text(delivery: Delivery) -> str:
    """What the mail says, its lines ended as texts are here."""
    return str(_open(delivery).get_content()).replace("\r\n", "\n")


def _visit(cloud: Cloud, text: str, page: str) -> tuple[int, str]:
    """Follow the link inside a mail."""
    (link,) = [line for line in text.splitlines() if f"/{page}.html?" in line]
    return _get(cloud, link)


def _get(cloud: Cloud, url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    response = visit(cloud, Request("GET", parts.path, parts.query, {}, b""), "us-east-1")
    assert response is not None
    return response.status, response.body.decode()


def _subscribe(aws: Aws, cloud: Cloud, topic: str, protocol: str = "email") -> str:
    """A confirmed subscription's ARN."""
    arn: str = aws("sns").subscribe(
        TopicArn=topic, Protocol=protocol, Endpoint=OPS, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    (invitation,) = cloud.due_deliveries()
    cloud.answered(invitation, 250, None)
    aws("sns").confirm_subscription(TopicArn=topic, Token=invitation.said.subscription.token)
    return arn


def test_a_mailbox_is_invited_and_hears_nothing_before_it_confirms(
    aws: Aws, cloud: Cloud, topic: str
) -> None:
    """Pending, as AWS says it in three places; the mail's link confirms."""
    sns = aws("sns")
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=OPS)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="too early")
    (invitation,) = cloud.due_deliveries()
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    arn = invitation.said.subscription.arn
    before = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"]

    mail = _open(invitation)
    status, page = _visit(cloud, _text(invitation), "confirmation")

    assert (answer, listed["SubscriptionArn"], before) == (
        "pending confirmation",
        "PendingConfirmation",
        "true",
    )
    assert mail["Subject"] == "AWS Notification - Subscription Confirmation"
    assert _text(invitation).startswith(f"You have chosen to subscribe to the topic:\n{topic}\n\n")
    assert status == 200
    assert "<h1>Subscription confirmed!</h1><p>You have subscribed ops@example.com to the topic:" in page
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"] == arn


def test_an_alarms_mail_reads_as_awss(aws: Aws, cloud: Cloud, topic: str, advance: Advance) -> None:
    """Headers, the alarm's own words for mail, and the way out."""
    _subscribe(aws, cloud, topic)
    aws("cloudwatch").put_metric_alarm(
        AlarmName="cpu",
        Namespace="NS",
        MetricName="CPU",
        Dimensions=[{"Name": "Id", "Value": "i-1"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=50.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="missing",
        AlarmActions=[topic],
    )
    aws("cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[{"MetricName": "CPU", "Value": 60.0, "Dimensions": [{"Name": "Id", "Value": "i-1"}]}],
    )
    advance(70)

    (delivery,) = cloud.due_deliveries()

    mail, subscription = _open(delivery), delivery.said.subscription.arn.rpartition(":")[2]
    assert {name: str(value) for name, value in mail.items()} == {
        "From": "AWS Notifications <no-reply@sns.amazonaws.com>",
        "To": OPS,
        "Subject": 'ALARM: "cpu" in US East (N. Virginia)',
        "Date": "Tue, 24 Nov 2026 12:01:10 +0000",
        "Message-ID": f"<{delivery.message_id}.{subscription}@sns.amazonaws.com>",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }
    assert _text(delivery) == (Path(__file__).parents[1] / "golden" / "alarm_mail.txt").read_text()


def test_a_mail_in_json_is_the_envelope_that_a_webhook_gets(aws: Aws, cloud: Cloud, topic: str) -> None:
    """`email-json`."""
    _subscribe(aws, cloud, topic, "email-json")
    aws("sns").publish(TopicArn=topic, Subject="s", Message="m")

    (delivery,) = cloud.due_deliveries()

    mail = _open(delivery)
    assert mail["Subject"] == "s"
    assert json.loads(_text(delivery)) == json.loads(delivery.post.body)
    assert json.loads(_text(delivery))["Message"] == "m"


def test_one_mailbox_may_have_both_kinds(aws: Aws, cloud: Cloud, topic: str) -> None:
    """A subscription is a protocol and an endpoint."""
    arns = {_subscribe(aws, cloud, topic, protocol) for protocol in ("email", "email-json")}

    assert len(arns) == 2


def test_a_protocol_may_have_words_of_its_own(aws: Aws, cloud: Cloud, topic: str) -> None:
    """MessageStructure json."""
    _subscribe(aws, cloud, topic)
    _subscribe(aws, cloud, topic, "email-json")
    aws("sns").publish(
        TopicArn=topic,
        MessageStructure="json",
        Message=json.dumps({"default": "for all", "email": "for people", "sqs": 1}),
    )

    plain, in_json = cloud.due_deliveries()

    assert _text(plain).startswith("for people\n\n--\n")
    assert in_json.said.message == "for all"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("{", "Message Structure - JSON message body failed to parse"),
        ("[]", "Message Structure - JSON message body failed to parse"),
        ('{"default": "\\ud800"}', "Message Structure - JSON message body failed to parse"),
        ("[" * 100_000, "Message Structure - JSON message body failed to parse"),
        ('{"email": "m"}', "Message Structure - No default entry in JSON message body"),
        ('{"default": 1}', "Message Structure - No default entry in JSON message body"),
    ],
)
def test_words_by_protocol_need_some_for_all(aws: Aws, topic: str, message: str, text: str) -> None:
    """In AWS's words."""
    with pytest.raises(ClientError, match=text):
        aws("sns").publish(TopicArn=topic, MessageStructure="json", Message=message)


def test_leaving_by_the_mails_link_ends_it(aws: Aws, cloud: Cloud, topic: str) -> None:
    """The line below the message."""
    _subscribe(aws, cloud, topic)
    aws("sns").publish(TopicArn=topic, Message="m")
    (delivery,) = cloud.due_deliveries()

    status, page = _visit(cloud, _text(delivery), "unsubscribe")

    assert (status, "Subscription removed!" in page) == (200, True)
    assert aws("sns").list_subscriptions()["Subscriptions"] == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/confirmation.html", "Topic does not exist"),
        ("/confirmation.html?TopicArn=arn:aws:sns:us-east-1:123456789012:alarms&Token=x", "Token"),
        ("/confirmation.html?TopicArn=arn:aws:sns:us-east-1:123456789012:no&Token=x", "Topic does not exist"),
        ("/confirmation.html?TopicArn=arn:aws:sns:mars-1:123456789012:no&Token=x", "AWS has no region"),
    ],
)
def test_a_link_that_is_no_good_says_why(aws: Aws, cloud: Cloud, topic: str, url: str, words: str) -> None:
    """And changes nothing."""
    aws("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=OPS)

    status, page = _get(cloud, url)

    assert (status, words in page) == (400, True)
    (listed,) = aws("sns").list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"


def test_what_a_link_brings_stays_text(cloud: Cloud) -> None:
    """Whoever made it."""
    _, page = _get(cloud, "/unsubscribe.html?SubscriptionArn=<script>alert(1)</script>")

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_mail_comes_from_the_topics_display_name(aws: Aws, cloud: Cloud) -> None:
    """Whatever is in it; a message without a subject has SNS's own."""
    topic = aws("sns").create_topic(Name="t", Attributes={"DisplayName": 'Ops\r\nBcc: "é"'})["TopicArn"]
    _subscribe(aws, cloud, topic)
    aws("sns").publish(TopicArn=topic, Message="größer: 3 µs")

    (delivery,) = cloud.due_deliveries()

    mail = _open(delivery)

    assert mail["From"].addresses[0].display_name == 'Ops Bcc: "é"'
    assert mail["From"].addresses[0].addr_spec == "no-reply@sns.amazonaws.com"
    assert "Bcc" not in mail
    assert mail["Subject"] == "AWS Notification Message"
    assert _text(delivery).startswith("größer: 3 µs\n")


@pytest.mark.parametrize("message", ["x" * 3_000, "é" * 998, "a\r\nb\rc\n", "\u2028\x00\x0b"])
def test_no_line_is_longer_than_mail_allows(aws: Aws, cloud: Cloud, message: str) -> None:
    """998 bytes; whatever was said, and however the topic calls itself, is read as it was."""
    topic = aws("sns").create_topic(Name="t", Attributes={"DisplayName": "n" * 5_000})["TopicArn"]
    _subscribe(aws, cloud, topic)
    cloud.engine("us-east-1").topics.publish(topic, None, {"default": message}, cloud.clock.now_ms())

    (delivery,) = cloud.due_deliveries()

    assert max(len(line) for line in delivery.mail.body.split(b"\r\n")) <= 998
    assert _text(delivery).startswith(visible(message.replace("\r\n", "\n").replace("\r", "\n")))


def test_a_delivery_is_one_file_however_often_it_is_carried(
    aws: Aws, cloud: Cloud, topic: str, tmp_path: Path, advance: Advance
) -> None:
    """Named by time, and whole."""
    _subscribe(aws, cloud, topic)
    folder = tmp_path / "mail"
    carry = carrier(lambda _: 500, MailFolder(folder).write)
    aws("sns").publish(TopicArn=topic, Message="one")
    advance(1)
    aws("sns").publish(TopicArn=topic, Message="two")
    one, two = cloud.due_deliveries()

    statuses = [carry(one.parcel), carry(two.parcel), carry(one.parcel)]

    assert statuses == [250, 250, 250]
    files = sorted(folder.iterdir())
    assert [file.read_bytes() for file in files] == [one.mail.body, two.mail.body]
    ids = [(item.message_id, item.said.subscription.arn.rpartition(":")[2]) for item in (one, two)]
    assert [file.name for file in files] == [
        f"20261124T120000.000Z-{ids[0][0]}-{ids[0][1]}.eml",
        f"20261124T120001.000Z-{ids[1][0]}-{ids[1][1]}.eml",
    ]


def test_a_mail_that_cannot_be_written_is_tried_again(
    aws: Aws, cloud: Cloud, topic: str, tmp_path: Path, advance: Advance
) -> None:
    """As SNS tries a mail server: ten seconds later first."""
    _subscribe(aws, cloud, topic)
    (tmp_path / "mail").write_text("a file in the folder's place")
    carry = carrier(lambda _: 500, MailFolder(tmp_path / "mail").write)
    aws("sns").publish(TopicArn=topic, Message="m")
    (delivery,) = cloud.due_deliveries()

    with pytest.raises(OSError, match="mail"):
        carry(delivery.parcel)
    cloud.answered(delivery, None, "FileExistsError: mail")
    early = list(cloud.due_deliveries())
    advance(10)

    assert early == []
    assert list(cloud.due_deliveries()) == [delivery]


def test_signs_that_turn_the_writing_are_seen(aws: Aws, cloud: Cloud, topic: str) -> None:
    """In the text, and in the letter of JSON, where the escape means the same."""
    _subscribe(aws, cloud, topic)
    _subscribe(aws, cloud, topic, "email-json")

    aws("sns").publish(TopicArn=topic, Message="invoice\u202egnp.exe \x1b[2J")

    plain, as_json = cloud.due_deliveries()
    assert _text(plain).startswith("invoice\\u202egnp.exe \\u001b[2J\n")
    assert "\u202e" not in _text(as_json)
    assert json.loads(_text(as_json))["Message"] == "invoice\u202egnp.exe \x1b[2J"
