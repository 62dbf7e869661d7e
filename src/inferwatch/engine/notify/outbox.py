"""What is on its way, and what came of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from inferwatch.engine.notify.delivery import Dispatch, Status

T = TypeVar("T", bound=Dispatch)

FINISHED_MAX: Final = 1_000
_FINISHED_MAX_BYTES: Final = 16 * 1_048_576


class Outbox(Generic[T]):
    """Dispatches until they are answered for good, and the newest that were: at most a thousand, and 16 MiB.

    Args:
        max_in_flight: Under way to one address at a time; the others wait their turn.
        max_pending_bytes: What may wait; what comes beyond fails at once, and says so.
    """

    def __init__(self, *, max_in_flight: int, max_pending_bytes: int | None = None) -> None:
        self._max_in_flight = max_in_flight
        self._max_pending_bytes = max_pending_bytes
        self._pending: list[T] = []
        self._pending_bytes = 0
        self._finished: deque[T] = deque()
        self._finished_bytes = 0

    def add(self, item: T) -> None:
        """Take it in; one that is over already joins those that are."""
        limit = self._max_pending_bytes
        if limit is not None and self._pending_bytes + item.size_bytes > limit:
            self._settle()
            if self._pending_bytes + item.size_bytes > limit:
                why = f"not tried: {limit} bytes are waiting for their endpoints already"
                item.refuse(why, item.created_ms)
        if item.status is Status.PENDING:
            self._pending.append(item)
            self._pending_bytes += item.size_bytes
        else:
            self._keep(item)

    def all(self) -> list[T]:
        """Every pending one, and the newest that are finished; oldest first."""
        self._settle()
        return sorted((*self._finished, *self._pending), key=lambda item: item.created_ms)

    def due(self, now_ms: int) -> Iterator[T]:
        """What to try now; each is marked as under way."""
        self._settle()
        under_way = Counter(item.address for item in self._pending if item.in_flight)
        for item in self._pending:
            is_crowded = under_way[item.address] >= self._max_in_flight
            if not item.in_flight and item.due_ms <= now_ms and not is_crowded:
                under_way[item.address] += 1
                item.in_flight = True
                yield item

    def forget_pending(self) -> None:
        """Drop what is on its way: it was sent already."""
        self._pending.clear()
        self._pending_bytes = 0

    def _settle(self) -> None:
        """Move what has been answered out of the way."""
        for item in self._pending:
            if item.status is not Status.PENDING:
                self._keep(item)
        self._pending = [item for item in self._pending if item.status is Status.PENDING]
        self._pending_bytes = sum(item.size_bytes for item in self._pending)

    def _keep(self, item: T) -> None:
        self._finished.append(item)
        self._finished_bytes += item.size_bytes
        while len(self._finished) > FINISHED_MAX or self._finished_bytes > _FINISHED_MAX_BYTES:
            self._finished_bytes -= self._finished.popleft().size_bytes
