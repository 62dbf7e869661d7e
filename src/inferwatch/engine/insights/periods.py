"""Stretches of time: `5m`, `1 hour`, `2mo`.

Source: CloudWatch Logs User Guide, "Functions", datetime: units, and the most of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

_UNITS_MS: Final = {
    "ms msec millisecond": (1, 1_000),
    "s sec second": (SECOND_MS, 60),
    "m min minute": (MINUTE_MS, 60),
    "h hr hour": (HOUR_MS, 24),
    "d day": (DAY_MS, None),
    "w week": (7 * DAY_MS, None),
}
_UNITS_MONTHS: Final = {"mo mon month": 1, "q qtr quarter": 3, "y yr year": 12}
_EPOCH_YEAR = 1970
_MAX_MONTHS = 12 * 2_000
_MAX_MS = 100 * 365 * DAY_MS


@dataclass(frozen=True, slots=True)
class Period:
    """So many milliseconds, or so many months of the calendar; one of both is 0."""

    ms: int
    months: int = 0

    def floor(self, at_ms: int) -> int:
        """The start of the period that a moment lies in; periods are counted from 1970.

        Differs: AWS does not say from which day it counts weeks, nor from which month several months.
        """
        if not self.months:
            return at_ms // self.ms * self.ms
        return self._start(self._number(at_ms))

    def ceil(self, at_ms: int) -> int:
        floor = self.floor(at_ms)
        if floor == at_ms:
            return at_ms
        return self._start(self._number(at_ms) + 1) if self.months else floor + self.ms

    def _number(self, at_ms: int) -> int:
        at = datetime.fromtimestamp(at_ms / 1_000, UTC)
        return ((at.year - _EPOCH_YEAR) * 12 + at.month - 1) // self.months

    def _start(self, number: int) -> int:
        year, month = divmod(number * self.months, 12)
        return int(datetime(_EPOCH_YEAR + year, month + 1, 1, tzinfo=UTC).timestamp()) * 1_000


def period_of(count: int, unit: str) -> Period | None:
    """`None` for a unit that there is not, and for none or too many of one.

    A count beyond what the unit allows counts as the most: `300s` is a minute.
    """
    unit = unit.lower()
    singular = unit[:-1] if len(unit) > 2 and unit.endswith("s") and unit != "ms" else unit
    for names, months in _UNITS_MONTHS.items():
        if not {unit, singular}.isdisjoint(names.split()):
            return Period(0, count * months) if 1 <= count * months <= _MAX_MONTHS else None
    for names, (ms, most) in _UNITS_MS.items():
        if not {unit, singular}.isdisjoint(names.split()):
            length = (count if most is None else min(count, most)) * ms
            return Period(length) if 1 <= length <= _MAX_MS else None
    return None
