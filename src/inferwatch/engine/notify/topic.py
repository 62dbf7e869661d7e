"""Topics and subscriptions.

Source: SNS API reference, "CreateTopic", "Subscribe", "ConfirmSubscription"; SNS Developer Guide, "Fanout to
HTTP/S endpoints", "Email notifications".
Differs: AWS forgets a subscription that is not confirmed within two days; here it waits for good. An endpoint
that left by the link in its message is sent no UnsubscribeConfirmation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from inferwatch.model.address import without_password

PENDING: Final = "PendingConfirmation"
WEB_PROTOCOLS: Final = ("http", "https")
MAIL_PROTOCOLS: Final = ("email", "email-json")


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

    @property
    def shown_endpoint(self) -> str:
        """Without its password."""
        return without_password(self.endpoint)

    @property
    def is_mail(self) -> bool:
        return self.protocol in MAIL_PROTOCOLS


@dataclass(slots=True)
class Topic:
    arn: str
    name: str
    display_name: str = ""
    policy: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    deleted_subscriptions: int = 0
