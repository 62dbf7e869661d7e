"""The JSON that SNS posts, and the headers with it.

Source: SNS Developer Guide, "HTTP/HTTPS notification JSON format", "HTTP/HTTPS headers", "Verifying the
signatures of Amazon SNS messages".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias
from urllib.parse import urlencode

from inferwatch.engine.notify.topic import Subscription

Signer: TypeAlias = Callable[[bytes], str]
"""Text to sign → base64 signature (SHA1 with RSA, SNS's signature version 1)."""

CERTIFICATE_PATH: Final = "/_inferwatch/sns.pem"

_SIGNED_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SIGNED_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP request ready to be sent."""

    url: str
    headers: dict[str, str]
    body: bytes


def confirmation(
    subscription: Subscription, message_id: str, now_ms: int, base_url: str, sign: Signer
) -> Post:
    """The first post to a new endpoint: visit SubscribeURL to confirm."""
    query = urlencode(
        {
            "Action": "ConfirmSubscription",
            "TopicArn": subscription.topic_arn,
            "Token": subscription.token,
        }
    )
    fields = {
        "Type": "SubscriptionConfirmation",
        "MessageId": message_id,
        "Token": subscription.token,
        "TopicArn": subscription.topic_arn,
        "Message": (
            f"You have chosen to subscribe to the topic {subscription.topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message."
        ),
        "SubscribeURL": f"{base_url}/?{query}",
        "Timestamp": _iso(now_ms),
    }
    return _post(subscription, fields, _SIGNED_CONFIRMATION, base_url, sign)


def notification(
    subscription: Subscription,
    message_id: str,
    subject: str | None,
    message: str,
    now_ms: int,
    base_url: str,
    sign: Signer,
) -> Post:
    if subscription.raw:
        headers = _headers(subscription, "Notification", message_id) | {"x-amz-sns-rawdelivery": "true"}
        return Post(subscription.endpoint, headers, message.encode())
    fields = {"Type": "Notification", "MessageId": message_id, "TopicArn": subscription.topic_arn}
    if subject is not None:
        fields["Subject"] = subject
    fields |= {"Message": message, "Timestamp": _iso(now_ms)}
    unsubscribe = urlencode({"Action": "Unsubscribe", "SubscriptionArn": subscription.arn})
    extra = {"UnsubscribeURL": f"{base_url}/?{unsubscribe}"}
    return _post(subscription, fields, _SIGNED_NOTIFICATION, base_url, sign, extra)


def text_to_sign(fields: dict[str, str], signed: tuple[str, ...]) -> bytes:
    """The signed members, name and value on lines of their own, in SNS's order."""
    return "".join(f"{name}\n{fields[name]}\n" for name in signed if name in fields).encode()


def _post(
    subscription: Subscription,
    fields: dict[str, str],
    signed: tuple[str, ...],
    base_url: str,
    sign: Signer,
    extra: dict[str, str] | None = None,
) -> Post:
    body = {
        **fields,
        "SignatureVersion": "1",
        "Signature": sign(text_to_sign(fields, signed)),
        "SigningCertURL": f"{base_url}{CERTIFICATE_PATH}",
        **(extra or {}),
    }
    headers = _headers(subscription, fields["Type"], fields["MessageId"])
    return Post(subscription.endpoint, headers, json.dumps(body, indent=2, ensure_ascii=False).encode())


def _headers(subscription: Subscription, kind: str, message_id: str) -> dict[str, str]:
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": subscription.topic_arn,
    }
    if kind == "Notification":
        headers["x-amz-sns-subscription-arn"] = subscription.arn
    return headers


def _iso(now_ms: int) -> str:
    moment = datetime.fromtimestamp(now_ms / 1_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{now_ms % 1_000:03d}Z"
