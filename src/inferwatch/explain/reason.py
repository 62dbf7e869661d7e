"""StateReasonData in people's words; where there is none, StateReason as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inferwatch.drawing import wording
from inferwatch.drawing.api import Shape
from inferwatch.engine.alarms.composite import name_of
from inferwatch.engine.alarms.definition import MissingData
from inferwatch.explain import words
from inferwatch.explain.past import Held
from inferwatch.explain.watched import Limit
from inferwatch.model.limits import SECOND_MS

_LISTED_MAX = 6
_NAMED_MAX = 3
# SetAlarmState takes any JSON.
_NOT_AWS = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A datapoint that an evaluation saw, with the band it had; `value` is `None` where there was none."""

    at_ms: int
    value: float | None
    low: float | None = None
    high: float | None = None


def why(held: Held, limit: Limit | None, treatment: MissingData | None) -> str:
    """Say why an alarm entered its state.

    Args:
        limit: With `treatment` of missing data, as the alarm has them now; `None` where that is not known.
    """
    if held.reason.startswith("Unchecked"):
        return "no evaluation has changed its state since it was made"
    try:
        return _told(held, limit, treatment) or held.reason
    except _NOT_AWS:
        return held.reason


def _told(held: Held, limit: Limit | None, treatment: MissingData | None) -> str:
    """What StateReasonData tells; nothing where that is too little.

    Raises:
        Exception: One of _NOT_AWS: somebody else made these data up.
    """
    data = held.reason_data
    if data.get("triggeringAlarms"):
        return _children(data["triggeringAlarms"])
    if limit is None or treatment is None:
        return ""
    then = Limit(limit.operator, None if limit.threshold is None else _number(data.get("threshold")))
    seen = list(_seen(data))
    if not seen or (then.threshold is None) is not (limit.threshold is None):
        return ""
    return _datapoints(held.state, seen, then, treatment)


def _seen(data: Shape) -> Iterator[_Seen]:
    """Newest first."""
    bands = dict(_bands(data))
    for one in data.get("evaluatedDatapoints") or []:
        at_ms = _moment(one["timestamp"])
        yield _Seen(at_ms, _number(one.get("value")), *bands.get(at_ms, (None, None)))


def _bands(data: Shape) -> Iterator[tuple[int, tuple[float | None, float | None]]]:
    """The band's low and high side by period."""
    if "recentLowerThresholds" not in data:
        return
    start_ms, step_ms = _moment(data["startDate"]), data["period"] * SECOND_MS
    sides = zip(data["recentLowerThresholds"], data["recentUpperThresholds"], strict=True)
    for at, (low, high) in enumerate(sides):
        yield start_ms + at * step_ms, (_number(low), _number(high))


def _datapoints(state: str, seen: Sequence[_Seen], limit: Limit, treatment: MissingData) -> str:
    real = [(one, one.value) for one in seen if one.value is not None]
    filled = _filled(len(seen) - len(real), state, treatment)
    if not real:
        return f"no data came for {words.many(len(seen), 'period')}{filled}"
    is_alarm = state == "ALARM"
    side = [one for one, value in real if limit.is_breaching(value, one.low, one.high) is is_alarm]
    verb = "was" if len(side) == 1 else "were"
    counted = f"{len(side)} of {words.many(len(real), 'datapoint')} {verb}{'' if is_alarm else ' not'}"
    return f"{counted} {words.limit(limit)}{_listed(side)}{filled}"


def _listed(side: Sequence[_Seen]) -> str:
    if not side:
        return ""
    said = ", ".join(
        f"{wording.number(one.value or 0.0)} at {_clock(one.at_ms)}" for one in side[:_LISTED_MAX]
    )
    return f": {said}{f' and {len(side) - _LISTED_MAX} more' if len(side) > _LISTED_MAX else ''}"


def _filled(missing: int, state: str, treatment: MissingData) -> str:
    how = words.COUNTS_AS.get(treatment)
    if not missing or how is None or state == "INSUFFICIENT_DATA":
        return ""
    return f"; {words.many(missing, 'missing datapoint')} counted {how}"


def _children(triggers: Any) -> str:
    """Those that came into one state at once are named together, and many of them counted."""
    alike: dict[str, list[str]] = {}
    for one in triggers:
        state = one["state"]
        held = state.get("value", "a state of its own")
        since = f"in {held} since {_clock(_moment(state.get('timestamp')))} UTC"
        alike.setdefault(since, []).append(name_of(one["arn"]))
    return "; ".join(f"{_names(names)} {since}" for since, names in alike.items())


def _names(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} was"
    more = len(names) - _NAMED_MAX
    return f"{', '.join(names[:_NAMED_MAX])}{f' and {more} more' if more > 0 else ''} were"


def _moment(timestamp: Any) -> int:
    return round(datetime.fromisoformat(timestamp).timestamp() * SECOND_MS)


def _clock(at_ms: int) -> str:
    return wording.clock(at_ms - at_ms % SECOND_MS)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
