"""A window of datapoints → the state. Pure; the tables of the User Guide in code.

With N evaluation periods, M datapoints to alarm, over the N newest real points of the range:

1. M breaching points → ALARM; N-M+1 good points → OK;
2. else missing points count as the alarm says: `breaching`, `notBreaching`;
3. `missing` and `ignore`: no real point → INSUFFICIENT_DATA, or the state is kept; a good point → OK;
4. only breaching points left, fewer than M: `ignore` keeps the state; `missing` alarms once the oldest of
   them is M periods old, and keeps the state before.

Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" (all its tables) and
recorded sequences, 2026-09.
Differs: of a breach too fresh to alarm by itself AWS says only that it does not; here the state stays.
With `ignore` and a good point, too few to decide, the guide's table says OK, and so do we.
"""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.engine.alarms import reasons
from inferwatch.engine.alarms.definition import Definition, MissingData
from inferwatch.engine.alarms.state import Evaluation, State, compact
from inferwatch.engine.alarms.watch import Slot, is_breaching
from inferwatch.engine.metrics.statistics import is_significant


def evaluate(definition: Definition, present: State, slots: Sequence[Slot], now_ms: int) -> Evaluation | None:
    """The state that these slots lead away to from the present one; `None` where it stays, reason and all.

    Args:
        slots: The whole evaluation range, oldest first.
    """
    state = decide(definition, slots)
    if state is None or state is present:
        return None
    real = newest_real(definition, slots)
    recent = slots[slots.index(real[0]) : slots.index(real[-1]) + 1] if real else []
    missing = newest_missing(slots, definition.evaluation_periods - len(real))
    return Evaluation(
        state,
        reasons.reason(definition, state, real, len(missing)),
        compact(reasons.reason_data(definition, recent, missing, now_ms)),
    )


def decide(definition: Definition, slots: Sequence[Slot]) -> State | None:
    """The state these slots lead to; `None` to keep the present one."""
    real = newest_real(definition, slots)
    if real and not has_enough_samples(definition, real[-1]):
        return None
    return _state(definition, slots, real)


def fills_window(definition: Definition, slots: Sequence[Slot]) -> bool:
    """Is there data enough for a warming alarm to begin?

    Source: CloudWatch User Guide, "Alarm warm-up periods": once Period x EvaluationPeriods is full.
    Differs: AWS does not say whether a gap inside matters; here the oldest and the newest period count.
    """
    window = slots[-definition.evaluation_periods :]
    return window[0].value is not None and window[-1].value is not None


def _state(definition: Definition, slots: Sequence[Slot], real: Sequence[Slot]) -> State | None:
    needed, wanted = definition.needed, definition.evaluation_periods
    bad = [slot for slot in real if is_breaching(definition, slot)]
    good = len(real) - len(bad)
    if len(bad) >= needed:
        return State.ALARM
    if good >= wanted - needed + 1:
        return State.OK
    match definition.missing:
        case MissingData.BREACHING:
            return State.ALARM if len(bad) + wanted - len(real) >= needed else State.OK
        case MissingData.NOT_BREACHING:
            return State.OK
        case MissingData.IGNORE:
            return State.OK if good else None
        case MissingData.MISSING:
            if not real:
                return State.INSUFFICIENT_DATA
            if good:
                return State.OK
            periods_old = len(slots) - slots.index(bad[0])
            return State.ALARM if periods_old >= needed else None


def has_enough_samples(definition: Definition, newest: Slot) -> bool:
    """Differs: AWS says the state is kept for too few samples, not of which period; we ask the newest."""
    stat = definition.watched_stat
    if definition.low_sample_percentile != "ignore" or stat is None:
        return True
    percentile = stat.statistic.percentile
    return percentile is None or is_significant(percentile, newest.samples or 0)


def newest_real(definition: Definition, slots: Sequence[Slot]) -> list[Slot]:
    """The slots with data that are evaluated, oldest first."""
    return [slot for slot in slots if slot.value is not None][-definition.evaluation_periods :]


def newest_missing(slots: Sequence[Slot], count: int) -> list[Slot]:
    """The newest empty slots, as many as the window lacks, oldest first."""
    empty = [slot for slot in slots if slot.value is None]
    return empty[-count:] if count else []
