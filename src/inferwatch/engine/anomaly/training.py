"""Which stretches of the past say what to expect of an hour. Pure.

The first of these that has datapoints enough, from days enough:

1. the same hour of the week, in the two weeks before;
2. the same hour of the day, in the two weeks before, of three days at least;
3. the day before;
4. all of the two weeks before.

Hours are those of the metric's own clock on the wall. Periods longer than an hour have the fourth alone;
those below a minute the three hours that CloudWatch keeps them for.

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


@dataclass(frozen=True, slots=True)
class Pattern:
    """Stretches that are alike; `days` is in how many of them there must be data."""

    stretches: tuple[Stretch, ...]
    days: int = 1


def patterns(hour_ms: int, period_s: int, zone: tzinfo) -> Iterator[Pattern]:
    """What to look at for the hour that begins at a moment, the best first; nothing of that hour or after."""
    period_ms = period_s * SECOND_MS
    if period_ms < MINUTE_MS:
        yield Pattern(((hour_ms - _TRAINED_SHORT_MS, hour_ms),))
        return
    if period_ms <= HOUR_MS:
        yield Pattern(_hours(hour_ms, _WEEKS, zone), days=2)
        yield Pattern(_hours(hour_ms, _DAYS, zone), days=3)
        yield Pattern(((hour_ms - DAY_MS, hour_ms),))
    yield Pattern(((hour_ms - TRAINED_MS, hour_ms),))


def _hours(hour_ms: int, days_before: tuple[int, ...], zone: tzinfo) -> tuple[Stretch, ...]:
    """The hour that began when the clock on the wall showed the same, some days before."""
    local = datetime.fromtimestamp(hour_ms // SECOND_MS, zone)
    starts = (round((local - timedelta(days=days)).timestamp()) * SECOND_MS for days in days_before)
    return tuple((start_ms, start_ms + HOUR_MS) for start_ms in starts)
