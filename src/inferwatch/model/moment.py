"""Moments as records and messages write them: ISO 8601, UTC, milliseconds, `Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def iso_ms(timestamp_ms: int) -> str:
    """`2026-11-24T10:00:00.120Z`."""
    return iso(_EPOCH + timedelta(milliseconds=timestamp_ms))


def iso(moment: datetime) -> str:
    """The same of a moment in UTC; what is finer than milliseconds is left out."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
