"""What is on its way, and what came of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from inferwatch.engine.notify.delivery import Dispatch, Status

T = TypeVar("T", bound=Dispatch)

_KEPT = 1_000


class Outbox(Generic[T]):
    """Dispatches until they are answered for good, and the newest thousand that were.

    Args:
        max_in_flight: Posts under way to one address at a time; the others wait their turn.
        max_pending_bytes: Bodies that may wait; what comes beyond fails at once, and says so.
    """

    def __init__(self, *, max_in_flight: int | None = None, max_pending_bytes: int | None = None) -> None:
        self._max_in_flight = max_in_flight
        self._max_pending_bytes = max_pending_bytes
        self._pending: list[T] = []
        self._pending_bytes = 0
        self._finished: deque[T] = deque(maxlen=_KEPT)

    def add(self, item: T) -> None:
        limit, size = self._max_pending_bytes, len(item.post.body)
        if limit is not None and self._pending_bytes + size > limit:
            self._settle()
        if limit is not None and self._pending_bytes + size > limit:
            item.status = Status.FAILED
            item.last_error = f"not tried: {limit} bytes are waiting for their endpoints already"
            self._finished.append(item)
            return
        self._pending.append(item)
        self._pending_bytes += size

    def all(self) -> list[T]:
        """Every pending one, and the newest thousand that are finished; oldest first."""
        self._settle()
        return sorted((*self._finished, *self._pending), key=lambda item: item.created_ms)

    def due(self, now_ms: int) -> Iterator[T]:
        """What to try now; each is marked as under way."""
        self._settle()
        under_way = Counter(item.post.url for item in self._pending if item.in_flight)
        for item in self._pending:
            is_crowded = self._max_in_flight is not None and under_way[item.post.url] >= self._max_in_flight
            if not item.in_flight and item.due_ms <= now_ms and not is_crowded:
                under_way[item.post.url] += 1
                item.in_flight = True
                yield item

    def forget_pending(self) -> None:
        """Drop what is on its way: it was sent already."""
        self._pending.clear()
        self._pending_bytes = 0

    def _settle(self) -> None:
        """Move what has been answered out of the way."""
        self._finished.extend(item for item in self._pending if item.status is not Status.PENDING)
        self._pending = [item for item in self._pending if item.status is Status.PENDING]
        self._pending_bytes = sum(len(item.post.body) for item in self._pending)
