"""A window of datapoints → each period's part in the decision, and the decision itself.

The decision is the engine's own: `engine.alarms.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from inferwatch.engine.alarms.cadence import is_due, is_short, round_after
from inferwatch.engine.alarms.decide import decide, has_enough_samples, newest_missing, newest_real
from inferwatch.engine.alarms.definition import Definition, MissingData
from inferwatch.engine.alarms.watch import Slot
from inferwatch.explain.watched import Limit


class Part(StrEnum):
    """What a period is to the decision."""

    BREACHING = "breaching"
    FINE = "not breaching"
    AS_BREACHING = "missing, counts as breaching"
    AS_FINE = "missing, counts as not breaching"
    LEFT_OUT = "missing, left out"
    PASSED_OVER = "missing, passed over"
    TOO_OLD = "older than needed"


_TREATED = {
    MissingData.BREACHING: Part.AS_BREACHING,
    MissingData.NOT_BREACHING: Part.AS_FINE,
    MissingData.IGNORE: Part.LEFT_OUT,
    MissingData.MISSING: Part.LEFT_OUT,
}


@dataclass(frozen=True, slots=True)
class Point:
    """One period as it was read; a value of a band alarm without a band counts for none.

    Args:
        low: With `high`, the band's sides there.
        others: Values of the alarm's other queries, by id.
    """

    start_ms: int
    end_ms: int
    value: float | None
    samples: float | None = None
    low: float | None = None
    high: float | None = None
    others: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """A period and its part."""

    point: Point
    part: Part


@dataclass(frozen=True, slots=True)
class Judged:
    """A whole evaluation range, oldest first, and what it comes to.

    Args:
        verdict: `None` where the state is kept.
        needed: M of M out of N; `evaluated` is N.
        missing: How many of N had no datapoint, nor an older one in their place.
        few_samples: The newest datapoint's samples, where they are too few for its percentile.
    """

    periods: tuple[Period, ...]
    verdict: str | None
    needed: int
    evaluated: int
    breaching: int
    fine: int
    missing: int
    treatment: MissingData
    few_samples: float | None = None


def judge(definition: Definition, limit: Limit, points: Sequence[Point]) -> Judged:
    """What the engine decides of these periods.

    Args:
        points: The whole evaluation range, oldest first.
    """
    slots = slots_of(limit, points)
    real = newest_real(definition, slots)
    lacking = definition.evaluation_periods - len(real)
    counted, treated = set(real), set(newest_missing(slots, lacking))
    parts = [_part(definition, slot, slot in counted, slot in treated) for slot in slots]
    return Judged(
        tuple(Period(point, part) for point, part in zip(points, parts, strict=True)),
        decide(definition, slots),
        definition.needed,
        definition.evaluation_periods,
        parts.count(Part.BREACHING),
        parts.count(Part.FINE),
        lacking,
        definition.missing,
        _few_samples(definition, real[-1]) if real else None,
    )


def slots_of(limit: Limit, points: Sequence[Point]) -> list[Slot]:
    """Periods as the engine's table wants them: 1 where they breach, 0 where not."""
    return [Slot(point.start_ms, _breach(limit, point), point.samples) for point in points]


def _breach(limit: Limit, point: Point) -> float | None:
    is_unknown = limit.threshold is None and point.low is None and point.high is None
    if point.value is None or is_unknown:
        return None
    return float(limit.is_breaching(point.value, point.low, point.high))


def _part(definition: Definition, slot: Slot, is_counted: bool, is_treated: bool) -> Part:
    if slot.value is None:
        return _TREATED[definition.missing] if is_treated else Part.PASSED_OVER
    if not is_counted:
        return Part.TOO_OLD
    return Part.BREACHING if slot.value else Part.FINE


def _few_samples(definition: Definition, newest: Slot) -> float | None:
    return None if has_enough_samples(definition, newest) else newest.samples or 0


def rounds(definition: Definition, at_ms: int) -> tuple[int, int]:
    """The last evaluation at or before a moment, and the next one.

    Differs: AWS does not publish at which second it evaluates; here as the engine does.
    """
    following = _round_after(definition, at_ms)
    spacing_ms = _round_after(definition, following) - following
    return following - spacing_ms, following


def _round_after(definition: Definition, at_ms: int) -> int:
    round_ms = round_after(at_ms, any_short=is_short(definition))
    while not is_due(definition, round_ms):
        round_ms = round_after(round_ms, any_short=False)
    return round_ms
