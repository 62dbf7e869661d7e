"""A state is entered: remembered, passed on to composite alarms, and acted on, now or once that is allowed.

Two things hold actions back: a composite alarm's suppressor, and mute rules. What was held back is done, for
the state that lasts then, as soon as nothing holds it any more.

Source: CloudWatch User Guide, "Suppressing composite alarm actions", "How alarm mute rules work".
Differs: AWS does not say what a mute rule does with a state that came back before the window ended; here the
actions of the state the alarm is in are done, if its last change was held back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from inferwatch.engine.alarms import compose, documents, suppression
from inferwatch.engine.alarms.actions import repeated, taken
from inferwatch.engine.alarms.alarm import Alarm, CompositeAlarm, MetricAlarm, Transition
from inferwatch.engine.alarms.book import Book
from inferwatch.engine.alarms.history import History
from inferwatch.engine.alarms.moments import long_time
from inferwatch.engine.alarms.mutes import Mutes
from inferwatch.engine.alarms.respond import Responder
from inferwatch.engine.alarms.state import FINE, Contribution, Contributor, Evaluation, State
from inferwatch.engine.alarms.suppression import Suppression


class Changes:
    """Changes of state of the alarms in one book.

    Args:
        on_released: Told each moment at which time sets free what was held back; it is done within the
            context that this gives.
    """

    def __init__(
        self,
        book: Book,
        history: History,
        mutes: Mutes,
        responder: Responder,
        on_released: Callable[[int], AbstractContextManager[None]],
    ) -> None:
        self._book = book
        self._history = history
        self._mutes = mutes
        self._responder = responder
        self._on_released = on_released
        self._due: dict[str, int] = {}

    def enter(self, alarm: Alarm, evaluation: Evaluation, at_ms: int) -> None:
        """Put an alarm into a state; the state it is in already changes nothing."""
        if evaluation.state is alarm.state:
            return
        made = [self._move(alarm, evaluation, at_ms)]
        moved = {alarm.definition.name: made[0]}
        for composite in self._book.dependants(alarm.definition.name):
            name = composite.definition.name
            cause = min(self._book.children(name) & moved.keys(), default=None)
            if cause is None:
                continue
            found = compose.after_child(composite, moved[cause], self._book)
            if found is not None:
                moved[name] = self._move(composite, found, at_ms)
                made.append(moved[name])
        for transition in made:
            self._remember(transition)
        self._follow_suppressors(moved, at_ms)

    def enter_contributor(
        self, alarm: MetricAlarm, contributor: Contributor, evaluation: Evaluation, at_ms: int
    ) -> None:
        """Put one of an alarm's contributors into a state; the alarm's own stays."""
        known = alarm.raised.pop(contributor.id, None)
        previous = FINE if known is None else known.evaluation
        if evaluation.state is State.ALARM:
            alarm.raised[contributor.id] = Contribution(contributor, evaluation, at_ms)
        transition = Transition(alarm, previous, evaluation, at_ms, contributor)
        alarm.held.pop(transition.owner, None)
        self._history.add([documents.changed(transition, None)])
        self._act(transition, at_ms)

    def _move(self, alarm: Alarm, evaluation: Evaluation, at_ms: int) -> Transition:
        transition = Transition(alarm, alarm.evaluation, evaluation, at_ms)
        alarm.evaluation = evaluation
        if isinstance(alarm, MetricAlarm):
            alarm.renewed = None
        alarm.state_updated_ms = alarm.transitioned_ms = at_ms
        alarm.last = transition
        return transition

    def _remember(self, transition: Transition) -> None:
        alarm = transition.alarm
        alarm.held.pop(transition.owner, None)
        if not alarm.held:
            self.let_go(alarm)
        suppressed = None
        if isinstance(alarm, CompositeAlarm) and alarm.definition.suppressor is not None:
            suppressor = alarm.definition.suppressor
            suppressed = suppression.begin(suppressor, self._alarmed(alarm), transition.at_ms)
            self._hold(alarm, suppressed)
        self._history.add([documents.changed(transition, suppressed)])
        if suppressed is None:
            self._act(transition, transition.at_ms)

    def _alarmed(self, alarm: CompositeAlarm) -> str | None:
        """How the suppressor came to be in ALARM; `None` where it is not."""
        assert alarm.definition.suppressor is not None
        suppressor = self._book.alarms[alarm.definition.suppressor.name]
        if suppressor.state is not State.ALARM:
            return None
        return f"{suppressor.arn} that transitioned to ALARM at {long_time(suppressor.transitioned_ms)}"

    def _follow_suppressors(self, moved: Iterable[str], at_ms: int) -> None:
        for alarm in self._book.suppressed_by(moved):
            if alarm.suppression is not None and alarm.definition.suppressor is not None:
                alarmed = self._alarmed(alarm)
                after = suppression.follow(alarm.suppression, alarm.definition.suppressor, alarmed, at_ms)
                self._change_suppression(alarm, after, at_ms)

    def drop_suppression(self, alarm: CompositeAlarm, at_ms: int) -> None:
        """The suppressor is another one from now on: what the old one held back stays undone."""
        before = alarm.suppression
        if before is not None:
            self._hold(alarm, None)
            self._history.add([documents.suppression_changed(alarm, before, None, at_ms)])

    def _change_suppression(self, alarm: CompositeAlarm, after: Suppression | None, at_ms: int) -> None:
        before = alarm.suppression
        if before == after:
            return
        self._hold(alarm, after)
        alarm.state_updated_ms = at_ms
        self._history.add([documents.suppression_changed(alarm, before, after, at_ms)])
        if after is None and alarm.last is not None:
            self._act(alarm.last, at_ms)

    def _hold(self, alarm: CompositeAlarm, suppressed: Suppression | None) -> None:
        alarm.suppression = suppressed
        self._due.pop(alarm.definition.name, None)
        if suppressed is not None and suppressed.until_ms is not None:
            self._due[alarm.definition.name] = suppressed.until_ms

    def let_go(self, alarm: Alarm) -> None:
        """Drop whatever the alarm holds back, undone."""
        alarm.held.clear()
        self._due.pop(alarm.definition.name, None)
        if isinstance(alarm, CompositeAlarm):
            alarm.suppression = None

    def _act(self, transition: Transition, at_ms: int, *, after_mute: bool = False) -> None:
        """Do what the state asks for, or hold it back while the alarm is muted."""
        alarm = transition.alarm
        if not self._may_act(alarm, at_ms):
            return
        until_ms = self._muted_until(alarm, at_ms)
        if until_ms is None:
            self._history.add(self._responder.take(transition, at_ms, after_mute=after_mute))
            return
        if transition.owner not in alarm.held:
            actions = taken(transition)
            self._history.add([documents.muted(transition, action, until_ms) for action in actions])
        alarm.held[transition.owner] = transition
        self._due[alarm.definition.name] = until_ms

    @property
    def due_ms(self) -> int | None:
        """When something that is held back may be done next."""
        return min(self._due.values(), default=None)

    def pass_time(self, now_ms: int) -> None:
        """Do what time has set free, each at its own moment."""
        while (due_ms := self.due_ms) is not None and due_ms <= now_ms:
            with self._on_released(due_ms):
                for name in [name for name, at_ms in self._due.items() if at_ms == due_ms]:
                    self._release(self._book.alarms[name], due_ms)

    def check_mutes(self, now_ms: int) -> None:
        """Mute rules have changed: what they no longer hold back is done."""
        for alarm in self._book.all():
            if alarm.held and self._muted_until(alarm, now_ms) is None:
                self._release(alarm, now_ms)

    def _release(self, alarm: Alarm, at_ms: int) -> None:
        del self._due[alarm.definition.name]
        if isinstance(alarm, CompositeAlarm) and alarm.suppression is not None:
            self._change_suppression(alarm, None, at_ms)
            return
        for transition in list(alarm.held.values()):
            self._act(transition, at_ms, after_mute=True)
        if alarm.definition.name not in self._due:
            alarm.held.clear()

    def repeat(self, round_ms: int) -> None:
        """Once a minute: do again what goes on for as long as a state lasts."""
        for alarm in self._book.metric_alarms():
            again = repeated(alarm.definition.responses, alarm.state)
            if not again or alarm.last is None or alarm.last.at_ms >= round_ms:
                continue
            if self._may_act(alarm, round_ms) and self._muted_until(alarm, round_ms) is None:
                self._history.add(self._responder.repeat(alarm.last, again, round_ms))

    def _may_act(self, alarm: Alarm, at_ms: int) -> bool:
        is_warming = isinstance(alarm, MetricAlarm) and alarm.is_warming(at_ms)
        return alarm.definition.responses.enabled and not is_warming

    def _muted_until(self, alarm: Alarm, at_ms: int) -> int | None:
        return self._mutes.muted_until(alarm.definition.name, at_ms)
