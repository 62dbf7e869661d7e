"""Which stretches of the past say what to expect at an hour's edge. Pure.

The first of these that has datapoints enough, from days enough:

1. the hour about the same moment of the week, in the two weeks before;
2. the hour about the same moment of the days before, of four days;

and where neither has, what was known when an hour began:

3. four hours of the day before, one of each quarter;
4. six hours after six hours, back through two weeks, until there is enough.

Hours are those of the metric's own clock on the wall. Periods of more than five minutes have the whole day in
3; those of more than an hour have all of the two weeks, and those of less than a minute the three hours that
CloudWatch keeps them for. None reads more than an alarm's round can bear: a hundred alarms may learn anew in
one.

Source: CloudWatch User Guide, "Using CloudWatch anomaly detection": two weeks; hours, days and weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, TypeAlias

from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

Stretch: TypeAlias = tuple[int, int]
"""Half-open [start, end) in epoch ms."""

TRAINED_MS: Final = 14 * DAY_MS
_TRAINED_SHORT_MS: Final = 3 * HOUR_MS
_WEEKS: Final = (14, 7)  # without the older one the other need not be read
_DAYS: Final = tuple(range(1, 5))
_HALF_MS: Final = HOUR_MS // 2
_QUARTER_MS: Final = 6 * HOUR_MS
_SAMPLED_MAX_MS: Final = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Pattern:
    """Stretches that are alike.

    Args:
        days: In how many of them there must be data.
        is_stepwise: Those that come once there is enough are left alone.
    """

    stretches: tuple[Stretch, ...]
    days: int = 1
    is_stepwise: bool = False


def cycles(at_ms: int, period_s: int, zone: tzinfo) -> Iterator[Pattern]:
    """What to look at for an hour's edge, the best first; nothing of the hour before it, or after."""
    period_ms = period_s * SECOND_MS
    if MINUTE_MS <= period_ms <= HOUR_MS:
        yield Pattern(_about(at_ms, _WEEKS, period_ms, zone), days=2)
        yield Pattern(_about(at_ms, _DAYS, period_ms, zone), days=3)


def recent(hour_ms: int, period_s: int) -> Iterator[Pattern]:
    """What to look at for the hour that begins at a moment; nothing of that hour or after."""
    period_ms = period_s * SECOND_MS
    if period_ms < MINUTE_MS:
        yield Pattern(((hour_ms - _TRAINED_SHORT_MS, hour_ms),))
        return
    if period_ms > HOUR_MS:
        yield Pattern(((hour_ms - TRAINED_MS, hour_ms),))
        return
    length_ms = HOUR_MS if period_ms <= _SAMPLED_MAX_MS else _QUARTER_MS
    quarters = tuple(range(hour_ms, hour_ms - TRAINED_MS, -_QUARTER_MS))
    yield Pattern(tuple((end_ms - length_ms, end_ms) for end_ms in quarters[:4]))
    yield Pattern(tuple((end_ms - _QUARTER_MS, end_ms) for end_ms in quarters), is_stepwise=True)


def _about(at_ms: int, days_before: tuple[int, ...], period_ms: int, zone: tzinfo) -> tuple[Stretch, ...]:
    """Half an hour before and after the clock on the wall showed the same, some days before."""
    local = datetime.fromtimestamp(at_ms // SECOND_MS, zone)
    moments = [round((local - timedelta(days=days)).timestamp()) * SECOND_MS for days in days_before]
    half_ms = _HALF_MS - _HALF_MS % period_ms
    return tuple((moment - half_ms, moment + max(half_ms, period_ms)) for moment in moments)
