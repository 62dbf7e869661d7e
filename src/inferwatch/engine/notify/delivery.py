"""One message on its way to one endpoint, and when it is tried again.

Source: SNS Developer Guide, "Message delivery retries": by default an HTTP endpoint is tried at once and then
three times more, 20 s apart; a 4xx answer other than 429 is final.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inferwatch.engine.notify.envelope import Post

RETRY_AFTER_MS: Final = 20_000
ATTEMPTS: Final = 4


class Status(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class Dispatch:
    """A post, and what has come of it.

    Args:
        kind: What is sent, for people who look, e.g. `Notification`.
    """

    kind: str
    created_ms: int
    post: Post
    due_ms: int
    status: Status = Status.PENDING
    in_flight: bool = False
    attempts: int = 0
    last_error: str | None = None
    delivered_ms: int | None = None

    def answered(self, status: int | None, error: str | None, now_ms: int) -> None:
        """Record one attempt.

        Args:
            status: HTTP status of the answer; `None` where none came, and `error` says why.
        """
        self.in_flight = False
        self.attempts += 1
        if status is not None and 200 <= status < 300:
            self.status = Status.DELIVERED
            self.delivered_ms = now_ms
            self.last_error = None
            return
        self.last_error = error or f"HTTP {status}"
        final = status is not None and 400 <= status < 500 and status != 429
        if final or self.attempts >= ATTEMPTS:
            self.status = Status.FAILED
        else:
            self.due_ms = now_ms + RETRY_AFTER_MS


@dataclass(slots=True, kw_only=True)
class Delivery(Dispatch):
    """A topic's message to one subscription: `Notification` or `SubscriptionConfirmation`.

    Args:
        message: What was published, for people who look.
    """

    topic_arn: str
    endpoint: str
    protocol: str
    subject: str | None
    message: str
    message_id: str
