"""The time that a query asks for."""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.metrics.retention import on_grid


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open [start, end) in epoch ms."""

    start_ms: int
    end_ms: int

    def on_grid(self, period_s: int, now_ms: int) -> Window:
        """As CloudWatch rounds it; empty where nothing so fine is kept any more."""
        rounded = on_grid(self.start_ms, self.end_ms, period_s, now_ms)
        return Window(self.start_ms, self.start_ms) if rounded is None else Window(*rounded)

    def since(self, time_ms: int) -> Window:
        """What of it is not older."""
        return Window(min(max(self.start_ms, time_ms), self.end_ms), self.end_ms)
