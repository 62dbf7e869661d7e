"""Topics and subscriptions.

Source: SNS API reference, "CreateTopic", "Subscribe", "ConfirmSubscription"; SNS Developer Guide, "Fanout to
HTTP/S endpoints".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

PENDING: Final = "PendingConfirmation"
PROTOCOLS: Final = ("http", "https")


@dataclass(slots=True)
class Subscription:
    """One endpoint of a topic; it hears nothing until it has confirmed.

    Args:
        token: What the endpoint shows to confirm.
        raw: Deliver the bare message, without the envelope.
    """

    arn: str
    topic_arn: str
    protocol: str
    endpoint: str
    token: str
    confirmed: bool = False
    raw: bool = False


@dataclass(slots=True)
class Topic:
    arn: str
    name: str
    display_name: str = ""
    policy: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    deleted_subscriptions: int = 0
