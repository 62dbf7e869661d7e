"""Which periods of every metric one answer holds.

Periods count, with a datapoint or without one. They are taken by their time, oldest or newest first, and at
one time in the order of the metrics; an answer ends where the next would be one more than it may hold.

Source: CloudWatch API reference, "GetMetricData": `ScanBy`, `MaxDatapoints`.
Differs: how AWS shares a page out among metrics was not recorded, nor whether it counts periods without data.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from inferwatch.engine.metricdata.window import Window
from inferwatch.model.limits import SECOND_MS

Series: TypeAlias = tuple[Window, int]
"""A metric's whole window, and its period in seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """The first period after a page.

    Args:
        moment: Its start in epoch ms, negative where the newest comes first.
        index: Of the metrics, the first that has not been answered for that moment.
    """

    moment: int
    index: int


@dataclass(frozen=True, slots=True)
class _Steps:
    """A metric's periods by their moments, in the order in which they are answered."""

    first: int
    step: int
    count: int

    def before(self, moment: int) -> int:
        return min(max(0, -((self.first - moment) // self.step)), self.count)

    def until(self, place: Place, index: int) -> int:
        """How many come before a place, for the metric of that index."""
        return self.before(place.moment + (index < place.index))


@dataclass(frozen=True, slots=True)
class Page:
    """What lies between two places; all before, or all after, where one is `None`."""

    start: Place | None
    end: Place | None
    newest_first: bool

    @property
    def is_whole(self) -> bool:
        return self.start is None and self.end is None

    def part(self, series: Series, index: int) -> Window:
        """The page's part of a metric's window."""
        window, period_s = series
        if self.is_whole:
            return window
        steps = _steps(series, self.newest_first)
        skipped, shown = self._skipped(steps, index), self._shown(steps, index)
        if self.newest_first:
            skipped, shown = steps.count - shown, steps.count - skipped
        step_ms = period_s * SECOND_MS
        return Window(window.start_ms + skipped * step_ms, window.start_ms + shown * step_ms)

    def is_past(self, series: Series, index: int) -> bool:
        """Did earlier pages hold all of the metric?"""
        steps = _steps(series, self.newest_first)
        return self.start is not None and self._skipped(steps, index) == steps.count

    def has_more(self, series: Series, index: int) -> bool:
        """Do later pages hold some of the metric?"""
        steps = _steps(series, self.newest_first)
        return self._shown(steps, index) < steps.count

    def _skipped(self, steps: _Steps, index: int) -> int:
        return 0 if self.start is None else steps.until(self.start, index)

    def _shown(self, steps: _Steps, index: int) -> int:
        return steps.count if self.end is None else steps.until(self.end, index)


def turn_to(start: Place | None, series: Sequence[Series], limit: int, *, newest_first: bool) -> Page:
    """The page from `start` on: at most `limit` periods, at least one."""
    steps = [_steps(each, newest_first) for each in series]
    done = [0 if start is None else each.until(start, index) for index, each in enumerate(steps)]

    def periods_before(moment: int) -> int:
        return sum(max(0, each.before(moment) - held) for each, held in zip(steps, done, strict=True))

    last = max((each.first + each.step * each.count for each in steps), default=0)
    if periods_before(last) <= limit:
        return Page(start, None, newest_first)
    moments = range(min(each.first for each in steps), last + 1)
    moment = moments[bisect_right(moments, limit, key=periods_before) - 1]
    left = limit - periods_before(moment)
    at_once = [
        index
        for index, (each, held) in enumerate(zip(steps, done, strict=True))
        if held <= each.before(moment) < each.before(moment + 1)
    ]
    return Page(start, Place(moment, at_once[left]), newest_first)


def _steps(series: Series, newest_first: bool) -> _Steps:
    window, period_s = series
    step = period_s * SECOND_MS
    count = max(0, window.end_ms - window.start_ms) // step
    first = -(window.start_ms + (count - 1) * step) if newest_first else window.start_ms
    return _Steps(first, step, count)
