"""What was read of an alarm → its Explanation. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inferwatch.drawing import wording
from inferwatch.drawing.alarms import Alarm
from inferwatch.drawing.api import Shape
from inferwatch.engine.alarms.composite import name_of
from inferwatch.explain import words
from inferwatch.explain.explanation import Contributor, Explanation, Suppressor, Window
from inferwatch.explain.judged import Judged, Point, judge, rounds, slots_of
from inferwatch.explain.outlook import Turn, turns
from inferwatch.explain.past import Held
from inferwatch.explain.reason import why
from inferwatch.explain.responses import Actions
from inferwatch.explain.rule import UNKNOWN, Standing, flips, tree
from inferwatch.explain.watched import Watched

_IN_WARM_UP = "IN_WARM_UP"
_ON_A_CHANGE = "as soon as an alarm of its rule changes its state"


def explain_metric(
    alarm: Alarm,
    held: Held,
    actions: Actions,
    at_ms: int,
    *,
    watched: Watched | None = None,
    series: Mapping[str, Sequence[Point]] | None = None,
    before: Mapping[str, Sequence[Point]] = MappingProxyType({}),
    said: Sequence[str] = (),
) -> Explanation:
    """Explain a metric alarm.

    Args:
        series: The evaluation range by series; nothing where it could not be read.
        before: Periods before it.
        said: What is to be known of the data.
    """
    window: Window | None = None
    coming: tuple[Turn, ...] = ()
    if watched is not None and series:
        window = _window(watched, series, before, at_ms)
        after = window.judged.verdict or held.state
        points = [period.point for period in window.judged.periods]
        coming = turns(watched.definition, slots_of(watched.limit, points), after)
    judged = window.judged if window else None
    limit = watched.limit if watched else None
    return Explanation(
        **_of_every_kind(alarm, held, actions, at_ms),
        why=why(held, limit, judged.treatment if judged else None),
        changes=_changes(alarm.shape, held.state, judged, coming),
        next=_next(alarm.shape, window, at_ms),
        window=window,
        turns=coming,
        notes=(
            *said,
            *_series_shown(window),
            *_notes(alarm.shape, actions, at_ms),
            *_differences(alarm.shape, held.state, window),
        ),
    )


def explain_composite(
    alarm: Alarm, held: Held, actions: Actions, at_ms: int, standings: Mapping[str, Standing]
) -> Explanation:
    """Explain a composite alarm.

    Args:
        standings: Of the alarms that the rule or the suppressor names; of those that there are.
    """
    text = alarm.shape["AlarmRule"]
    states = {name: standing.state for name, standing in standings.items()}
    rule, coming = tree(text, standings), flips(text, states)
    return Explanation(
        **_of_every_kind(alarm, held, actions, at_ms),
        why=why(held, None, None),
        changes=tuple(map(words.flip, coming)) or ("nothing that a single alarm of its rule could do",),
        next=_ON_A_CHANGE,
        rule=rule,
        suppressor=_suppressor(alarm.shape, standings),
        flips=coming,
        notes=_notes(alarm.shape, actions, at_ms),
    )


def _of_every_kind(alarm: Alarm, held: Held, actions: Actions, at_ms: int) -> Shape:
    return {
        "name": alarm.name,
        "description": alarm.description,
        "at_ms": at_ms,
        "state": held.state,
        "since_ms": held.since_ms,
        "watches": alarm.condition,
        "reason": held.reason,
        "actions": actions,
        "held_back": words.held_back(actions, at_ms),
    }


def _window(
    watched: Watched,
    series: Mapping[str, Sequence[Point]],
    before: Mapping[str, Sequence[Point]],
    at_ms: int,
) -> Window:
    definition = watched.definition
    judged = {label: judge(definition, watched.limit, points) for label, points in series.items()}
    label, loudest = max(judged.items(), key=lambda one: (one[1].verdict == "ALARM", one[1].breaching))
    last_ms, next_ms = rounds(definition, at_ms)
    contributors = tuple(Contributor(name, one.verdict, one.breaching) for name, one in judged.items())
    return Window(
        label,
        words.limit(watched.limit),
        watched.limit.threshold,
        loudest,
        words.decision(loudest, definition.period_s),
        tuple(before.get(label, ())),
        contributors if len(contributors) > 1 else (),
        definition.period_s,
        last_ms,
        next_ms,
    )


def _changes(shape: Shape, state: str, judged: Judged | None, coming: Sequence[Turn]) -> tuple[str, ...]:
    if judged is None:
        return ()
    of_samples = shape.get("EvaluateLowSampleCountPercentile") == "ignore"
    said = [words.change(turn, of_samples=of_samples) for turn in coming]
    if judged.verdict is not None and judged.verdict != state:
        said.insert(0, f"the next evaluation, if nothing else comes: {judged.verdict}")
    return tuple(said) or ("nothing that its metric could do",)


def _next(shape: Shape, window: Window | None, at_ms: int) -> str:
    if window is None:
        return ""
    is_whole = (shape.get("WarmUpConfiguration") or {}).get("OnlyStartEvaluatingAfterWarmUpPeriodEnds")
    if shape.get("EvaluationState") == _IN_WARM_UP and is_whole:
        return "once its warm-up is over"
    return words.next_round(window.next_round_ms, at_ms)


def _series_shown(window: Window | None) -> tuple[str, ...]:
    if window is None or not window.contributors:
        return ()
    return (f"of its {len(window.contributors)} series this is {window.series}: it breaches most",)


def _differences(shape: Shape, state: str, window: Window | None) -> tuple[str, ...]:
    """A state that the window does not lead to, though it was evaluated."""
    if window is None or window.judged.verdict in (None, state):
        return ()
    is_new = window.round_ms < (shape.get("AlarmConfigurationUpdatedTimestamp") or 0)
    if is_new or shape.get("EvaluationState") == _IN_WARM_UP:
        return ()
    late = "data came after the evaluation, or somebody set its state"
    return (f"its window leads to {window.judged.verdict} by now: {late}",)


def _notes(shape: Shape, actions: Actions, at_ms: int) -> tuple[str, ...]:
    said = [actions.problem] if actions.problem else []
    said += [f"the mute rule {name} is never active from now on: {when}" for name, when in actions.over]
    configured_ms = shape.get("AlarmConfigurationUpdatedTimestamp")
    if configured_ms is not None and configured_ms > at_ms:
        said.append(
            f"it was configured later, at {wording.moment(configured_ms)}: this is how it would be now"
        )
    evaluation = shape.get("EvaluationState")
    if evaluation == _IN_WARM_UP:
        minutes = (shape.get("WarmUpConfiguration") or {}).get("WarmUpPeriodDurationInMinutes")
        said.append(
            f"it is warming up, for {minutes} minutes from its creation, and takes no actions so long"
        )
    elif evaluation:
        said.append(f"its evaluation is in the state {evaluation}")
    return tuple(said)


def _suppressor(shape: Shape, standings: Mapping[str, Standing]) -> Suppressor | None:
    given = shape.get("ActionsSuppressor")
    if not given:
        return None
    name = name_of(given)
    return Suppressor(
        name,
        standings.get(name, Standing(UNKNOWN)),
        shape.get("ActionsSuppressorWaitPeriod", 0),
        shape.get("ActionsSuppressorExtensionPeriod", 0),
    )
