"""When a mute rule's windows are: cron and at expressions, ISO 8601 durations, time zones. Pure.

    cron(Minutes Hours Day-of-month Month Day-of-week)   `*`, lists `,`, ranges `-`; names JAN-DEC and SUN-SAT
    at(yyyy-MM-ddThh:mm)

Source: CloudWatch API reference, "PutAlarmMuteRule".
Differs: AWS's texts for wrong schedules were not recorded. Where both days are restricted either will do, as
cron has it; Sunday is 0 and 7; a time that a change of the clocks leaves out counts as the moment after it,
and one that comes twice as the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from inferwatch.engine.alarms.zones import Zone, epoch_ms, local_time
from inferwatch.model.errors import validation_failure
from inferwatch.model.limits import DAY_MS, MINUTE_MS

_CRON = re.compile(r"cron\((.*)\)", re.DOTALL)
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2})\)", re.ASCII)
_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?", re.ASCII)
_ITEM = re.compile(r"(\w+)(?:-(\w+))?", re.ASCII)
_DURATION_MAX_MS: Final = 15 * DAY_MS
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours and days at which a window begins, by the clock on the wall; `None` where any will do.

    Args:
        weekdays: Sunday is 0.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None

    def is_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        weekday = day.isoweekday() % 7
        if self.days is None or self.weekdays is None:
            return day.day in (self.days or {day.day}) and weekday in (self.weekdays or {weekday})
        return day.day in self.days or weekday in self.weekdays

    @property
    def is_possible(self) -> bool:
        """Is there such a day in any year? Not 31 February."""
        if self.days is None or self.weekdays is not None:
            return True
        return min(self.days) <= max(_LENGTHS[month - 1] for month in self.months)

    def starts_before(self, local: datetime, days: int) -> Iterator[datetime]:
        """Beginnings up to a moment, newest first, some days back."""
        for back in range(days + 1):
            day = local.date() - timedelta(days=back)
            if self.is_on(day):
                for hour in sorted(self.hours, reverse=True):
                    for minute in sorted(self.minutes, reverse=True):
                        yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=local.tzinfo)


@dataclass(frozen=True, slots=True)
class At:
    """One moment, by the clock on the wall."""

    local: datetime


Expression: TypeAlias = Cron | At


@dataclass(frozen=True, slots=True)
class Schedule:
    """Windows of one length, which begin as the expression says."""

    expression: Expression
    duration_ms: int
    zone: Zone

    def window_end(self, now_ms: int) -> int | None:
        """When the window that a moment is in ends; of several the last. `None` outside of all."""
        start_ms = self._latest_start(now_ms)
        if start_ms is None or now_ms >= start_ms + self.duration_ms:
            return None
        return start_ms + self.duration_ms

    def is_over(self, now_ms: int) -> bool:
        """Will there be no window any more?"""
        if isinstance(self.expression, Cron):
            return not self.expression.is_possible
        _, end_ms = self._window_of(self.expression)
        return now_ms >= end_ms

    def meets(self, start_ms: int | None, expire_ms: int | None) -> bool:
        """Does an `at`'s window lie, with a part of it, between two moments? A `cron`'s may."""
        if isinstance(self.expression, Cron):
            return True
        first_ms, end_ms = self._window_of(self.expression)
        return (start_ms is None or start_ms < end_ms) and (expire_ms is None or first_ms < expire_ms)

    def _window_of(self, at: At) -> tuple[int, int]:
        start_ms = epoch_ms(at.local.replace(tzinfo=self.zone))
        return start_ms, start_ms + self.duration_ms

    def _latest_start(self, now_ms: int) -> int | None:
        match self.expression:
            case At() as at:
                start_ms, _ = self._window_of(at)
                return start_ms if start_ms <= now_ms else None
            case Cron():
                local = local_time(now_ms, self.zone)
                # One day more than the window is long: the clocks may have changed in it.
                days = self.duration_ms // DAY_MS + 2
                starts = map(epoch_ms, self.expression.starts_before(local, days))
                return next((start_ms for start_ms in starts if start_ms <= now_ms), None)


def parse_schedule(expression: str, duration: str, zone: Zone) -> Schedule:
    """Raises AwsError (ValidationException)."""
    return Schedule(_expression(expression), _duration(duration), zone)


def _expression(text: str) -> Expression:
    found = _CRON.fullmatch(text)
    if found is not None:
        return _cron(found[1], text)
    found = _AT.fullmatch(text)
    if found is not None:
        try:
            return At(datetime.fromisoformat(found[1]))
        except ValueError:
            pass
    raise validation_failure(
        f"The schedule expression {text} is neither cron(Minutes Hours Day-of-month Month Day-of-week) nor "
        "at(yyyy-MM-ddThh:mm)"
    )


def _cron(fields: str, text: str) -> Cron:
    parts = fields.split()
    if len(parts) != 5:
        raise validation_failure(f"A cron expression has five fields; {text} has {len(parts)}")
    minutes, hours, days, months, weekdays = parts
    return Cron(
        _values(minutes, 0, 59) or frozenset(range(60)),
        _values(hours, 0, 23) or frozenset(range(24)),
        _values(days, 1, 31),
        _values(months, 1, 12, _MONTHS, 1) or frozenset(range(1, 13)),
        _weekdays(weekdays),
    )


def _weekdays(field: str) -> frozenset[int] | None:
    found = _values(field, 0, 7, _DAYS)
    return None if found is None else frozenset(day % 7 for day in found)


def _values(
    field: str, least: int, most: int, names: tuple[str, ...] = (), first: int = 0
) -> frozenset[int] | None:
    """The numbers that a field lists; `None` for `*`. `first` is what the first name stands for."""
    if field == "*":
        return None
    values: set[int] = set()
    for item in field.split(","):
        found = _ITEM.fullmatch(item)
        ends = [] if found is None else [_number(end, names, first) for end in found.groups() if end]
        numbers = [number for number in ends if number is not None and least <= number <= most]
        if not numbers or len(numbers) < len(ends) or numbers[0] > numbers[-1]:
            raise validation_failure(f'"{item}" is no value from {least} to {most} of a cron expression')
        values.update(range(numbers[0], numbers[-1] + 1))
    return frozenset(values)


def _number(text: str, names: tuple[str, ...], first: int) -> int | None:
    if text.upper() in names:
        return names.index(text.upper()) + first
    return int(text) if text.isdecimal() and len(text) <= 2 else None


def _duration(text: str) -> int:
    found = _DURATION.fullmatch(text)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found is not None else (0, 0, 0)
    duration_ms = (days * 24 * 60 + hours * 60 + minutes) * MINUTE_MS
    if not MINUTE_MS <= duration_ms <= _DURATION_MAX_MS:
        raise validation_failure(f"The duration {text} is no ISO 8601 duration from PT1M to P15D")
    return duration_ms
