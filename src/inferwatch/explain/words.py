"""Explanations in sentences."""

from __future__ import annotations

from inferwatch.drawing import wording
from inferwatch.engine.alarms.definition import MissingData
from inferwatch.explain.judged import Judged
from inferwatch.explain.outlook import Turn
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
COUNTS_AS = {MissingData.BREACHING: "as breaching", MissingData.NOT_BREACHING: "as not breaching"}


def limit(what: Limit) -> str:
    """`above 4,000`, `outside of its band`."""
    side = _SIDES.get(what.operator, what.operator)
    return f"{side} {'its band' if what.threshold is None else wording.number(what.threshold)}"


def decision(judged: Judged, period_s: int) -> str:
    """How a window comes to its verdict: `2 of 3 datapoints breach, 2 are needed: ALARM`."""
    said = [_counted(judged)]
    if judged.missing and (judged.treatment in COUNTS_AS or judged.breaching or judged.fine):
        how = COUNTS_AS.get(judged.treatment)
        counts = "counts" if judged.missing == 1 else "count"
        fate = f"{counts} {how}" if how else f"{'is' if judged.missing == 1 else 'are'} left out"
        said.append(f"{many(judged.missing, 'missing one')} {fate}")
    if judged.few_samples is not None:
        said.append(
            f"the newest has {many(judged.few_samples, 'sample')}, too few for its percentile to be judged"
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
    return f"{judged.breaching} of {many(real, 'datapoint')} {verb}, {needed}"


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
    silence = f", then {turn.empty} without data" if turn.empty else ""
    return f"{_turn(turn)}{enough}{silence}: {turn.state}"


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


def many(count: float, word: str) -> str:
    """`1 period`, `2 periods`."""
    return f"{wording.number(count)} {word}{'' if count == 1 else 's'}"
