"""Explanations in sentences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from inferwatch.drawing import wording
from inferwatch.drawing.api import Shape
from inferwatch.engine.alarms.definition import MissingData
from inferwatch.explain.judged import Judged
from inferwatch.explain.outlook import Turn
from inferwatch.explain.past import Held
from inferwatch.explain.responses import Actions
from inferwatch.explain.rule import Flip
from inferwatch.explain.watched import Limit
from inferwatch.model.limits import SECOND_MS

_SIDES = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "at or above",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "at or below",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside of",
    "LessThanLowerThreshold": "below",
    "GreaterThanUpperThreshold": "above",
}
_COUNTS_AS = {MissingData.BREACHING: "as breaching", MissingData.NOT_BREACHING: "as not breaching"}
_LISTED_MAX = 6


def limit(what: Limit) -> str:
    """`above 4,000`, `outside of its band`."""
    side = _SIDES.get(what.operator, what.operator)
    return f"{side} {'its band' if what.threshold is None else wording.number(what.threshold)}"


def decision(judged: Judged, period_s: int) -> str:
    """How a window comes to its verdict: `2 of 3 datapoints breach, 2 are needed: ALARM`."""
    said = [_counted(judged)]
    if judged.missing and (judged.treatment in _COUNTS_AS or judged.breaching or judged.fine):
        how = _COUNTS_AS.get(judged.treatment)
        counts = "counts" if judged.missing == 1 else "count"
        fate = f"{counts} {how}" if how else f"{'is' if judged.missing == 1 else 'are'} left out"
        said.append(f"{_many(judged.missing, 'missing one')} {fate}")
    if judged.few_samples is not None:
        said.append(
            f"the newest has {_many(judged.few_samples, 'sample')}, too few for its percentile to be judged"
        )
    elif judged.breaching and not judged.fine and judged.treatment is MissingData.MISSING:
        said += _lone(judged, period_s)
    verdict = judged.verdict or "the state is kept"
    return f"{'; '.join(said)}: {verdict}"


def _counted(judged: Judged) -> str:
    real = judged.breaching + judged.fine
    needed = f"{judged.needed} of {judged.evaluated} {'is' if judged.needed == 1 else 'are'} needed"
    if not real:
        return "no datapoint in the whole evaluation range"
    verb = "breaches" if judged.breaching == 1 else "breach"
    return f"{judged.breaching} of {_many(real, 'datapoint')} {verb}, {needed}"


def _lone(judged: Judged, period_s: int) -> list[str]:
    """Breaches with nothing beside them alarm by their age."""
    if judged.breaching >= judged.needed:
        return []
    old_ms = judged.needed * period_s * SECOND_MS
    if judged.verdict == "ALARM":
        return [f"nothing else came, and the oldest of them is {wording.duration(old_ms)} old or more"]
    return [
        f"nothing else came, and they alarm by themselves once the oldest is {wording.duration(old_ms)} old"
    ]


def change(turn: Turn, *, of_samples: bool) -> str:
    """`2 more breaching periods among the next 3: ALARM`; `of_samples` where few samples are ignored."""
    enough = ", with samples enough" if of_samples and turn.kind != "missing" else ""
    return f"{_turn(turn)}{enough}: {turn.state}"


def _turn(turn: Turn) -> str:
    periods = "period" if turn.count == 1 else "periods"
    row = "" if turn.count == 1 else " in a row"
    match turn.kind:
        case "breaching" if turn.among > turn.count:
            return f"{turn.count} more breaching {periods} among the next {turn.among}"
        case "breaching":
            return f"{turn.count} more breaching {periods}{row}"
        case "fine":
            return f"{turn.count} more {periods}{row} that {'does' if turn.count == 1 else 'do'} not breach"
        case _:
            return f"{turn.count} {periods}{row} without data"


def flip(what: Flip) -> str:
    """`latency going to OK: ALARM`."""
    return f"{what.alarm} going to {what.state}: {what.whole}"


def next_round(next_ms: int, at_ms: int) -> str:
    return f"at {wording.clock(next_ms)} UTC, in {wording.age(next_ms - at_ms)}"


def held_back(actions: Actions, at_ms: int) -> tuple[str, ...]:
    """What keeps actions from being taken, on a change of state now."""
    if not actions.by_state:
        return ("there are none: nobody is told",)
    said = []
    if not actions.enabled:
        said.append("disabled")
    for mute in actions.mutes:
        left = wording.age(mute.until_ms - at_ms)
        said.append(f"muted by {mute.rule} until {wording.moment(mute.until_ms)}, for {left}")
    if actions.suppressed_by is not None:
        said.append(f"suppressed, {actions.suppressed_by}: {actions.suppressed_reason or ''}".rstrip(": "))
    return tuple(said) or ("enabled",)


def why(held: Held, judged: Judged | None, what: Limit | None) -> str:
    """A state's reason in people's words, from StateReasonData where there is some."""
    data = held.reason_data
    if data.get("triggeringAlarms"):
        return _children(data["triggeringAlarms"])
    if held.reason.startswith("Unchecked"):
        return "it is new and was not evaluated yet"
    points = [one for one in data.get("evaluatedDatapoints") or [] if isinstance(one, dict)]
    if points and what is not None and held.reason.startswith(("Threshold", "Insufficient")):
        return _datapoints(held.state, points, data, what, judged)
    return f"it was put there with the words: {held.reason}" if held.reason else "no reason is given"


def _datapoints(state: str, points: list[Shape], data: Shape, what: Limit, judged: Judged | None) -> str:
    real = [one for one in points if isinstance(one.get("value"), int | float)]
    missing = len(points) - len(real)
    if not real:
        periods = _many(len(points), "period")
        return f"no data came for {periods}{_filled(missing, state, judged)}"
    threshold = data.get("threshold", what.threshold)
    then = Limit(what.operator, threshold)
    side = [one for one in real if _was_breaching(then, one) == (state == "ALARM")]
    verb = "was" if len(side) == 1 else "were"
    negated = "" if state == "ALARM" else " not"
    listed = ", ".join(f"{wording.number(one['value'])} at {_clock(one)}" for one in side[:_LISTED_MAX])
    more = f" and {len(side) - _LISTED_MAX} more" if len(side) > _LISTED_MAX else ""
    counted = f"{len(side)} of {_many(len(real), 'datapoint')} {verb}{negated} {limit(then)}"
    return f"{counted}{f': {listed}{more}' if side else ''}{_filled(missing, state, judged)}"


def _was_breaching(what: Limit, one: Shape) -> bool:
    if what.threshold is None:
        # A band's sides at that moment are not among the evaluated datapoints everywhere.
        return what.is_breaching(one["value"], one.get("lowerThreshold"), one.get("upperThreshold"))
    return what.is_breaching(one["value"], None, None)


def _filled(missing: int, state: str, judged: Judged | None) -> str:
    how = _COUNTS_AS.get(judged.treatment) if judged is not None and state != "INSUFFICIENT_DATA" else None
    if not missing or how is None:
        return ""
    return f"; {_many(missing, 'missing datapoint')} counted {how}"


def _children(triggers: Any) -> str:
    said = []
    for one in triggers:
        state = one.get("state", {})
        name = str(one.get("arn", "")).rpartition(":alarm:")[2]
        since = f" since {_clock(state)} UTC" if state.get("timestamp") else ""
        said.append(f"{name} was in {state.get('value', '?')}{since}")
    return "; ".join(said)


def _clock(one: Shape) -> str:
    try:
        moment = datetime.fromisoformat(str(one.get("timestamp")))
    except ValueError:
        return str(one.get("timestamp"))
    at_ms = round(moment.timestamp() * SECOND_MS)
    return wording.clock(at_ms - at_ms % SECOND_MS)


def _many(count: float, word: str) -> str:
    return f"{count:g} {word}{'' if count == 1 else 's'}"
