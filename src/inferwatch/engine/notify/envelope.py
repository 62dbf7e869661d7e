"""The JSON that SNS posts, and the headers with it.

Source: SNS Developer Guide, "HTTP/HTTPS notification JSON format", "HTTP/HTTPS headers", "Verifying the
signatures of Amazon SNS messages".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlencode

from inferwatch.engine.notify.address import credentials
from inferwatch.engine.notify.topic import Subscription
from inferwatch.model.moment import iso_ms

Signer: TypeAlias = Callable[[bytes], str]
"""Text to sign → base64 signature (SHA1 with RSA, SNS's signature version 1)."""

CERTIFICATE_PATH: Final = "/_inferwatch/sns.pem"
CONFIRMATION: Final = "SubscriptionConfirmation"
NOTIFICATION: Final = "Notification"

_SIGNED: Final = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP request ready to be sent."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Office:
    """What every message of one engine is sent with.

    Args:
        base_url: Where the engine answers HTTP, for the links.
    """

    base_url: Callable[[], str]
    sign: Signer


@dataclass(frozen=True, slots=True)
class Said:
    """What one message says to one subscription; signed only when it is sent."""

    subscription: Subscription
    kind: str
    message_id: str
    subject: str | None
    message: str
    created_ms: int


def subscribe_url(subscription: Subscription, office: Office) -> str:
    """Visiting it confirms."""
    query = {
        "Action": "ConfirmSubscription",
        "TopicArn": subscription.topic_arn,
        "Token": subscription.token,
    }
    return f"{office.base_url()}/?{urlencode(query)}"


def unsubscribe_url(subscription: Subscription, office: Office) -> str:
    query = {"Action": "Unsubscribe", "SubscriptionArn": subscription.arn}
    return f"{office.base_url()}/?{urlencode(query)}"


def invitation(subscription: Subscription) -> str:
    """The message of a SubscriptionConfirmation."""
    return (
        f"You have chosen to subscribe to the topic {subscription.topic_arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )


def document(said: Said, office: Office) -> str:
    """The signed JSON object."""
    fields = _confirmation(said, office) if said.kind == CONFIRMATION else _notification(said)
    signed = {
        **fields,
        "SignatureVersion": "1",
        "Signature": office.sign(_text_to_sign(fields)),
        "SigningCertURL": f"{office.base_url()}{CERTIFICATE_PATH}",
    }
    if said.kind == NOTIFICATION:
        signed["UnsubscribeURL"] = unsubscribe_url(said.subscription, office)
    return json.dumps(signed, indent=2, ensure_ascii=False)


def post(said: Said, office: Office) -> Post:
    """The request to an http(s) endpoint."""
    subscription = said.subscription
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": said.kind,
        "x-amz-sns-message-id": said.message_id,
        "x-amz-sns-topic-arn": subscription.topic_arn,
    }
    url, authorization = credentials(subscription.endpoint)
    if authorization is not None:
        headers["Authorization"] = authorization
    if said.kind == NOTIFICATION:
        headers["x-amz-sns-subscription-arn"] = subscription.arn
    if said.kind == NOTIFICATION and subscription.raw:
        headers["x-amz-sns-rawdelivery"] = "true"
        return Post(url, headers, said.message.encode())
    return Post(url, headers, document(said, office).encode())


def _confirmation(said: Said, office: Office) -> dict[str, str]:
    return {
        "Type": said.kind,
        "MessageId": said.message_id,
        "Token": said.subscription.token,
        "TopicArn": said.subscription.topic_arn,
        "Message": said.message,
        "SubscribeURL": subscribe_url(said.subscription, office),
        "Timestamp": iso_ms(said.created_ms),
    }


def _notification(said: Said) -> dict[str, str]:
    fields = {"Type": said.kind, "MessageId": said.message_id, "TopicArn": said.subscription.topic_arn}
    if said.subject is not None:
        fields["Subject"] = said.subject
    return fields | {"Message": said.message, "Timestamp": iso_ms(said.created_ms)}


def _text_to_sign(fields: dict[str, str]) -> bytes:
    """The signed members, name and value on lines of their own, in SNS's order."""
    names = (name for name in _SIGNED[fields["Type"]] if name in fields)
    return "".join(f"{name}\n{fields[name]}\n" for name in names).encode()
