"""StateReason and StateReasonData in AWS's exact words.

Source: recorded answers and public alarm e-mails; CloudWatch User Guide.
"""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.engine.alarms.definition import Comparison, Definition, MissingData
from inferwatch.engine.alarms.moments import iso_time, short_time
from inferwatch.engine.alarms.state import State
from inferwatch.engine.alarms.watch import Slot
from inferwatch.engine.metricdata.query import MetricStat

_TREATED = {MissingData.BREACHING: "Breaching", MissingData.NOT_BREACHING: "NonBreaching"}


def reason(definition: Definition, state: State, real: Sequence[Slot], missing: int) -> str:
    """The sentence of StateReason.

    Differs: where only missing datapoints decide beside real ones of the other side, AWS's words were not
    recorded; we name the missing ones.

    Args:
        real: The evaluated datapoints, oldest first.
        missing: How many periods of the window had none.
    """
    if state is State.INSUFFICIENT_DATA:
        verb = "was" if missing == 1 else "were"
        return f"Insufficient Data: {_datapoints(missing)} {verb} unknown."
    side = [
        slot
        for slot in reversed(real)
        if slot.value is not None
        and definition.comparison.is_breaching(slot.value, definition.threshold) == (state is State.ALARM)
    ]
    filled = _filled(definition, missing)
    if not side and real:
        return f"Threshold Crossed:{filled.removeprefix(' and')}."
    if not side:
        periods = f"{definition.evaluation_periods} period{'' if definition.evaluation_periods == 1 else 's'}"
        return f"Threshold Crossed: no datapoints were received for {periods}{filled}."
    listed = ", ".join(f"{_number(slot.value)} ({short_time(slot.start_ms)})" for slot in side)
    comparison = _comparison(definition.comparison, definition.threshold, state, len(side))
    if definition.datapoints_to_alarm is None:
        return f"Threshold Crossed: {_datapoints(len(side))} [{listed}] {comparison}{filled}."
    total, needed = definition.evaluation_periods, definition.needed
    if state is State.ALARM:
        minimum, arrow = needed, "OK -> ALARM"
    else:
        minimum, arrow = total - needed + 1, "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(side)} out of the last {total} datapoints [{listed}] {comparison}{filled} "
        f"(minimum {_datapoints(minimum)} for {arrow} transition)."
    )


def _comparison(comparison: Comparison, threshold: float, state: State, count: int) -> str:
    verb = "was" if count == 1 else "were"
    negation = "" if state is State.ALARM else " not"
    return f"{verb}{negation} {comparison.words} the threshold ({_number(threshold)})"


def _filled(definition: Definition, missing: int) -> str:
    treated = _TREATED.get(definition.missing)
    if not missing or treated is None:
        return ""
    kind = "missing datapoint was" if missing == 1 else "missing datapoints were"
    return f" and {missing} {kind} treated as [{treated}]"


def reason_data(
    definition: Definition, recent: Sequence[Slot], missing: Sequence[Slot], now_ms: int
) -> dict[str, object]:
    """StateReasonData's members in AWS's order; math alarms have no unit, statistic or sample count.

    Args:
        recent: From the oldest evaluated datapoint to the newest, and the gaps between.
        missing: The periods that count as the alarm treats missing data.
    """
    source = definition.source
    plain = source if isinstance(source, MetricStat) else None
    data: dict[str, object] = {"version": "1.0", "queryDate": iso_time(now_ms)}
    if recent:
        data["startDate"] = iso_time(recent[0].start_ms)
    if plain is not None:
        if plain.unit is not None:
            data["unit"] = plain.unit
        data["statistic"] = plain.statistic.name
    data["period"] = definition.period_s
    data["recentDatapoints"] = [slot.value for slot in recent]
    data["threshold"] = definition.threshold
    real = (slot for slot in recent if slot.value is not None)
    evaluated = sorted((*real, *missing), key=lambda slot: slot.start_ms, reverse=True)
    data["evaluatedDatapoints"] = [_datapoint(slot, plain is not None) for slot in evaluated]
    return data


def _datapoint(slot: Slot, with_samples: bool) -> dict[str, object]:
    point: dict[str, object] = {"timestamp": iso_time(slot.start_ms)}
    if slot.value is not None:
        if with_samples:
            point["sampleCount"] = slot.samples
        point["value"] = slot.value
    return point


def _datapoints(count: int) -> str:
    return f"{count} datapoint{'' if count == 1 else 's'}"


def _number(value: float | None) -> str:
    return repr(float(value or 0.0))
