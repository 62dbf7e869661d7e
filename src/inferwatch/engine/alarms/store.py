"""The alarms of one account and region: put, evaluated, told, forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from inferwatch.engine.alarms import history
from inferwatch.engine.alarms.alarm import Alarm, Definition, Evaluation, HistoryItem, State, Transition
from inferwatch.engine.alarms.check import check
from inferwatch.engine.alarms.decide import decide
from inferwatch.engine.alarms.reasons import INITIAL
from inferwatch.engine.alarms.window import evaluation_slots, is_hourly
from inferwatch.engine.arn import Realm
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

_LOGGER = logging.getLogger("inferwatch.engine")
HISTORY_KEPT_MS = 30 * DAY_MS


class Alarms:
    """Every alarm by name.

    Args:
        act: Carries out a transition's actions, and returns the history items they leave.
        on_evaluated: Told of each transition that an evaluation makes, before its actions.
    """

    def __init__(
        self,
        realm: Realm,
        act: Callable[[Transition], list[HistoryItem]],
        on_evaluated: Callable[[Transition], None],
    ) -> None:
        self._realm = realm
        self._act = act
        self._on_evaluated = on_evaluated
        self._alarms: dict[str, Alarm] = {}
        self._deleted: list[HistoryItem] = []

    def put(self, definition: Definition, tags: dict[str, str], now_ms: int) -> None:
        """Create an alarm, or replace its whole configuration and keep its state.

        An identical configuration changes nothing, and leaves no history. Source: recorded, 2026-09.
        """
        check(definition)
        known = self._alarms.get(definition.name)
        if known is None:
            alarm = Alarm(
                definition,
                self._realm.alarm(definition.name),
                configured_ms=now_ms,
                state_updated_ms=now_ms,
                evaluation=Evaluation(State.INSUFFICIENT_DATA, INITIAL),
                tags=dict(tags),
            )
            self._alarms[definition.name] = alarm
            alarm.history.append(history.configured(alarm, "created", now_ms))
        elif known.definition != definition:
            self._configure(known, definition, now_ms)

    def _configure(self, alarm: Alarm, definition: Definition, now_ms: int) -> None:
        alarm.definition = definition
        alarm.configured_ms = now_ms
        alarm.history.append(history.configured(alarm, "updated", now_ms))

    def enable_actions(self, names: Iterable[str], enabled: bool, now_ms: int) -> None:
        """Unknown names are passed over, as by DeleteAlarms."""
        for name in names:
            alarm = self._alarms.get(name)
            if alarm is not None and alarm.definition.actions_enabled != enabled:
                self._configure(alarm, replace(alarm.definition, actions_enabled=enabled), now_ms)

    def delete(self, names: Iterable[str], now_ms: int) -> None:
        """Unknown names are ignored. Source: recorded, 2026-09."""
        for name in names:
            alarm = self._alarms.pop(name, None)
            if alarm is not None:
                self._deleted += [*alarm.history, history.configured(alarm, "deleted", now_ms)]

    def all(self) -> list[Alarm]:
        """Sorted by name."""
        return [self._alarms[name] for name in sorted(self._alarms)]

    def by_arn(self, arn: str) -> Alarm | None:
        return next((alarm for alarm in self._alarms.values() if alarm.arn == arn), None)

    def history(self) -> list[HistoryItem]:
        """Newest first; of deleted alarms too."""
        items = [*self._deleted, *(item for alarm in self._alarms.values() for item in alarm.history)]
        return sorted(items, key=lambda item: item.timestamp_ms)[::-1]

    def set_state(self, name: str, evaluation: Evaluation, now_ms: int) -> None:
        """Hold an alarm in a state until its next evaluation; the state it is in already changes nothing.

        Raises:
            AwsError: ResourceNotFound, with AWS's empty text.
        """
        alarm = self._alarms.get(name)
        if alarm is None:
            raise AwsError("ResourceNotFound", "")
        self._enter(alarm, evaluation, now_ms)

    def evaluate(self, store: MetricStore, now_ms: int) -> None:
        """One round over every alarm; one that fails is said, and holds up no other."""
        for alarm in self.all():
            if is_hourly(alarm.definition) and now_ms % HOUR_MS >= MINUTE_MS:
                continue
            try:
                slots = evaluation_slots(alarm.definition, store, now_ms)
                decided = decide(alarm.definition, slots, now_ms)
                if decided is not None:
                    self._enter(alarm, decided, now_ms, self._on_evaluated)
            except Exception:
                _LOGGER.exception("alarm %s could not be evaluated", alarm.definition.name)

    def _enter(
        self,
        alarm: Alarm,
        evaluation: Evaluation,
        now_ms: int,
        tell: Callable[[Transition], None] = lambda _: None,
    ) -> None:
        if evaluation.state is alarm.state:
            return
        transition = Transition(alarm, alarm.evaluation, evaluation, now_ms)
        tell(transition)
        alarm.evaluation = evaluation
        alarm.state_updated_ms = now_ms
        alarm.history.append(history.changed(transition))
        alarm.history.extend(self._act(transition))

    def forget(self, now_ms: int) -> None:
        """Drop history past its thirty days."""
        oldest_ms = now_ms - HISTORY_KEPT_MS
        for alarm in self._alarms.values():
            alarm.history = [item for item in alarm.history if item.timestamp_ms >= oldest_ms]
        self._deleted = [item for item in self._deleted if item.timestamp_ms >= oldest_ms]
