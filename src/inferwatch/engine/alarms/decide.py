"""A window of datapoints → the state. Pure; the tables of the User Guide in code.

With N evaluation periods, M datapoints to alarm, over the N newest real points of the range:

1. M breaching points → ALARM; N-M+1 good points → OK;
2. else missing points count as the alarm says: `breaching`, `notBreaching`;
3. `missing` and `ignore`: no real point → INSUFFICIENT_DATA, or the state is kept; a good point → OK;
4. only breaching points left, fewer than M: `ignore` keeps the state; `missing` alarms once the oldest of
   them is M periods old, and keeps the state before.

Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" (all its tables) and
recorded sequences, 2026-09.
"""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.engine.alarms import reasons
from inferwatch.engine.alarms.alarm import Definition, Evaluation, MissingData, State
from inferwatch.engine.alarms.window import Slot
from inferwatch.engine.metricdata.query import MetricStat
from inferwatch.engine.metrics.statistics import is_significant


def decide(definition: Definition, slots: Sequence[Slot], now_ms: int) -> Evaluation | None:
    """The state these slots lead to; `None` to keep the present one.

    Args:
        slots: The whole evaluation range, oldest first.
    """
    wanted = definition.evaluation_periods
    real = [slot for slot in slots if slot.value is not None][-wanted:]
    if real and not _has_enough_samples(definition, real[-1]):
        return None
    state = _state(definition, slots, real)
    if state is None:
        return None
    missing = _newest_missing(slots, wanted - len(real))
    return Evaluation(
        state,
        reasons.reason(definition, state, real, len(missing)),
        reasons.reason_data(definition, real, missing, now_ms),
    )


def is_breaching(definition: Definition, slot: Slot) -> bool:
    return slot.value is not None and definition.comparison.is_breaching(slot.value, definition.threshold)


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


def _has_enough_samples(definition: Definition, newest: Slot) -> bool:
    """Differs: AWS says the state is kept for too few samples, not of which period; we ask the newest."""
    source = definition.source
    if definition.low_sample_percentile != "ignore" or not isinstance(source, MetricStat):
        return True
    percentile = source.statistic.percentile
    return percentile is None or is_significant(percentile, newest.samples or 0)


def _newest_missing(slots: Sequence[Slot], count: int) -> list[Slot]:
    """The newest empty slots, as many as the window lacks, oldest first."""
    empty = [slot for slot in slots if slot.value is None]
    return empty[-count:] if count else []
