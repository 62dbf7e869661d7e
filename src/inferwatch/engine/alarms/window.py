"""Which periods an alarm looks at.

Source: CloudWatch User Guide, "Alarm evaluation", "Alarm evaluation window"; recorded timings, 2026-09.
Differs: AWS does not publish its evaluation range; recordings fit evaluation periods + 2, and for periods
below a minute another minute's worth.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from inferwatch.engine.alarms.cadence import SETTLE_MS, is_hourly, is_short
from inferwatch.engine.alarms.definition import Definition, MathSource, WallClock
from inferwatch.engine.alarms.zones import Zone, epoch_ms, local_time
from inferwatch.model.limits import HOUR_MS, MINUTE_MS, SECOND_MS

WALL_CLOCK_PERIODS_S: Final = (60, 300, 3_600, 86_400, 604_800)

_RANGE_EXTRA = 2
_DAY_S, _WEEK_S = 86_400, 604_800


def periods(definition: Definition, now_ms: int) -> list[tuple[int, int]]:
    """The evaluation range as half-open [start, end) in epoch ms, oldest first.

    Sliding periods end at the last settled minute (hour, or short period); those of a wall clock at its own.
    """
    source = definition.source
    is_math = isinstance(source, MathSource) and source.is_math
    settled_ms = now_ms if is_math else now_ms - SETTLE_MS
    count = definition.evaluation_periods + _extra(definition)
    if isinstance(definition.window, WallClock):
        return _wall_clock(definition.window.zone, definition.period_s, settled_ms, count)
    period_ms = definition.period_s * SECOND_MS
    end_ms = settled_ms - settled_ms % _step_ms(definition)
    first_ms = end_ms - count * period_ms
    return [(at, at + period_ms) for at in range(first_ms, end_ms, period_ms)]


def _extra(definition: Definition) -> int:
    return MINUTE_MS // SECOND_MS // definition.period_s if is_short(definition) else _RANGE_EXTRA


def _step_ms(definition: Definition) -> int:
    if is_short(definition):
        return definition.period_s * SECOND_MS
    return HOUR_MS if is_hourly(definition) else MINUTE_MS


def _wall_clock(zone: Zone, period_s: int, settled_ms: int, count: int) -> list[tuple[int, int]]:
    """Completed periods; those that a change of the clocks makes longer or shorter too."""
    end_ms = floor(settled_ms, period_s, zone)
    found = []
    for _ in range(count):
        start_ms = floor(end_ms - 1, period_s, zone)
        found.append((start_ms, end_ms))
        end_ms = start_ms
    return found[::-1]


def floor(timestamp_ms: int, period_s: int, zone: Zone) -> int:
    """When the clock's minute, five minutes, hour, day or week (from Monday) that holds a moment began."""
    local = local_time(timestamp_ms, zone)
    if period_s < _DAY_S:
        into_s = (local.minute * 60 + local.second) % period_s
        return timestamp_ms - timestamp_ms % SECOND_MS - into_s * SECOND_MS
    day = local.replace(hour=0, minute=0, second=0, fold=0)
    return epoch_ms(day - timedelta(days=local.weekday()) if period_s == _WEEK_S else day)
