"""Numbers, units and times as a reader meets them; one form for tables, tooltips and charts."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

NOTHING = "\N{EN DASH}"

# Source: CloudWatch API reference, "MetricDatum", Unit.
_SHORT_UNITS = {
    "Seconds": "s",
    "Milliseconds": "ms",
    "Microseconds": "µs",
    "Bytes": "B",
    "Kilobytes": "kB",
    "Megabytes": "MB",
    "Gigabytes": "GB",
    "Terabytes": "TB",
    "Bits": "bit",
    "Kilobits": "kbit",
    "Megabits": "Mbit",
    "Gigabits": "Gbit",
    "Terabits": "Tbit",
    "Percent": "%",
    "Count": "",
    "None": "",
}

_STATISTICS = {"SampleCount": "Sample count"}

_OPERATORS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside of",
    "LessThanLowerThreshold": "below",
    "GreaterThanUpperThreshold": "above",
}


def unit(name: str | None) -> str:
    """Shorten AWS's unit: `Milliseconds` → `ms`, `Bytes/Second` → `B/s`; nothing for counts."""
    if name is None:
        return ""
    if name == "Count/Second":
        return "/s"
    if name.endswith("/Second"):
        return f"{_SHORT_UNITS.get(name.removesuffix('/Second'), name.removesuffix('/Second'))}/s"
    return _SHORT_UNITS.get(name, name)


def number(value: float) -> str:
    """Write a value with four significant digits, thousands grouped: `1234.56` → `1,235`."""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e15 or size < 1e-4:
        return f"{value:.3e}"
    decimals = max(0, 3 - math.floor(math.log10(size)))
    text = f"{value:,.{min(decimals, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float | None, unit_name: str | None, *, full: bool = False) -> str:
    """Write a value with its unit: `1,235 ms`, `3.2%`; a dash where there is none; `full`: all digits."""
    if value is None:
        return NOTHING
    short = unit(unit_name)
    glue = "" if short in {"", "%", "/s"} else "\N{NO-BREAK SPACE}"
    return f"{f'{value:,}'.removesuffix('.0') if full else number(value)}{glue}{short}"


def statistic(stat: str) -> str:
    """Name a statistic for a reader; percentiles and the like keep AWS's own spelling."""
    return _STATISTICS.get(stat, stat)


def operator(comparison: str) -> str:
    """Turn a comparison operator into its sign; one that compares with a band into a word."""
    return _OPERATORS.get(comparison, comparison)


def duration(length_ms: int) -> str:
    """Write a length of time in its largest whole unit: `5 minutes`, `1 hour`."""
    for unit_ms, word in ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute"), (SECOND_MS, "second")):
        if length_ms >= unit_ms and length_ms % unit_ms == 0:
            count = length_ms // unit_ms
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return f"{length_ms / SECOND_MS:g} seconds"


def age(length_ms: int) -> str:
    """Write a length of time as coarsely as a glance needs: `20 s`, `4 min`, `2 d`."""
    if length_ms < MINUTE_MS:
        return f"{max(0, length_ms) // SECOND_MS} s"
    if length_ms < HOUR_MS:
        return f"{length_ms // MINUTE_MS} min"
    if length_ms < 2 * DAY_MS:
        return f"{length_ms // HOUR_MS} h"
    return f"{length_ms // DAY_MS} d"


def ago(then_ms: int, now_ms: int) -> str:
    """Say how long ago something happened: `just now`, `4 min ago`."""
    length_ms = now_ms - then_ms
    return "just now" if length_ms < 5 * SECOND_MS else f"{age(length_ms)} ago"


def moment(time_ms: int) -> str:
    """Write a moment in UTC to the second: `2026-11-24 09:30:05 UTC`."""
    return f"{datetime.fromtimestamp(time_ms / SECOND_MS, UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock(time_ms: int) -> str:
    """Write a moment's time of day in UTC: `09:30`, with seconds where it has some."""
    form = "%H:%M" if time_ms % MINUTE_MS == 0 else "%H:%M:%S"
    return f"{datetime.fromtimestamp(time_ms / SECOND_MS, UTC):{form}}"


def zone(offset_ms: int) -> str:
    """Name the zone of a clock that is ahead of UTC: `UTC`, `UTC+01:30`."""
    if offset_ms == 0:
        return "UTC"
    hours, minutes = divmod(abs(offset_ms) // MINUTE_MS, 60)
    return f"UTC{'-' if offset_ms < 0 else '+'}{hours:02}:{minutes:02}"


def iso(time_ms: int) -> str:
    """Write a moment for a machine, as `<time datetime>` takes it."""
    return datetime.fromtimestamp(time_ms / SECOND_MS, UTC).isoformat(timespec="milliseconds")
