"""Events of many frames as one sequence in reading order, opening no frame before it is needed.

Frames overlap in time, so they are merged by key. A part that has not been opened stands in the queue with a
bound that none of its events passes; only when it comes to the front is it opened.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from inferwatch.engine.store.frame import Event, Frame, Key


@dataclass(frozen=True, slots=True)
class Part:
    """Some events, not read yet.

    Args:
        low: No event has a smaller key.
        high: No event has a larger key.
        open: Reads them: either smaller parts, or the events in the order asked for.
    """

    low: Key
    high: Key
    open: Callable[[], list[Part] | Iterator[Event]]


_Queued: TypeAlias = tuple[Key, int, Part | None, Event | None, Iterator[Event]]
_NO_EVENTS: Iterator[Event] = iter(())


def merged(parts: Iterable[Part], start: Key, end: Key, *, descending: bool) -> Iterator[Event]:
    """Every event of the parts, by key; parts outside `start <= key < end` are never opened."""
    numbers = count()
    queue: list[_Queued] = []

    def push_parts(more: Iterable[Part]) -> None:
        for part in more:
            if part.high >= start and part.low < end:
                bound = _turned(part.high) if descending else part.low
                heapq.heappush(queue, (bound, next(numbers), part, None, _NO_EVENTS))

    push_parts(parts)
    while queue:
        _, number, part, event, events = heapq.heappop(queue)
        if part is not None:
            opened = part.open()
            if isinstance(opened, list):
                push_parts(opened)
                continue
            events = opened
            event = next(events, None)
        # As long as this run stays ahead of the queue, the queue is left alone.
        while event is not None:
            key = _turned(event[:2]) if descending else event[:2]
            if queue and key > queue[0][0]:
                heapq.heappush(queue, (key, number, None, event, events))
                break
            yield event
            event = next(events, None)


def frame_events(frame: Frame, start: Key, end: Key, *, descending: bool) -> Iterator[Event]:
    first, last = frame.bounds(start, end)
    indexes = range(last - 1, first - 1, -1) if descending else range(first, last)
    return map(frame.event, indexes)


def _turned(key: Key) -> Key:
    return -key[0], -key[1]
