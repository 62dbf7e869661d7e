"""Accepted events → the filters that want them → batches → the outbox.

Events are gathered per filter and stream until the next round, or until a batch is full, so that many small
writes make few posts.

Source: CloudWatch Logs User Guide, "Real-time processing of log data with subscriptions".
Differs: AWS tries for up to 24 hours; here a batch is tried four times, 20 s apart, and what waits, in memory
alone, does not outlive a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from inferwatch.engine.arn import Realm
from inferwatch.engine.notify.delivery import Dispatch
from inferwatch.engine.notify.envelope import Post
from inferwatch.engine.notify.outbox import Outbox
from inferwatch.engine.subscriptions.filter import SubscriptionFilter, SubscriptionFilters
from inferwatch.engine.subscriptions.payload import (
    DATA,
    ForwardedEvent,
    control_message,
    data_message,
    make_post,
)
from inferwatch.model.limits import EVENT_OVERHEAD_BYTES

BATCH_MAX_BYTES: Final = 1_048_576
PENDING_MAX_BYTES: Final = 64 * 1_048_576
IN_FLIGHT_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What was forwarded of a batch: for the metrics that AWS keeps of it."""

    filter_name: str
    events: int


@dataclass(slots=True, kw_only=True)
class Forward(Dispatch):
    """A post to one filter's destination: `DATA_MESSAGE` or `CONTROL_MESSAGE`; its body goes once it is over.

    Args:
        events: How many log events it carries.
        posted_bytes: Of the body, gone or not.
    """

    log_group: str
    filter_name: str
    destination_arn: str
    events: int
    post: Post
    posted_bytes: int

    @property
    def address(self) -> str:
        return self.post.url

    @property
    def size_bytes(self) -> int:
        return len(self.post.body)

    @property
    def parcel(self) -> Post:
        return self.post

    def forget_body(self) -> None:
        self.post = replace(self.post, body=b"")


@dataclass(slots=True)
class _Batch:
    """Events of one stream on their way to one filter's destination."""

    made: SubscriptionFilter
    group: str
    stream: str
    events: list[ForwardedEvent] = field(default_factory=list)
    size_bytes: int = 0


class Subscriptions:
    """The subscription filters of one account and region, and what is on its way to their destinations.

    Args:
        addresses: Destination ARN → http(s) address, from `read_addresses`.
        new_id: Makes ids of requests.
    """

    def __init__(self, realm: Realm, addresses: dict[str, str], new_id: Callable[[], str]) -> None:
        self.filters = SubscriptionFilters()
        self.addresses = addresses
        self.outbox: Outbox[Forward] = Outbox(
            max_in_flight=IN_FLIGHT_MAX, max_pending_bytes=PENDING_MAX_BYTES
        )
        self._realm = realm
        self._new_id = new_id
        self._batches: dict[tuple[str, str, str], _Batch] = {}

    def put(self, group: str, made: SubscriptionFilter, now_ms: int, *, other_regexes: int = 0) -> None:
        """Add or replace a filter; a stream that is new to it is sent a control message.

        What was gathered for the filter before goes where it was meant to go.

        Args:
            other_regexes: How many metric filters of the group hold a regular expression.
        """
        before = next((item for item in self.filters.of_group(group) if item.name == made.name), None)
        self.filters.put(group, made, other_regexes=other_regexes)
        self._send_of(group, made.name, now_ms)
        if before is None or before.destination != made.destination:
            message = control_message(made.destination.vendor, now_ms)
            if message is not None:
                self._add(message["messageType"], group, made, message, now_ms)

    def delete(self, group: str, name: str, now_ms: int) -> None:
        self.filters.delete(group, name)
        self._send_of(group, name, now_ms)

    def forget_group(self, group: str, now_ms: int) -> None:
        for made in self.filters.of_group(group):
            self._send_of(group, made.name, now_ms)
        self.filters.forget_group(group)

    def forward(
        self, group: str, stream: str, events: Sequence[ForwardedEvent], now_ms: int
    ) -> list[Forwarded]:
        """Gather what each of the group's filters wants of these events, their messages masked already."""
        forwarded = []
        for made in self.filters.of_group(group):
            wanted = list(_wanted(made, events))
            if wanted:
                self._gather(made, group, stream, wanted, now_ms)
                forwarded.append(Forwarded(made.name, len(wanted)))
        return forwarded

    def flush(self, now_ms: int) -> None:
        """Hand everything gathered to the outbox."""
        for key in list(self._batches):
            self._send(key, now_ms)

    def forget_pending(self) -> None:
        """Drop what is on its way: it was sent already."""
        self._batches.clear()
        self.outbox.forget_pending()

    def _gather(
        self,
        made: SubscriptionFilter,
        group: str,
        stream: str,
        events: Sequence[ForwardedEvent],
        now_ms: int,
    ) -> None:
        key = (group, made.name, stream)
        for event in events:
            size = len(event.message.encode()) + EVENT_OVERHEAD_BYTES
            batch = self._batches.get(key)
            if batch is not None and batch.size_bytes + size > BATCH_MAX_BYTES:
                self._send(key, now_ms)
                batch = None
            if batch is None:
                batch = self._batches[key] = _Batch(made, group, stream)
            batch.events.append(event)
            batch.size_bytes += size

    def _send_of(self, group: str, name: str, now_ms: int) -> None:
        for key in [key for key in self._batches if key[:2] == (group, name)]:
            self._send(key, now_ms)

    def _send(self, key: tuple[str, str, str], now_ms: int) -> None:
        batch = self._batches.pop(key)
        message = data_message(
            self._realm.account_id, batch.group, batch.stream, batch.made.name, batch.events
        )
        self._add(DATA, batch.group, batch.made, message, now_ms)

    def _add(
        self, kind: str, group: str, made: SubscriptionFilter, message: dict[str, Any], now_ms: int
    ) -> None:
        post = make_post(made, message, now_ms, self._new_id)
        self.outbox.add(
            Forward(
                kind=kind,
                log_group=group,
                filter_name=made.name,
                destination_arn=made.destination.arn,
                events=len(message["logEvents"]),
                created_ms=now_ms,
                post=post,
                posted_bytes=len(post.body),
                due_ms=now_ms,
            )
        )


def _wanted(made: SubscriptionFilter, events: Sequence[ForwardedEvent]) -> Iterator[ForwardedEvent]:
    """Differs: how AWS names extracted fields is known from examples only: without the `$`."""
    for event in events:
        fields = made.extract(event.message)
        if fields:
            extracted = {name.removeprefix("$"): text for name, text in fields.items()}
            yield replace(event, extracted=extracted)
        elif fields is not None:
            yield event
