"""Several series of one query → the state of each, the alarm's own, and the words for both. Pure.

A contributor is in ALARM or OK; one that the query gives no more is OK. The alarm is in ALARM while any of
them is; where the query gives no series at all, missing data is treated as the alarm says.

Source: CloudWatch User Guide, "Acting on alarm changes", "Create alarms on Metrics Insights queries",
"Limits"; reasons posted in public, 2026-08.
Differs: the guide now says that a query without any series means INSUFFICIENT_DATA whatever the treatment; an
alarm of 2026-08 had it treated, and so do we. The words for a contributor's OK and for other treatments than
NonBreaching are by analogy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inferwatch.engine.alarms import reasons
from inferwatch.engine.alarms.decide import decide
from inferwatch.engine.alarms.definition import Definition, MissingData
from inferwatch.engine.alarms.moments import iso_time
from inferwatch.engine.alarms.state import Contribution, Contributor, Evaluation, State, compact
from inferwatch.engine.alarms.watch import Attributes, Slot, is_breaching
from inferwatch.model.limits import CONTRIBUTORS_IN_ALARM_MAX

_GONE = Evaluation(State.OK, "No data was returned for this contributor")
_TREATED = {
    MissingData.BREACHING: ("Breaching", State.ALARM),
    MissingData.NOT_BREACHING: ("NonBreaching", State.OK),
    MissingData.IGNORE: ("Ignore", None),
    MissingData.MISSING: ("Missing", State.INSUFFICIENT_DATA),
}


@dataclass(frozen=True, slots=True)
class Round:
    """What one evaluation comes to.

    Args:
        whole: The alarm's own; `None` to keep it.
        changed: Contributors that enter another state.
    """

    whole: Evaluation | None
    changed: tuple[tuple[Contributor, Evaluation], ...]


def contributor(attributes: Attributes) -> Contributor:
    """Differs: how AWS makes a contributor's id is not known; here it follows from its attributes."""
    digest = hashlib.sha256(json.dumps(attributes).encode()).hexdigest()
    return Contributor(digest[:16], attributes)


def evaluate_each(
    definition: Definition,
    raised: Mapping[str, Contribution],
    series: Mapping[Attributes, Sequence[Slot]],
    now_ms: int,
) -> Round:
    """The states that these series lead to.

    Args:
        raised: The contributors in ALARM, by id.
        series: In the query's order.
    """
    slots = {contributor(attributes): held for attributes, held in series.items() if _has_data(held)}
    bad = [each for each, held in slots.items() if _is_bad(definition, held, each.id in raised)]
    kept = _kept(bad, raised)
    changed = [
        (each, Evaluation(State.ALARM, _reason(definition, State.ALARM, slots[each])))
        for each in kept
        if each.id not in raised
    ]
    for contribution in raised.values():
        each = contribution.contributor
        if each not in slots:
            changed.append((each, _GONE))
        elif each not in kept:
            changed.append((each, Evaluation(State.OK, _reason(definition, State.OK, slots[each]))))
    return Round(_whole(definition, len(bad), len(slots), now_ms), tuple(changed))


def _has_data(slots: Sequence[Slot]) -> bool:
    return any(slot.value is not None for slot in slots)


def _is_bad(definition: Definition, slots: Sequence[Slot], was_bad: bool) -> bool:
    state = decide(definition, slots)
    return was_bad if state is None else state is State.ALARM


def _kept(bad: Sequence[Contributor], raised: Mapping[str, Contribution]) -> list[Contributor]:
    """At most a hundred: those that are in ALARM stay before others come."""
    first = sorted(bad, key=lambda each: each.id not in raised)
    return first[:CONTRIBUTORS_IN_ALARM_MAX]


def _reason(definition: Definition, state: State, slots: Sequence[Slot]) -> str:
    """How many datapoints decided, and the newest of them."""
    window = [slot for slot in slots if slot.value is not None][-definition.evaluation_periods :]
    side = [slot for slot in reversed(window) if is_breaching(definition, slot) == (state is State.ALARM)]
    if not side:
        return reasons.reason(definition, state, window, definition.evaluation_periods - len(window))
    noun = "datapoint" if len(side) == 1 else "datapoints"
    return (
        f"Threshold Crossed: {reasons.datapoints(len(side))} {reasons.compared(definition, state, side)}. "
        f"The most recent {noun} which crossed the threshold: [{reasons.point(side[0])}]."
    )


def _whole(definition: Definition, bad: int, count: int, now_ms: int) -> Evaluation | None:
    if not count:
        word, state = _TREATED[definition.missing]
        reason = f"No time series were returned by the query. Treat missing data is configured as [{word}]."
    elif bad > CONTRIBUTORS_IN_ALARM_MAX:
        state, reason = State.ALARM, f"{CONTRIBUTORS_IN_ALARM_MAX}+ time series evaluated to ALARM"
    elif bad:
        state, reason = State.ALARM, f"{bad} out of {count} time series evaluated to ALARM"
    else:
        state, reason = State.OK, f"{count} time series evaluated to OK"
    if state is None:
        return None
    return Evaluation(state, reason, compact({"version": "1.0", "queryDate": iso_time(now_ms)}))
