"""What a metric filter makes of an event."""

from __future__ import annotations

import msgspec


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One value for one metric; the event's own time is its time.

    Made some millions of times a minute: a struct of C, not a dataclass.
    """

    value: float
    dimensions: dict[str, str]


NO_DIMENSIONS: dict[str, str] = {}
