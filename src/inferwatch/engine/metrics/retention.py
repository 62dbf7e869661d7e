"""How long CloudWatch keeps summaries of each length, and what that makes of a query's window.

Points of one second are kept for 3 hours, minutes for 15 days, periods of 5 minutes for 63 days and hours for
455 days; what is past its time lives on in the next longer one.

Source: CloudWatch User Guide, "Metrics retention"; API reference, "GetMetricStatistics"; recorded answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS


@dataclass(frozen=True, slots=True)
class Retention:
    """One length of summaries.

    Args:
        step_ms: Their length.
        kept_ms: How old one gets before it is added to a longer one.
        span_ms: How much time one block of packed summaries covers.
        sweep_ms: Old ones move on together, this much time at once, so up to this much late.
    """

    step_ms: int
    kept_ms: int
    span_ms: int
    sweep_ms: int


TIERS: Final = (
    Retention(SECOND_MS, 3 * HOUR_MS, HOUR_MS, HOUR_MS),
    Retention(MINUTE_MS, 15 * DAY_MS, DAY_MS, DAY_MS),
    Retention(5 * MINUTE_MS, 63 * DAY_MS, 7 * DAY_MS, DAY_MS),
    Retention(HOUR_MS, 455 * DAY_MS, 28 * DAY_MS, DAY_MS),
)
"""Finest first."""


def on_grid(start_ms: int, end_ms: int, period_s: int, now_ms: int) -> tuple[int, int] | None:
    """The window [start, end) as CloudWatch rounds it; `None` where nothing so fine is kept any more.

    The age of the start decides for the whole window. Periods count from the rounded start, and the last one
    is whole or is not there.
    Differs: whether AWS gives a last period that is not whole was not recorded; here it is left out.
    """
    period_ms = period_s * SECOND_MS
    finest = next((tier for tier in TIERS if now_ms - start_ms <= tier.kept_ms), TIERS[-1])
    if period_ms < finest.step_ms:
        return None
    step_ms = max(finest.step_ms, min(period_ms, MINUTE_MS))
    return start_ms - start_ms % step_ms, end_ms - end_ms % period_ms
