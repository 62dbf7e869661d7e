"""One message on its way to one endpoint, and when it is tried again.

Source: SNS Developer Guide, "Message delivery retries", "Dead-letter queues": client errors are not retried.
Differs: AWS does not say whether the status 429 is one; here it is retried, as a throttle is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from inferwatch.engine.notify import envelope
from inferwatch.engine.notify.envelope import Office, Post, Said
from inferwatch.engine.notify.letter import Letter, letter
from inferwatch.engine.notify.retries import HTTP, SMTP, RetryPolicy
from inferwatch.engine.notify.topic import Topic

Parcel: TypeAlias = Post | Letter
"""What the edge carries: a request to send, or a mail to write."""


class Status(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class Dispatch(ABC):
    """Something to carry, and what has come of it.

    Args:
        kind: What is sent, for people who look, e.g. `Notification`.
        finished_ms: When it was delivered, or failed for good.
    """

    kind: str
    created_ms: int
    due_ms: int
    retries: RetryPolicy = HTTP
    status: Status = Status.PENDING
    in_flight: bool = False
    attempts: int = 0
    last_error: str | None = None
    finished_ms: int | None = None

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it goes: what is crowded, when too much goes there."""

    @property
    @abstractmethod
    def size_bytes(self) -> int:
        """What it takes to keep it."""

    @property
    @abstractmethod
    def parcel(self) -> Parcel:
        """What is carried, made anew each time."""

    def forget_body(self) -> None:  # noqa: B027 (what keeps none has none to forget)
        """It is over: keep only what tells of it."""

    def answered(self, status: int | None, error: str | None, now_ms: int) -> None:
        """Record one attempt.

        Args:
            status: Status of the answer, as HTTP's; `None` where none came, and `error` says why.
        """
        self.in_flight = False
        self.attempts += 1
        if status is not None and 200 <= status < 300:
            self.last_error = None
            self._finish(Status.DELIVERED, now_ms)
            return
        self.last_error = error or f"HTTP {status}"
        is_final = status is not None and 400 <= status < 500 and status != 429
        delay_ms = None if is_final else self.retries.delay_ms(self.attempts)
        if delay_ms is None:
            self._finish(Status.FAILED, now_ms)
        else:
            self.due_ms = now_ms + delay_ms

    def refuse(self, why: str, now_ms: int) -> None:
        """It fails without an attempt."""
        self.last_error = why
        self._finish(Status.FAILED, now_ms)

    def _finish(self, status: Status, now_ms: int) -> None:
        self.status = status
        self.finished_ms = now_ms
        self.forget_body()


@dataclass(slots=True, kw_only=True)
class Delivery(Dispatch):
    """A topic's message to one subscription: `Notification` or `SubscriptionConfirmation`.

    It is made into a request or a mail when it is sent, at the address the engine has then.
    """

    topic: Topic
    said: Said
    office: Office

    @property
    def key(self) -> tuple[str, str]:
        """By which it is known across a restart: message id and subscription ARN."""
        return self.said.message_id, self.said.subscription.arn

    @property
    def message_id(self) -> str:
        return self.said.message_id

    @property
    def address(self) -> str:
        return self.said.subscription.endpoint

    @property
    def size_bytes(self) -> int:
        return len(self.said.message)

    @property
    def parcel(self) -> Parcel:
        return self.mail if self.said.subscription.is_mail else self.post

    @property
    def post(self) -> Post:
        return envelope.post(self.said, self.office)

    @property
    def mail(self) -> Letter:
        return letter(self.said, self.topic.display_name, self.office)


def deliver(topic: Topic, said: Said, office: Office) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(
        kind=said.kind,
        created_ms=said.created_ms,
        due_ms=said.created_ms,
        retries=SMTP if said.subscription.is_mail else HTTP,
        topic=topic,
        said=said,
        office=office,
    )
