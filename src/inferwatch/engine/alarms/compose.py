"""What a composite alarm's rule comes to, and AWS's words for why.

Source: recorded answers, 2026-09; CloudWatch User Guide, "Create a composite alarm".
Differs: AWS evaluates a composite alarm a second or two after a child changed, or it was put; here at once.
"""

from __future__ import annotations

from inferwatch.engine.alarms.alarm import CompositeAlarm, Transition
from inferwatch.engine.alarms.book import Book
from inferwatch.engine.alarms.moments import iso_time, long_time
from inferwatch.engine.alarms.state import Evaluation, State, Trigger, compact


def after_child(alarm: CompositeAlarm, child: Transition, book: Book) -> Evaluation | None:
    """A child's state has changed; `None` where the alarm's own stays."""
    state = alarm.definition.state(book.state)
    if state is alarm.state:
        return None
    moved = f"{child.alarm.arn} transitioned to {child.current.state} at {long_time(child.at_ms)}"
    return _evaluated(alarm, book, state, moved)


def after_put(alarm: CompositeAlarm, book: Book, *, is_new: bool) -> Evaluation:
    """The alarm was made, or changed."""
    state = alarm.definition.state(book.state)
    verb, whose = ("created", "its alarm") if is_new else ("updated", "its new alarm")
    return _evaluated(alarm, book, state, f"{alarm.arn} was {verb} and {whose} rule evaluates to {state}")


def _evaluated(alarm: CompositeAlarm, book: Book, state: State, reason: str) -> Evaluation:
    children = [book.alarms[name] for name in alarm.definition.deciding(book.state)]
    triggers = tuple(Trigger(child.arn, child.state, child.transitioned_ms) for child in children)
    return Evaluation(state, reason, _data(triggers), triggers)


def _data(triggers: tuple[Trigger, ...]) -> str:
    named = [
        {"arn": child.arn, "state": {"value": child.state, "timestamp": iso_time(child.since_ms)}}
        for child in triggers
    ]
    return compact({"triggeringAlarms": named})
