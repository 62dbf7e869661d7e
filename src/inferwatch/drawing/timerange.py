"""The time a page shows: `?range=3h`, a body's own `start`, and the moments both become."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inferwatch.model.errors import UsageError
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_UNIT_NAME = {"m": "minutes", "h": "hours", "d": "days"}
# A tick of the time axis never comes closer than this, so that a page shows whole minutes only.
_SHORTEST_MS = 5 * MINUTE_MS
_LONGEST_MS = 63 * DAY_MS
_ISO_DURATION = re.compile(r"-P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


@dataclass(frozen=True, slots=True)
class TimeRange:
    """How far back from now a page looks."""

    key: str
    length_ms: int

    @property
    def words(self) -> str:
        """The range for a reader: `last 3 hours`."""
        number, unit = int(self.key[:-1]), _UNIT_NAME[self.key[-1]]
        return f"last {number} {unit}" if number != 1 else f"last {unit[:-1]}"


CHOICES = tuple(
    TimeRange(key, int(key[:-1]) * _UNIT_MS[key[-1]]) for key in ("15m", "1h", "3h", "12h", "1d", "7d")
)
DEFAULT = CHOICES[1]


def parse_range(text: str) -> TimeRange:
    """Read a URL's `range`: a whole number of minutes, hours or days, from `5m` to `63d`."""
    match = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text)
    length_ms = int(match[1]) * _UNIT_MS[match[2]] if match else 0
    if not _SHORTEST_MS <= length_ms <= _LONGEST_MS:
        raise UsageError(f'range: expected a time from 5m to 63d such as 15m, 3h or 1d, found "{text}"')
    return TimeRange(text, length_ms)


def range_of_body(start: object) -> TimeRange | None:
    """Read a dashboard body's `start` when it counts back from now, e.g. `-PT6H`; `None` otherwise.

    Source: CloudWatch API reference, "Dashboard body structure and syntax", `start`.
    Differs: an absolute `start` and an `end` are not followed; the page keeps to its own range.
    """
    match = _ISO_DURATION.fullmatch(start) if isinstance(start, str) else None
    if match is None:
        return None
    weeks, days, hours, minutes = (int(part or 0) for part in match.groups())
    length_ms = (weeks * 7 + days) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS
    if not _SHORTEST_MS <= length_ms <= _LONGEST_MS:
        return None
    for unit in ("d", "h", "m"):
        if length_ms % _UNIT_MS[unit] == 0:
            key = f"{length_ms // _UNIT_MS[unit]}{unit}"
            # One day and 24 hours are one choice of the picker.
            return TimeRange(key, length_ms)
    return None
