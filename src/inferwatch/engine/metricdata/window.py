"""The time that a query asks for."""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.metrics.retention import TIERS, on_grid
from inferwatch.model.limits import EVENT_MAX_FUTURE_MS, SECOND_MS


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open [start, end) in epoch ms."""

    start_ms: int
    end_ms: int

    def on_grid(self, period_s: int, now_ms: int) -> Window:
        """As CloudWatch rounds it; empty where nothing so fine is kept any more."""
        rounded = on_grid(self.start_ms, self.end_ms, period_s, now_ms)
        return Window(self.start_ms, self.start_ms) if rounded is None else Window(*rounded)

    def holding(self, period_s: int, now_ms: int) -> Window:
        """The periods of it that may hold data, on its own grid.

        None is older than the oldest that is kept, nor begins after what PutMetricData takes.
        """
        period_ms = period_s * SECOND_MS
        count = max(0, self.end_ms - self.start_ms) // period_ms
        first = min(max(0, (now_ms - TIERS[-1].kept_ms - self.start_ms) // period_ms), count)
        last = min(max(first, (now_ms + EVENT_MAX_FUTURE_MS - self.start_ms) // period_ms + 1), count)
        return Window(self.start_ms + first * period_ms, self.start_ms + last * period_ms)

    def since(self, time_ms: int) -> Window:
        """What of it is not older."""
        return Window(min(max(self.start_ms, time_ms), self.end_ms), self.end_ms)
