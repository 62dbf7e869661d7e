"""The time a picture shows: `?range=3h`, a body's `start` and `end`, and the moments they become."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from inferwatch.drawing import wording
from inferwatch.model.errors import UsageError
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_UNIT_NAME = {"m": "minutes", "h": "hours", "d": "days"}
# A tick of the time axis never comes closer than this, so that a page shows whole minutes only.
_SHORTEST_MS = 5 * MINUTE_MS
_LONGEST_MS = 63 * DAY_MS
_AGO = re.compile(
    r"-?P(?=[\dT])(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)
_AGO_MS = (7 * DAY_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS)


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time a picture covers: whole minutes. `now_ms` is set where that is not its end."""

    from_ms: int
    to_ms: int
    now_ms: int | None = None

    @property
    def length_ms(self) -> int:
        """How much time the picture covers."""
        return self.to_ms - self.from_ms

    @property
    def age_ms(self) -> int:
        """How long ago it begins: AWS keeps fine periods for some time only."""
        return (self.to_ms if self.now_ms is None else self.now_ms) - self.from_ms

    def moved(self, by_ms: int) -> Window:
        """The window as another time zone's clock shows it."""
        return Window(self.from_ms + by_ms, self.to_ms + by_ms)


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

    def window(self, now_ms: int) -> Window:
        """End with the minute that is running, so that its first datapoints are seen."""
        to_ms = _minute_after(now_ms)
        return Window(to_ms - self.length_ms, to_ms)


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment, or how long ago one is."""

    ms: int
    is_ago: bool = False

    def at(self, now_ms: int) -> int:
        """The moment itself; now is the end of the minute that is running."""
        return _minute_after(now_ms) - self.ms if self.is_ago else self.ms

    @property
    def words(self) -> str:
        if not self.is_ago:
            return wording.moment(self.ms)
        return f"{wording.duration(self.ms)} ago" if self.ms else "now"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that does not end now, or begins at a certain moment."""

    start: Edge
    end: Edge

    @property
    def key(self) -> str:
        """No address has it: a page shows it where the address names no range."""
        return ""

    @property
    def words(self) -> str:
        """The span for a reader: `2026-11-26 08:00:00 UTC to now`."""
        return f"{self.start.words} to {self.end.words}"

    def window(self, now_ms: int) -> Window:
        """Whole minutes, five at least, and not more than AWS keeps."""
        to_ms = _minute_after(self.end.at(now_ms))
        from_ms = self.start.at(now_ms) // MINUTE_MS * MINUTE_MS
        return Window(max(to_ms - _LONGEST_MS, min(from_ms, to_ms - _SHORTEST_MS)), to_ms, now_ms)


Range = TimeRange | Span
_NOW = Edge(0, is_ago=True)

CHOICES = tuple(
    TimeRange(key, int(key[:-1]) * _UNIT_MS[key[-1]]) for key in ("15m", "1h", "3h", "12h", "1d", "7d")
)
DEFAULT = CHOICES[1]


def parse_range(text: str) -> TimeRange:
    """Read a URL's `range`: a whole number of minutes, hours or days, from `5m` to `63d`."""
    match = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text, re.ASCII)
    length_ms = int(match[1]) * _UNIT_MS[match[2]] if match else 0
    if not _SHORTEST_MS <= length_ms <= _LONGEST_MS:
        raise UsageError(f'range: expected a time from 5m to 63d such as 15m, 3h or 1d, found "{text}"')
    return TimeRange(text, length_ms)


def range_of_body(start: object, end: object = None) -> Range | None:
    """Read a body's or widget's `start` and `end`; `None` where there is no time to be read from them.

    Source: CloudWatch API reference, "Dashboard body structure and syntax", `start`, `end`.
    Differs: a stretch of less than five minutes is five minutes long, one of more than 63 days 63 days.
    """
    span = span_of(start, end)
    if span is None or not span.start.is_ago or span.end != _NOW:
        return span
    return _counted_back(span.start.ms)


def span_of(start: object, end: object = None) -> Span | None:
    """Read two ends of which the first comes first; without `end` it is now."""
    first, last = _edge(start), _NOW if end is None else _edge(end)
    if first is None or last is None:
        return None
    is_backward = first.ms <= last.ms if first.is_ago else first.ms >= last.ms
    return None if first.is_ago == last.is_ago and is_backward else Span(first, last)


def _counted_back(length_ms: int) -> TimeRange | None:
    if not _SHORTEST_MS <= length_ms <= _LONGEST_MS:
        return None
    # One day and 24 hours are one choice of the picker.
    unit = next((unit for unit in ("d", "h", "m") if length_ms % _UNIT_MS[unit] == 0), None)
    return None if unit is None else TimeRange(f"{length_ms // _UNIT_MS[unit]}{unit}", length_ms)


def _edge(text: object) -> Edge | None:
    if not isinstance(text, str):
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        counts = (int(part or 0) for part in ago.groups())
        ago_ms = sum(count * unit_ms for count, unit_ms in zip(counts, _AGO_MS, strict=True))
        return Edge(ago_ms, is_ago=True) if ago_ms <= 2 * _LONGEST_MS else None
    at_ms = moment_ms(text)
    return None if at_ms is None else Edge(at_ms)


def moment_ms(text: str) -> int | None:
    """Read a moment in ISO 8601, in UTC unless it says otherwise."""
    try:
        read = datetime.fromisoformat(text)
        return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * SECOND_MS)
    except (ValueError, OverflowError):
        return None


def _minute_after(at_ms: int) -> int:
    return -(-at_ms // MINUTE_MS) * MINUTE_MS
