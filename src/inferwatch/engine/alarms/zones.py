"""Time zones as alarms take them: IANA names, and fixed offsets from UTC.

Differs: the names are those of this machine's time zone database; without one, offsets and no others.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

Zone: TypeAlias = tzinfo

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):(\d{2})", re.ASCII)
_STEP_MINUTES = 5
_MAX_MINUTES = 18 * 60


def named_zone(name: str) -> Zone | None:
    """A zone of the IANA database; `None` for a name that it does not have."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def offset_or_named_zone(name: str) -> Zone | None:
    """`Z`, `+05:30`, `UTC+05:30`, `GMT-08:00` or an IANA name; offsets in steps of five minutes.

    Source: CloudWatch User Guide, "Alarm evaluation window".
    """
    if name == "Z":
        return UTC
    found = _OFFSET.fullmatch(name)
    if found is None:
        return named_zone(name)
    minutes = int(found[2]) * 60 + int(found[3])
    if int(found[3]) > 59 or minutes > _MAX_MINUTES or minutes % _STEP_MINUTES:
        return None
    return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))


def local_time(timestamp_ms: int, zone: Zone) -> datetime:
    """The clock on the wall, to the second."""
    return datetime.fromtimestamp(timestamp_ms // 1_000, zone)


def epoch_ms(local: datetime) -> int:
    """When the clock on the wall shows that: the first time, where it shows it twice."""
    return int(local.timestamp()) * 1_000
