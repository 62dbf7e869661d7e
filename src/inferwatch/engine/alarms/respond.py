"""A transition → its actions carried out, and what is remembered of each.

SNS notifications are sent. Everything else an alarm may do, AWS does to resources that are not here: such an
action is remembered as failed, and said in the log.

Differs: an action that is no SNS notification is accepted and not carried out. How AWS remembers scaling that
goes on every minute was not recorded: here as an item each time, which a restart does not bring back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from inferwatch.engine.alarms import documents, mail, notification
from inferwatch.engine.alarms.actions import NOTIFICATION, action_kind, taken
from inferwatch.engine.alarms.alarm import Transition
from inferwatch.engine.alarms.history import HistoryItem
from inferwatch.engine.alarms.state import compact
from inferwatch.engine.arn import Realm
from inferwatch.model.errors import AwsError

Publish: TypeAlias = Callable[[str, str, Mapping[str, str], int], object]
"""Sends (topic ARN, subject, texts by protocol, epoch ms)."""

_LOGGER = logging.getLogger("inferwatch.engine")


class Responder:
    """Carries out the actions of one account and region."""

    def __init__(self, realm: Realm, publish: Publish) -> None:
        self._realm = realm
        self._publish = publish

    def take(self, transition: Transition, at_ms: int, *, after_mute: bool = False) -> Iterator[HistoryItem]:
        """All actions of the state that was entered.

        Args:
            at_ms: Now: later than the transition where something held them back.
        """
        alarm = transition.alarm
        for action in taken(transition):
            if action_kind(action).words == NOTIFICATION:
                yield self._notify(transition, action, at_ms, after_mute)
            else:
                _LOGGER.warning(
                    "alarm %s: the action %s is not carried out here", alarm.definition.name, action
                )
                yield self._not_here(transition, action, at_ms)

    def repeat(self, transition: Transition, actions: Iterable[str], at_ms: int) -> Iterator[HistoryItem]:
        """Actions that go on for as long as the state lasts."""
        for action in actions:
            yield self._not_here(transition, action, at_ms)

    def _notify(self, transition: Transition, topic: str, at_ms: int, after_mute: bool) -> HistoryItem:
        published = {
            "default": notification.message(transition, self._realm, after_mute=after_mute),
            "sms": mail.sms(transition, self._realm),
            "email": mail.email(transition, self._realm),
        }
        try:
            self._publish(topic, mail.subject(transition, self._realm), published, at_ms)
        except AwsError as refused:
            return documents.acted(transition, topic, at_ms, error=refused.message)
        return documents.acted(transition, topic, at_ms, published=compact(published))

    def _not_here(self, transition: Transition, action: str, at_ms: int) -> HistoryItem:
        error = f"inferwatch does not carry out {action_kind(action).words}"
        return documents.acted(transition, action, at_ms, error=error)
