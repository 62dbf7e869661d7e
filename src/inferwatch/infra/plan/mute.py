"""Times in which nobody is told."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from inferwatch.infra.plan.errors import check_text, check_whole, refuse

_SCHEDULE = r"cron\(\S+( \S+){4}\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d\)"
_LONGEST_MINUTES = 15 * 24 * 60


@dataclass(frozen=True, slots=True)
class Mute:
    """A window in which alarms change their states and tell nobody; what still holds at its end is told then.

    Args:
        name: Of the window, e.g. `nightly-load-test`.
        schedule: When it begins: `cron(0 2 * * *)`, five fields, or `at(2026-12-24T18:00)`.
        minutes: How long it lasts: up to 15 days.
        timezone: Of the schedule, e.g. `Europe/Berlin`.
        mutes_critical: Are pages held back too, or warnings only?
    """

    name: str
    _: KW_ONLY
    schedule: str
    minutes: int
    timezone: str = "UTC"
    mutes_critical: bool = True


def check_mute(mute: Mute) -> None:
    """Raises UsageError. Source: CloudWatch User Guide, "Defining alarm mute rules"."""
    check_text("mutes.name", mute.name, r"[A-Za-z0-9_-]{1,64}", "1-64 letters, digits, dashes or underscores")
    where = f"mutes[{mute.name!r}]"
    check_text(
        f"{where}.schedule",
        mute.schedule,
        _SCHEDULE,
        "cron(minute hour day-of-month month day-of-week) or at(yyyy-MM-ddThh:mm)",
    )
    check_whole(f"{where}.minutes", mute.minutes, least=1)
    if mute.minutes > _LONGEST_MINUTES:
        raise refuse(f"{where}.minutes", f"a window lasts at most 15 days, got {mute.minutes} minutes")
    check_text(f"{where}.timezone", mute.timezone, r"[A-Za-z0-9_+/:-]{1,64}", "a time zone")


def duration_of(mute: Mute) -> str:
    """ISO 8601, as a mute rule takes it."""
    return f"PT{mute.minutes}M"
