"""The engine's only notion of time: real, or moved by hand."""

from __future__ import annotations

from typing import Protocol

from inferwatch.model.process import wall_ms


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...


class RealClock:
    def now_ms(self) -> int:
        return wall_ms()


class RewindableClock:
    """A clock that shows another moment for as long as one is set: the past is done over at its own times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.shown_ms: int | None = None

    def now_ms(self) -> int:
        return self._clock.now_ms() if self.shown_ms is None else self.shown_ms


class ManualClock:
    """A clock that stands still until it is moved, and never goes back."""

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms

    def now_ms(self) -> int:
        return self._now_ms

    def move_to(self, now_ms: int) -> None:
        if now_ms < self._now_ms:
            raise ValueError(f"a clock does not go back: it is {self._now_ms}, asked for {now_ms}")
        self._now_ms = now_ms
