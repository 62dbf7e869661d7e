"""When mute rules' windows are, and where the periods of a wall clock begin."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from inferwatch.engine.alarms.schedule import parse_schedule
from inferwatch.engine.alarms.window import floor
from inferwatch.engine.alarms.zones import offset_or_named_zone


def _ms(text: str) -> int:
    """2026-11-24T12:00:00, in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000


def _open_until(expression: str, duration: str, at: str, zone: str = "UTC") -> str | None:
    end_ms = parse_schedule(expression, duration, ZoneInfo(zone)).window_end(_ms(at))
    return None if end_ms is None else f"{datetime.fromtimestamp(end_ms / 1_000, UTC):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("expression", "duration", "at", "until"),
    [
        ("cron(0 2 * * *)", "PT4H", "2026-11-24T01:59:59", None),
        ("cron(0 2 * * *)", "PT4H", "2026-11-24T02:00:00", "2026-11-24T06:00"),
        ("cron(0 2 * * *)", "PT4H", "2026-11-24T06:00:00", None),
        # Over midnight, over days.
        ("cron(0 23 * * *)", "PT2H", "2026-11-25T00:59:00", "2026-11-25T01:00"),
        ("cron(0 18 * * FRI)", "P2DT12H", "2026-11-23T05:59:00", "2026-11-23T06:00"),
        ("cron(0 18 * * FRI)", "P2DT12H", "2026-11-24T12:00:00", None),
        ("cron(0 1 1 * *)", "P15D", "2026-11-15T12:00:00", "2026-11-16T01:00"),
        # Lists and ranges, numbers and names; Sunday is 0 and 7.
        ("cron(0,30 8-9 * JAN,NOV MON-FRI)", "PT15M", "2026-11-24T09:30:00", "2026-11-24T09:45"),
        ("cron(0,30 8-9 * JAN,NOV MON-FRI)", "PT15M", "2026-11-22T09:30:00", None),
        ("cron(0 0 * * 7)", "PT1H", "2026-11-22T00:30:00", "2026-11-22T01:00"),
        ("cron(0 0 * * SUN)", "PT1H", "2026-11-22T00:30:00", "2026-11-22T01:00"),
        # Both days restricted: either will do.
        ("cron(0 0 13 * FRI)", "PT1H", "2026-11-13T00:30:00", "2026-11-13T01:00"),
        ("cron(0 0 13 * FRI)", "PT1H", "2026-11-20T00:30:00", "2026-11-20T01:00"),
        ("cron(0 0 13 * FRI)", "PT1H", "2026-10-13T00:30:00", "2026-10-13T01:00"),
        ("cron(0 0 13 * FRI)", "PT1H", "2026-11-14T00:30:00", None),
        # Windows that overlap: the last to begin counts.
        ("cron(* * * * *)", "PT10M", "2026-11-24T12:00:30", "2026-11-24T12:10"),
        ("at(2026-11-24T14:00)", "P7D", "2026-12-01T13:59:59", "2026-12-01T14:00"),
    ],
)
def test_a_window_is_open_from_its_start_to_its_end(
    expression: str, duration: str, at: str, until: str | None
) -> None:
    """The start counts, the end does not."""
    assert _open_until(expression, duration, at) == until


@pytest.mark.parametrize(
    ("at", "until"),
    [
        # New York, 2:30: before, in and after the week in which the clocks go forward (2026-03-08).
        ("2026-03-07T07:30:00", "2026-03-07T08:30"),
        ("2026-03-08T07:30:00", "2026-03-08T08:30"),  # 2:30 is left out: 3:30 summer time
        ("2026-03-09T06:30:00", "2026-03-09T07:30"),
        # Back again on 2026-11-01, when 1:30 comes twice.
        ("2026-11-02T07:30:00", "2026-11-02T08:30"),
    ],
)
def test_a_schedule_follows_its_clock_through_the_year(at: str, until: str) -> None:
    """Half past two, whatever it is in UTC."""
    assert _open_until("cron(30 2 * * *)", "PT1H", at, "America/New_York") == until


@pytest.mark.parametrize(
    ("at", "period_s", "zone", "start"),
    [
        ("2026-11-24T12:07:31", 60, "Z", "2026-11-24T12:07:00"),
        ("2026-11-24T12:07:31", 300, "Z", "2026-11-24T12:05:00"),
        ("2026-11-24T12:07:31", 3_600, "Asia/Kolkata", "2026-11-24T11:30:00"),
        ("2026-11-24T12:07:31", 3_600, "+05:30", "2026-11-24T11:30:00"),
        ("2026-11-24T12:07:31", 86_400, "America/New_York", "2026-11-24T05:00:00"),
        ("2026-07-24T03:59:59", 86_400, "America/New_York", "2026-07-23T04:00:00"),
        ("2026-11-24T12:07:31", 604_800, "Z", "2026-11-23T00:00:00"),
        ("2026-11-22T23:59:59", 604_800, "GMT-08:00", "2026-11-16T08:00:00"),
    ],
)
def test_a_wall_clocks_periods_begin_with_its_hours_days_and_weeks(
    at: str, period_s: int, zone: str, start: str
) -> None:
    """Weeks on Monday; each zone has hours of its own."""
    found = offset_or_named_zone(zone)
    assert found is not None

    assert floor(_ms(at), period_s, found) == _ms(start)


@pytest.mark.parametrize(
    "name", ["+05:31", "+24:00", "+5:30", "UTC+0530", "Nowhere/At_All", "", "America", "/etc/passwd", "\x00"]
)
def test_what_is_no_zone_is_none(name: str) -> None:
    """Offsets in steps of five minutes, names of the database, and nothing else."""
    assert offset_or_named_zone(name) is None
