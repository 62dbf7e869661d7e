"""The topics of one account and region, and the post office behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from inferwatch.engine.arn import Realm
from inferwatch.engine.notify import envelope
from inferwatch.engine.notify.address import scheme_and_host
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.engine.notify.envelope import Post, Signer
from inferwatch.engine.notify.outbox import Outbox
from inferwatch.engine.notify.topic import PROTOCOLS, Subscription, Topic
from inferwatch.model.errors import AwsError, Unsupported, invalid_parameter
from inferwatch.model.limits import SNS_MESSAGE_MAX_BYTES, SNS_SUBJECT_MAX_CHARS

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Topics:
    """Topics by ARN.

    Args:
        new_id: Makes message, subscription and token ids.
        base_url: Where this engine answers, for the addresses inside messages.
    """

    def __init__(
        self, realm: Realm, new_id: Callable[[], str], base_url: Callable[[], str], sign: Signer
    ) -> None:
        self._realm = realm
        self._new_id = new_id
        self._base_url = base_url
        self._sign = sign
        self._topics: dict[str, Topic] = {}
        self._outbox: Outbox[Delivery] = Outbox()

    def create(self, name: str, display_name: str, tags: dict[str, str]) -> Topic:
        """A new topic, or the one that has this name already."""
        if name.endswith(".fifo"):
            raise Unsupported("FIFO topics", f"Name {name!r}", code="InvalidParameterException")
        if not _NAME.fullmatch(name):
            raise _invalid("Topic Name")
        topic = self._topics.setdefault(self._realm.topic(name), Topic(self._realm.topic(name), name))
        topic.display_name = display_name or topic.display_name
        topic.tags |= tags
        return topic

    def get(self, arn: str) -> Topic:
        topic = self._topics.get(arn)
        if topic is None:
            raise AwsError("NotFoundException", "Topic does not exist")
        return topic

    def delete(self, arn: str) -> None:
        self._topics.pop(arn, None)

    def all(self) -> list[Topic]:
        return [self._topics[arn] for arn in sorted(self._topics)]

    def subscribe(
        self, topic_arn: str, protocol: str, endpoint: str, *, raw: bool, now_ms: int
    ) -> Subscription:
        """Subscribe an endpoint and ask it to confirm; one that has not yet confirmed is asked again.

        Raises:
            AwsError: InvalidParameterException, NotFoundException.
            Unsupported: Protocols other than http and https.
        """
        topic = self.get(topic_arn)
        if protocol not in PROTOCOLS:
            raise Unsupported(
                f"SNS subscriptions with the protocol {protocol!r}",
                "http and https are",
                code="InvalidParameterException",
            )
        _check_endpoint(protocol, endpoint)
        known = next((item for item in topic.subscriptions.values() if item.endpoint == endpoint), None)
        if known is not None and known.raw != raw:
            raise _invalid("Attributes Reason: Subscription already exists with different attributes")
        if known is not None and known.confirmed:
            return known
        subscription = known or Subscription(
            f"{topic_arn}:{self._new_id()}", topic_arn, protocol, endpoint, token=self._new_id(), raw=raw
        )
        topic.subscriptions[subscription.arn] = subscription
        message_id = self._new_id()
        post = envelope.confirmation(subscription, message_id, now_ms, self._base_url(), self._sign)
        self._enqueue(subscription, "SubscriptionConfirmation", None, "", message_id, post, now_ms)
        return subscription

    def confirm(self, topic_arn: str, token: str) -> Subscription:
        for subscription in self.get(topic_arn).subscriptions.values():
            if subscription.token == token:
                subscription.confirmed = True
                return subscription
        raise _invalid("Token")

    def unsubscribe(self, arn: str) -> None:
        """One that is gone already, with its topic even, passes."""
        topic = self._topics.get(arn.rpartition(":")[0])
        if topic is not None and topic.subscriptions.pop(arn, None) is not None:
            topic.deleted_subscriptions += 1

    def subscription(self, arn: str) -> Subscription:
        topic = self._topics.get(arn.rpartition(":")[0])
        found = topic.subscriptions.get(arn) if topic is not None else None
        if found is None:
            raise AwsError("NotFoundException", "Subscription does not exist")
        return found

    def publish(self, topic_arn: str, subject: str | None, message: str, now_ms: int) -> str:
        """Send a message to every confirmed subscription; returns its id.

        Raises:
            AwsError: NotFoundException, InvalidParameterException.
        """
        _check_message(subject, message)
        message_id = self._new_id()
        for subscription in self.get(topic_arn).subscriptions.values():
            if subscription.confirmed:
                post = envelope.notification(
                    subscription, message_id, subject, message, now_ms, self._base_url(), self._sign
                )
                self._enqueue(subscription, "Notification", subject, message, message_id, post, now_ms)
        return message_id

    def _enqueue(
        self,
        subscription: Subscription,
        kind: str,
        subject: str | None,
        message: str,
        message_id: str,
        post: Post,
        now_ms: int,
    ) -> None:
        self._outbox.add(
            Delivery(
                kind=kind,
                topic_arn=subscription.topic_arn,
                endpoint=subscription.endpoint,
                protocol=subscription.protocol,
                subject=subject,
                message=message,
                message_id=message_id,
                created_ms=now_ms,
                post=post,
                due_ms=now_ms,
            )
        )

    def deliveries(self) -> list[Delivery]:
        """Every pending one, and the newest thousand that are finished; oldest first."""
        return self._outbox.all()

    def due(self, now_ms: int) -> Iterator[Delivery]:
        """Deliveries to try now; each is marked as under way."""
        return self._outbox.due(now_ms)

    def forget_pending(self) -> None:
        """Drop what is on its way: it was sent already."""
        self._outbox.forget_pending()


def _check_endpoint(protocol: str, endpoint: str) -> None:
    try:
        scheme, host = scheme_and_host(endpoint)
    except ValueError:
        raise _invalid(f"Endpoint {endpoint!r} is no address") from None
    if scheme != protocol or not host:
        raise _invalid(f"Endpoint must match the specified protocol {protocol}")


def _check_message(subject: str | None, message: str) -> None:
    if not message:
        raise _invalid("Empty message")
    if len(message.encode()) > SNS_MESSAGE_MAX_BYTES:
        raise _invalid("Message too long")
    if subject is not None and (len(subject) > SNS_SUBJECT_MAX_CHARS or not subject.isprintable()):
        raise _invalid("Subject")


def _invalid(what: str) -> AwsError:
    return invalid_parameter(f"Invalid parameter: {what}")
