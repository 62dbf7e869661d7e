"""Which stretches of the past say what to expect of an hour. Pure.

The first of these that has datapoints enough, from days enough:

1. the same hour of the week, in the two weeks before;
2. the same hour of the days before, back through two weeks, of three days and until there is enough;
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
_WEEKS: Final = (7, 14)
_DAYS: Final = tuple(range(1, 15))
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


def patterns(hour_ms: int, period_s: int, zone: tzinfo) -> Iterator[Pattern]:
    """What to look at for the hour that begins at a moment, the best first; nothing of that hour or after."""
    period_ms = period_s * SECOND_MS
    if period_ms < MINUTE_MS:
        yield Pattern(((hour_ms - _TRAINED_SHORT_MS, hour_ms),))
        return
    if period_ms > HOUR_MS:
        yield Pattern(((hour_ms - TRAINED_MS, hour_ms),))
        return
    yield Pattern(_hours(hour_ms, _WEEKS, zone), days=2)
    yield Pattern(_hours(hour_ms, _DAYS, zone), days=3, is_stepwise=True)
    length_ms = HOUR_MS if period_ms <= _SAMPLED_MAX_MS else _QUARTER_MS
    quarters = tuple(range(hour_ms, hour_ms - TRAINED_MS, -_QUARTER_MS))
    yield Pattern(tuple((end_ms - length_ms, end_ms) for end_ms in quarters[:4]))
    yield Pattern(tuple((end_ms - _QUARTER_MS, end_ms) for end_ms in quarters), is_stepwise=True)


def _hours(hour_ms: int, days_before: tuple[int, ...], zone: tzinfo) -> tuple[Stretch, ...]:
    """The hour that began when the clock on the wall showed the same, some days before."""
    local = datetime.fromtimestamp(hour_ms // SECOND_MS, zone)
    starts = (round((local - timedelta(days=days)).timestamp()) * SECOND_MS for days in days_before)
    return tuple((start_ms, start_ms + HOUR_MS) for start_ms in starts)
