"""The alarms of one account and region: put, evaluated, told, forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from inferwatch.engine.alarms import check, check_composite, compose, documents
from inferwatch.engine.alarms.alarm import Alarm, CompositeAlarm, Kind, MetricAlarm, Transition
from inferwatch.engine.alarms.book import Book
from inferwatch.engine.alarms.cadence import is_due, is_minute_round, is_short
from inferwatch.engine.alarms.changes import Changes
from inferwatch.engine.alarms.composite import CompositeDefinition
from inferwatch.engine.alarms.contributors import evaluate_each
from inferwatch.engine.alarms.decide import evaluate, fills_window
from inferwatch.engine.alarms.definition import Definition, MathSource
from inferwatch.engine.alarms.history import History, HistoryItem
from inferwatch.engine.alarms.mutes import MuteDefinition, Mutes
from inferwatch.engine.alarms.respond import Publish, Responder
from inferwatch.engine.alarms.state import Contribution, Contributor, Evaluation
from inferwatch.engine.alarms.watch import Reader, watch, watch_each
from inferwatch.engine.anomaly.bands import Bands
from inferwatch.engine.anomaly.detector import subject_of
from inferwatch.engine.arn import Realm
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.errors import AwsError, NotKept, validation_failure
from inferwatch.model.limits import INSIGHTS_ALARMS_MAX, MINUTE_MS

_LOGGER = logging.getLogger("inferwatch.engine")
TAGS_MAX: Final = 50
_NAMED_MAX: Final = 5


class Alarms:
    """Every alarm and every mute rule.

    Args:
        publish: Sends an SNS notification; raises AwsError.
        on_evaluated: Told of each transition that an evaluation makes; its actions are done within the
            context that this gives.
        on_released: Told each moment at which time sets actions free; they are done within its context.
        bands: Where band alarms have their thresholds from.
    """

    def __init__(
        self,
        realm: Realm,
        publish: Publish,
        on_evaluated: Callable[[Transition], AbstractContextManager[None]],
        on_released: Callable[[int], AbstractContextManager[None]],
        bands: Bands,
    ) -> None:
        self._realm = realm
        self._bands = bands
        self._on_evaluated = on_evaluated
        self._book = Book()
        self._history = History()
        self.mutes = Mutes()
        responder = Responder(realm, publish)
        self._changes = Changes(self._book, self._history, self.mutes, responder, on_released)

    def put(self, definition: Definition, tags: dict[str, str], now_ms: int) -> None:
        """Create a metric alarm, or replace its whole configuration and keep its state.

        An identical configuration changes nothing, and leaves no history. Source: recorded, 2026-09.
        """
        check.check(definition)
        known = self._known(definition.name, Kind.METRIC)
        self._check_count(definition)
        if isinstance(known, MetricAlarm):
            self._replace(known, definition, now_ms)
        else:
            made = MetricAlarm(
                self._realm.alarm(definition.name),
                now_ms,
                definition=definition,
                created_ms=now_ms,
                warm_at_ms=_warm_at(definition, now_ms),
            )
            self._created(made, tags, now_ms)
        self._ensure_detector(definition, now_ms)

    def _replace(self, alarm: MetricAlarm, definition: Definition, now_ms: int) -> None:
        if alarm.definition == definition:
            return
        alarm.warm_at_ms = _warm_at(definition, alarm.created_ms) if alarm.is_warming(now_ms) else None
        alarm.definition = definition
        if not definition.groups:
            alarm.raised.clear()
        self._updated(alarm, now_ms)

    def _check_count(self, definition: Definition) -> None:
        """Source: CloudWatch User Guide, "Limits". The text is ours."""
        if not _asks(definition):
            return
        others = (alarm.definition for alarm in self._book.metric_alarms())
        count = sum(_asks(other) for other in others if other.name != definition.name)
        if count >= INSIGHTS_ALARMS_MAX:
            raise AwsError(
                "LimitExceededFault",
                f"There are {INSIGHTS_ALARMS_MAX} alarms on Metrics Insights queries already",
            )

    def _ensure_detector(self, definition: Definition, now_ms: int) -> None:
        """A band alarm makes its model itself. Source: CloudWatch User Guide, "Anomaly detection"."""
        source = definition.source
        if isinstance(source, MathSource) and (band := source.band) is not None:
            self._bands.detectors.ensure(subject_of(band.queries), now_ms)

    def put_composite(self, definition: CompositeDefinition, tags: dict[str, str], now_ms: int) -> None:
        """Create a composite alarm, or replace its configuration; its rule is evaluated at once."""
        check_composite.check(definition, self._realm, self._book.alarms, self._book.parents)
        known = self._known(definition.name, Kind.COMPOSITE)
        is_new = known is None
        if isinstance(known, CompositeAlarm):
            if known.definition == definition:
                return
            if known.definition.suppressor != definition.suppressor:
                self._changes.drop_suppression(known, now_ms)
            known.definition = definition
            self._book.put(known)
            self._updated(known, now_ms)
        else:
            known = CompositeAlarm(self._realm.alarm(definition.name), now_ms, definition=definition)
            self._created(known, tags, now_ms)
        if not self._book.is_circular(definition.name):
            self._changes.enter(known, compose.after_put(known, self._book, is_new=is_new), now_ms)

    def _known(self, name: str, kind: Kind) -> Alarm | None:
        """The alarm of that name. Source of the text: another emulator's recordings."""
        known = self._book.alarms.get(name)
        if known is not None and known.kind is not kind:
            raise validation_failure(
                f"AlarmName [{name}] is already used by another alarm of a different type"
            )
        return known

    def _created(self, alarm: Alarm, tags: dict[str, str], now_ms: int) -> None:
        check_tags(tags)
        alarm.tags = dict(tags)
        self._book.put(alarm)
        self._history.add([documents.configured(alarm, "created", now_ms)])

    def _updated(self, alarm: Alarm, now_ms: int) -> None:
        alarm.configured_ms = now_ms
        self._history.add([documents.configured(alarm, "updated", now_ms)])

    def enable_actions(self, names: Iterable[str], enabled: bool, now_ms: int) -> None:
        """Unknown names are passed over, as by DeleteAlarms."""
        for name in names:
            alarm = self._book.alarms.get(name)
            if alarm is not None and alarm.definition.responses.enabled != enabled:
                _set_enabled(alarm, enabled)
                self._updated(alarm, now_ms)

    def delete(self, names: Iterable[str], now_ms: int) -> None:
        """Unknown names are ignored. Source: recorded, 2026-09.

        Raises:
            AwsError: ValidationException: two composite alarms, or one that others need; none is deleted.
        """
        named = [self._book.alarms[name] for name in dict.fromkeys(names) if name in self._book.alarms]
        if sum(isinstance(alarm, CompositeAlarm) for alarm in named) > 1:
            # The text is ours: AWS's was not recorded.
            raise validation_failure("At most one composite alarm can be deleted in one call")
        for alarm in named:
            name = alarm.definition.name
            if name in self._book.parents or self._book.suppressed_by([name]):
                raise validation_failure(
                    f"Cannot delete {name} as there are composite alarm(s) depending on it."
                )
        for alarm in named:
            self._changes.let_go(alarm)
            self._book.remove(alarm.definition.name)
            self._history.add([documents.configured(alarm, "deleted", now_ms)])

    def all(self) -> list[Alarm]:
        """Sorted by name."""
        return self._book.all()

    def children(self, name: str) -> frozenset[str]:
        """Names of the alarms that a composite alarm asks about; none of any other."""
        return self._book.children(name)

    def parents(self, name: str) -> frozenset[str]:
        """Names of the composite alarms that ask about an alarm."""
        return self._book.parents.get(name, frozenset())

    def by_arn(self, arn: str) -> Alarm | None:
        return next((alarm for alarm in self._book.alarms.values() if alarm.arn == arn), None)

    def history(self, alarm: str | None = None) -> list[HistoryItem]:
        """Newest first; of one alarm or all, deleted ones too."""
        return self._history.items(alarm)

    def set_state(self, name: str, evaluation: Evaluation, now_ms: int) -> None:
        """Hold an alarm in a state until its next evaluation; the state it is in already changes nothing.

        Raises:
            AwsError: ResourceNotFound, with AWS's empty text.
        """
        self._changes.enter(self._existing(name), evaluation, now_ms)

    def evaluated(self, name: str, evaluation: Evaluation, at_ms: int) -> None:
        """What an evaluation of before decided, done over; it ended a warm-up too. Raises as `set_state`."""
        alarm = self._existing(name)
        if isinstance(alarm, MetricAlarm):
            alarm.warm_at_ms = None
        self._changes.enter(alarm, evaluation, at_ms)

    def contributor_evaluated(
        self, name: str, contributor: Contributor, evaluation: Evaluation, at_ms: int
    ) -> None:
        """What an evaluation of before decided of a contributor, done over. Raises as `set_state`."""
        alarm = self._existing(name)
        if isinstance(alarm, MetricAlarm):
            self._changes.enter_contributor(alarm, contributor, evaluation, at_ms)

    def raised(self, name: str) -> list[Contribution]:
        """The contributors of an alarm that are in ALARM, by id.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        alarm = self._book.alarms.get(name)
        if alarm is None:
            # The text is ours: AWS's was not recorded.
            raise AwsError("ResourceNotFoundException", f"The alarm {name} does not exist")
        found = alarm.raised if isinstance(alarm, MetricAlarm) else {}
        return [found[key] for key in sorted(found)]

    def _existing(self, name: str) -> Alarm:
        alarm = self._book.alarms.get(name)
        if alarm is None:
            raise AwsError("ResourceNotFound", "")
        return alarm

    def put_mute(self, definition: MuteDefinition, tags: dict[str, str], now_ms: int) -> None:
        """Make or replace a mute rule; what it no longer holds back is done at once."""
        check_tags(tags)
        self.mutes.put(definition, self._realm.mute_rule(definition.name), tags, now_ms)
        self._changes.check_mutes(now_ms)

    def delete_mute(self, name: str, now_ms: int) -> None:
        self.mutes.delete(name)
        self._changes.check_mutes(now_ms)

    @property
    def any_short(self) -> bool:
        """Is any alarm looked at every ten seconds?"""
        return any(is_short(alarm.definition) for alarm in self._book.metric_alarms())

    @property
    def due_ms(self) -> int | None:
        """When actions that are held back may be done next."""
        return self._changes.due_ms

    def pass_time(self, now_ms: int) -> None:
        """Do what was held back until now; what the disk refuses, which the journal says, stays held back."""
        with suppress(NotKept):
            self._changes.pass_time(now_ms)

    def evaluate(self, store: MetricStore, round_ms: int) -> None:
        """One round over the alarms that are due in it; one that fails is said, and holds up no other."""
        due = [alarm for alarm in self._book.metric_alarms() if is_due(alarm.definition, round_ms)]
        unkept: list[str] = []
        for alarm in sorted(due, key=lambda alarm: alarm.definition.name):
            try:
                self._evaluate(alarm, store, round_ms)
            except NotKept:
                unkept.append(alarm.definition.name)
            except Exception:
                _LOGGER.exception("alarm %s could not be evaluated", alarm.definition.name)
        if is_minute_round(round_ms):
            self._say(unkept)
            self._changes.repeat(round_ms)

    @staticmethod
    def _say(unkept: list[str]) -> None:
        """Once a minute: which alarms would have changed; each is decided anew in its next round."""
        if unkept:
            _LOGGER.error(
                "%d alarms keep their state, and nobody is told, until the disk takes the new one: %s",
                len(unkept),
                ", ".join(unkept[:_NAMED_MAX]) + (", …" if len(unkept) > _NAMED_MAX else ""),
            )

    def _evaluate(self, alarm: MetricAlarm, store: MetricStore, round_ms: int) -> None:
        definition = alarm.definition
        is_warming = alarm.is_warming(round_ms)
        if is_warming and definition.warm_up is not None and definition.warm_up.is_whole:
            return
        reader = Reader(store, self._bands, self._realm.account_id, round_ms)
        self._ensure_detector(definition, round_ms)
        if definition.groups:
            self._evaluate_each(alarm, reader, is_warming=is_warming)
            return
        sight = watch(definition, reader)
        alarm.is_partial = sight.is_partial
        if is_warming and not fills_window(definition, sight.slots):
            return
        alarm.warm_at_ms = None
        evaluation = evaluate(definition, alarm.state, sight.slots, round_ms)
        if evaluation is not None:
            self._enter(Transition(alarm, alarm.evaluation, evaluation, round_ms))

    def _evaluate_each(self, alarm: MetricAlarm, reader: Reader, *, is_warming: bool) -> None:
        """The contributors first, then the alarm; its reason follows them while its state stays."""
        definition, at_ms = alarm.definition, reader.now_ms
        sights = watch_each(definition, reader)
        alarm.is_partial = sights.is_partial
        if is_warming and not any(fills_window(definition, slots) for slots in sights.series.values()):
            return
        alarm.warm_at_ms = None
        found = evaluate_each(definition, alarm.raised, sights.series, at_ms)
        for contributor, evaluation in found.changed:
            self._enter(Transition(alarm, alarm.evaluation, evaluation, at_ms, contributor))
        if found.whole is None:
            return
        if found.whole.state is alarm.state:
            alarm.renewed = found.whole
        else:
            self._enter(Transition(alarm, alarm.evaluation, found.whole, at_ms))

    def _enter(self, decided: Transition) -> None:
        """Take what an evaluation decided, of an alarm or of one of its contributors."""
        alarm, current, at_ms = decided.alarm, decided.current, decided.at_ms
        with self._on_evaluated(decided):
            if decided.contributor is None:
                self._changes.enter(alarm, current, at_ms)
            elif isinstance(alarm, MetricAlarm):
                self._changes.enter_contributor(alarm, decided.contributor, current, at_ms)

    def forget(self, now_ms: int) -> None:
        """Drop history past its thirty days."""
        self._history.forget(now_ms)


def _asks(definition: Definition) -> bool:
    """Is it an alarm on a Metrics Insights query?"""
    return isinstance(definition.source, MathSource) and definition.source.insights is not None


def _warm_at(definition: Definition, created_ms: int) -> int | None:
    return None if definition.warm_up is None else created_ms + definition.warm_up.minutes * MINUTE_MS


def _set_enabled(alarm: Alarm, enabled: bool) -> None:
    responses = replace(alarm.definition.responses, enabled=enabled)
    match alarm:
        case MetricAlarm():
            alarm.definition = replace(alarm.definition, responses=responses)
        case CompositeAlarm():
            alarm.definition = replace(alarm.definition, responses=responses)


def check_tags(added: Mapping[str, str], present: Mapping[str, str] = MappingProxyType({})) -> None:
    """Raises AwsError (AccessDenied, ValidationException).

    Differs: the texts are ours; AWS's were not recorded.
    """
    if any(key.startswith("aws:") for key in added):
        raise AwsError("AccessDenied", "Tag keys that start with aws: are AWS's own", status=403)
    count = len(added.keys() | present.keys())
    if count > TAGS_MAX:
        raise validation_failure(f"A resource can have at most {TAGS_MAX} tags; this one would have {count}")
