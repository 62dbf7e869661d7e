"""Moments as alarms write them, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def iso_time(timestamp_ms: int) -> str:
    """In documents: 2026-09-14T05:43:07.551+0000."""
    return f"{_written(timestamp_ms)}.{timestamp_ms % 1_000:03d}+0000"


def short_time(timestamp_ms: int) -> str:
    """In the reasons of metric alarms: 14/09/26 05:43:07."""
    text = _written(timestamp_ms)
    return f"{text[8:10]}/{text[5:7]}/{text[2:4]} {text[11:]}"


def long_time(timestamp_ms: int) -> str:
    """In the reasons of composite alarms, and in e-mails: Monday 14 September, 2026 05:43:07 UTC."""
    return f"{_moment(timestamp_ms):%A %d %B, %Y %H:%M:%S} UTC"


@lru_cache(maxsize=1_024)
def _written(timestamp_ms: int) -> str:
    """2026-09-14T05:43:07. A round writes thousands, most of them again and again."""
    return _moment(timestamp_ms).isoformat()[:19]


def _moment(timestamp_ms: int) -> datetime:
    return datetime.fromtimestamp(timestamp_ms // 1_000, UTC)
