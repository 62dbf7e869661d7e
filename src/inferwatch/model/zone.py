"""Fixed time zones as CloudWatch's labels and widgets name them."""

from __future__ import annotations

import re

from inferwatch.model.limits import HOUR_MS, MINUTE_MS

_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})", re.ASCII)
_MAX_HOURS = 14


def zone_offset_ms(text: str) -> int | None:
    """Read `+0130` as what its clocks are ahead of UTC; `None` for what is no zone."""
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[2]) > _MAX_HOURS or int(match[3]) > 59:
        return None
    offset_ms = int(match[2]) * HOUR_MS + int(match[3]) * MINUTE_MS
    return -offset_ms if match[1] == "-" else offset_ms


def zone_text(offset_ms: int) -> str:
    """Write whole minutes ahead of UTC as `+0130`."""
    hours, minutes = divmod(abs(offset_ms) // MINUTE_MS, 60)
    return f"{'-' if offset_ms < 0 else '+'}{hours:02}{minutes:02}"
