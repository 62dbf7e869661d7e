"""StateReason and StateReasonData in AWS's exact words.

Source: recorded answers and public alarm e-mails; CloudWatch User Guide.
"""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.engine.alarms.definition import BandComparison, Definition, MissingData
from inferwatch.engine.alarms.moments import iso_time, short_time
from inferwatch.engine.alarms.state import State
from inferwatch.engine.alarms.watch import Slot, is_breaching
from inferwatch.engine.metricdata.query import MetricStat

_TREATED = {MissingData.BREACHING: "Breaching", MissingData.NOT_BREACHING: "NonBreaching"}


def reason(definition: Definition, state: State, real: Sequence[Slot], missing: int) -> str:
    """The sentence of StateReason.

    Differs: where only missing datapoints decide beside real ones of the other side, AWS's words were not
    recorded; we name the missing ones. Of a band only one breach in one period was: the rest is by analogy.

    Args:
        real: The evaluated datapoints, oldest first.
        missing: How many periods of the window had none.
    """
    if state is State.INSUFFICIENT_DATA:
        verb = "was" if missing == 1 else "were"
        return f"Insufficient Data: {datapoints(missing)} {verb} unknown."
    side = [slot for slot in reversed(real) if is_breaching(definition, slot) == (state is State.ALARM)]
    crossed = "Threshold Crossed" if definition.band_id is None else "Thresholds Crossed"
    filled = _filled(definition, missing)
    if not side and real:
        return f"{crossed}:{filled.removeprefix(' and')}."
    if not side:
        periods = f"{definition.evaluation_periods} period{'' if definition.evaluation_periods == 1 else 's'}"
        return f"{crossed}: no datapoints were received for {periods}{filled}."
    listed = ", ".join(map(point, side))
    comparison = compared(definition, state, side)
    if definition.datapoints_to_alarm is None:
        return f"{crossed}: {datapoints(len(side))} [{listed}] {comparison}{filled}."
    total, needed = definition.evaluation_periods, definition.needed
    if state is State.ALARM:
        minimum, arrow = needed, "OK -> ALARM"
    else:
        minimum, arrow = total - needed + 1, "ALARM -> OK"
    return (
        f"{crossed}: {len(side)} out of the last {total} datapoints [{listed}] {comparison}{filled} "
        f"(minimum {datapoints(minimum)} for {arrow} transition)."
    )


def point(slot: Slot) -> str:
    """A datapoint and its moment."""
    return f"{_number(slot.value)} ({short_time(slot.start_ms)})"


def compared(definition: Definition, state: State, side: Sequence[Slot]) -> str:
    """How the datapoints of one side are to the threshold, or to the band as it was at each."""
    verb = "was" if len(side) == 1 else "were"
    negation = "" if state is State.ALARM else " not"
    comparison = definition.comparison
    if not isinstance(comparison, BandComparison):
        return f"{verb}{negation} {comparison.words} the threshold ({_number(definition.threshold)})"
    edges = []
    if comparison.minds_lower:
        edges.append(f"less than the lower thresholds [{', '.join(_number(slot.lower) for slot in side)}]")
    if comparison.minds_upper:
        edges.append(f"greater than the upper thresholds [{', '.join(_number(slot.upper) for slot in side)}]")
    return f"{verb}{negation} {' or '.join(edges)}"


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
    if definition.band_id is None:
        data["threshold"] = definition.threshold
    else:
        data["recentLowerThresholds"] = [slot.lower for slot in recent]
        data["recentUpperThresholds"] = [slot.upper for slot in recent]
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


def datapoints(count: int) -> str:
    return f"{count} datapoint{'' if count == 1 else 's'}"


def _number(value: float | None) -> str:
    return repr(float(value or 0.0))
