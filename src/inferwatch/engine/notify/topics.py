"""The topics of one account and region, and the post office behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from inferwatch.engine.arn import Realm
from inferwatch.engine.notify.address import is_mail_address, scheme_and_host
from inferwatch.engine.notify.delivery import Delivery, deliver
from inferwatch.engine.notify.envelope import CONFIRMATION, NOTIFICATION, Office, Said, invitation
from inferwatch.engine.notify.outbox import Outbox
from inferwatch.engine.notify.topic import MAIL_PROTOCOLS, WEB_PROTOCOLS, Subscription, Topic
from inferwatch.model.errors import AwsError, Unsupported, invalid_parameter
from inferwatch.model.limits import SNS_MESSAGE_MAX_BYTES, SNS_SUBJECT_MAX_CHARS

# Source: SNS API reference, "Subscribe".
_PROTOCOLS: Final = frozenset(
    {*WEB_PROTOCOLS, *MAIL_PROTOCOLS, "sms", "sqs", "application", "lambda", "firehose"}
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_IN_FLIGHT_MAX: Final = 32


class Topics:
    """Topics by ARN.

    Args:
        new_id: Makes message, subscription and token ids.
        is_to_be_made: Asked of each delivery: while the past is done over, one that is over and forgotten is
            not; one that is known is told what came of it.
    """

    def __init__(
        self,
        realm: Realm,
        new_id: Callable[[], str],
        office: Office,
        is_to_be_made: Callable[[Delivery], bool] = lambda _: True,
    ) -> None:
        self._realm = realm
        self._new_id = new_id
        self._office = office
        self._is_to_be_made = is_to_be_made
        self._topics: dict[str, Topic] = {}
        self._outbox: Outbox[Delivery] = Outbox(max_in_flight=_IN_FLIGHT_MAX)

    def create(self, name: str, display_name: str, tags: dict[str, str]) -> Topic:
        """A new topic, or the one that has this name already."""
        if name.endswith(".fifo"):
            raise Unsupported("FIFO topics", f'Name "{name}"', code="InvalidParameterException")
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
            Unsupported: Protocols other than http, https, email and email-json.
        """
        topic = self.get(topic_arn)
        _check_endpoint(protocol, endpoint)
        if raw:
            check_raw(protocol)
        known = next(
            (item for item in topic.subscriptions.values() if _is_of(item, protocol, endpoint)), None
        )
        if known is not None and known.raw != raw:
            raise _invalid("Attributes Reason: Subscription already exists with different attributes")
        if known is not None and known.confirmed:
            return known
        subscription = known or Subscription(
            f"{topic_arn}:{self._new_id()}", topic_arn, protocol, endpoint, token=self._new_id(), raw=raw
        )
        topic.subscriptions[subscription.arn] = subscription
        words = invitation(subscription)
        self._send(topic, Said(subscription, CONFIRMATION, self._new_id(), None, words, now_ms))
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

    def publish(self, topic_arn: str, subject: str | None, texts: Mapping[str, str], now_ms: int) -> str:
        """Send a message to every confirmed subscription; returns its id.

        Args:
            texts: What is said, by protocol; `default` to all that have no text of their own.

        Raises:
            AwsError: NotFoundException, InvalidParameterException.
        """
        _check_message(subject, texts)
        message_id = self._new_id()
        topic = self.get(topic_arn)
        for subscription in topic.subscriptions.values():
            if subscription.confirmed:
                text = texts.get(subscription.protocol, texts["default"])
                self._send(topic, Said(subscription, NOTIFICATION, message_id, subject, text, now_ms))
        return message_id

    def _send(self, topic: Topic, said: Said) -> None:
        delivery = deliver(topic, said, self._office)
        if self._is_to_be_made(delivery):
            self._outbox.add(delivery)

    def deliveries(self) -> list[Delivery]:
        """Every pending one, and the newest thousand that are finished; oldest first."""
        return self._outbox.all()

    def due(self, now_ms: int) -> Iterator[Delivery]:
        """Deliveries to try now; each is marked as under way. Whose subscription is gone, fails.

        Differs: whether AWS goes on with the attempts of a deleted subscription is not said; here they end.
        """
        for delivery in self._outbox.due(now_ms):
            subscription = delivery.said.subscription
            if subscription.arn in delivery.topic.subscriptions and delivery.topic.arn in self._topics:
                yield delivery
            else:
                delivery.in_flight = False
                delivery.refuse("its subscription was deleted", now_ms)


def check_raw(protocol: str) -> None:
    """Raises AwsError (InvalidParameterException).

    Source: SNS Developer Guide, "Raw message delivery": to Firehose, SQS and HTTP/S endpoints.
    Differs: how AWS words the refusal of raw mail was not recorded.
    """
    if protocol in MAIL_PROTOCOLS:
        raise _invalid(f"Attributes Reason: RawMessageDelivery is not for the protocol {protocol}")


def _is_of(subscription: Subscription, protocol: str, endpoint: str) -> bool:
    return (subscription.protocol, subscription.endpoint) == (protocol, endpoint)


def _check_endpoint(protocol: str, endpoint: str) -> None:
    """Raises AwsError (InvalidParameterException), Unsupported.

    Differs: how AWS words the refusal of a protocol that SNS has not was not recorded.
    """
    if protocol in MAIL_PROTOCOLS:
        if not is_mail_address(endpoint):
            raise _invalid("Email address")
        return
    if protocol not in _PROTOCOLS:
        raise _invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if protocol not in WEB_PROTOCOLS:
        raise Unsupported(
            f"SNS subscriptions with the protocol {protocol}",
            "http, https, email and email-json are",
            code="InvalidParameterException",
        )
    try:
        scheme, host = scheme_and_host(endpoint)
    except ValueError:
        raise _invalid("Endpoint is no address") from None
    if scheme != protocol or not host:
        raise _invalid(f"Endpoint must match the specified protocol {protocol}")


def _check_message(subject: str | None, texts: Mapping[str, str]) -> None:
    if not texts["default"]:
        raise _invalid("Empty message")
    if sum(len(text.encode()) for text in texts.values()) > SNS_MESSAGE_MAX_BYTES:
        raise _invalid("Message too long")
    if subject is not None and (len(subject) > SNS_SUBJECT_MAX_CHARS or not subject.isprintable()):
        raise _invalid("Subject")


def _invalid(what: str) -> AwsError:
    return invalid_parameter(f"Invalid parameter: {what}")
