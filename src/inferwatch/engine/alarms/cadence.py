"""When alarms are looked at.

Alarms of 10, 20 and 30 seconds every ten seconds; those over more than a day once an hour, over complete
hours; all others every minute, ten seconds after it ended.

Source: CloudWatch User Guide, "Alarm evaluation"; recorded timings, 2026-09.
"""

from __future__ import annotations

from typing import Final

from inferwatch.engine.alarms.definition import Definition
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

SETTLE_MS: Final = 10 * SECOND_MS
"""How long CloudWatch waits for late data before it looks at a period."""

TICK_MS: Final = 10 * SECOND_MS
"""How often alarms of less than a minute are looked at."""


def is_short(definition: Definition) -> bool:
    return definition.period_s * SECOND_MS < MINUTE_MS


def is_hourly(definition: Definition) -> bool:
    return definition.period_s * definition.evaluation_periods * SECOND_MS > DAY_MS


def is_minute_round(round_ms: int) -> bool:
    """Is this one of the moments at which a minute has settled?"""
    return round_ms % MINUTE_MS == SETTLE_MS


def is_due(definition: Definition, round_ms: int) -> bool:
    """Is the alarm looked at in this round?

    Args:
        round_ms: A multiple of ten seconds.
    """
    if is_short(definition):
        return True
    return round_ms % (HOUR_MS if is_hourly(definition) else MINUTE_MS) == SETTLE_MS


def round_after(now_ms: int, *, any_short: bool) -> int:
    """The next round: of ten seconds where any alarm needs them, else the next settled minute."""
    if any_short:
        return now_ms - now_ms % TICK_MS + TICK_MS
    round_ms = now_ms - now_ms % MINUTE_MS + SETTLE_MS
    return round_ms if round_ms > now_ms else round_ms + MINUTE_MS
