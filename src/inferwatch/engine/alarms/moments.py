"""Moments as alarms write them, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_time(timestamp_ms: int) -> str:
    """In documents: 2026-09-14T05:43:07.551+0000."""
    return f"{_moment(timestamp_ms):%Y-%m-%dT%H:%M:%S}.{timestamp_ms % 1_000:03d}+0000"


def short_time(timestamp_ms: int) -> str:
    """In the reasons of metric alarms: 14/09/26 05:43:07."""
    return f"{_moment(timestamp_ms):%d/%m/%y %H:%M:%S}"


def long_time(timestamp_ms: int) -> str:
    """In the reasons of composite alarms, and in e-mails: Monday 14 September, 2026 05:43:07 UTC."""
    return f"{_moment(timestamp_ms):%A %d %B, %Y %H:%M:%S} UTC"


def _moment(timestamp_ms: int) -> datetime:
    return datetime.fromtimestamp(timestamp_ms / 1_000, UTC)
