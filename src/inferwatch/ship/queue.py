"""Where records wait: bounded in number and bytes, and counted.

Putting and counting are legal anywhere: in threads, coroutines, signal handlers and finalisers. The last two
can run in the middle of a change of this same queue, on the same thread. So putting never waits for the lock:
what finds it taken lies aside, and whoever takes the lock next takes it in. And whatever else comes in the
middle of a change changes nothing: it sees the queue as it is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from inferwatch.model.limits import BATCH_MAX_EVENTS
from inferwatch.ship.batch import LogEvent, chronological, halves, is_full, is_too_large, prefix_length


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of every event put so far: accepted = delivered + waiting + rejected + dropped.

    Args:
        loss: Why the last event was rejected or dropped, in words.
    """

    accepted: int = 0
    delivered: int = 0
    waiting: int = 0
    rejected: int = 0
    dropped: int = 0
    loss: str | None = None

    @property
    def settled(self) -> int:
        """Events that will not be sent any more."""
        return self.delivered + self.rejected + self.dropped


class Loss(NamedTuple):
    """A record that never became an event."""

    reason: str
    is_rejected: bool


class Queue:
    """First in, first out; when it is full, the oldest waiting event is dropped for the newest."""

    def __init__(self, *, max_events: int, max_bytes: int) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._is_changing = False  # true only while the lock is held
        self._aside: deque[LogEvent | Loss] = deque()
        self._waiting: deque[LogEvent] = deque()
        self._waiting_bytes = 0
        self._pieces: list[Sequence[LogEvent]] = []  # the batch in flight, the next part of it last
        self._delivered = self._rejected = self._dropped = 0
        self._loss: str | None = None

    def put(self, event: LogEvent) -> bool:
        """Take one event in; True when the sender has a reason to wake."""
        return self._put(event)

    def lose(self, loss: Loss) -> bool:
        """Account for a record that could not become an event; True when the sender has a reason to wake."""
        self._put(loss)
        return True

    def next_piece(self) -> Sequence[LogEvent]:
        """The next events to send, in order; the same ones again until they are settled or split."""
        with self._locked() as is_mine:
            if is_mine and not self._pieces and self._waiting:
                self._pieces.append(self._take())
            return self._pieces[-1] if self._pieces else ()

    def split_piece(self) -> None:
        """AWS refused the piece: try its halves."""
        with self._locked():
            first, second = halves(self._pieces.pop())
            self._pieces += [second, first]

    def settle_piece(self, *, rejected: int = 0, reason: str | None = None) -> None:
        """The piece is over: delivered, but for the events AWS rejected."""
        with self._locked():
            self._delivered += len(self._pieces.pop()) - rejected
            self._rejected += rejected
            self._loss = self._loss if reason is None else reason

    def counts(self) -> Counts:
        """A consistent picture of this moment; from the middle of a change, without the event it is about."""
        with self._locked():
            waiting = len(self._waiting) + sum(map(len, self._pieces))
            return Counts(
                accepted=self._delivered + waiting + self._rejected + self._dropped,
                delivered=self._delivered,
                waiting=waiting,
                rejected=self._rejected,
                dropped=self._dropped,
                loss=self._loss,
            )

    def is_interrupted(self) -> bool:
        """Whether a change waits for this very call to return: until then nothing can be sent."""
        return bool(self._lock._is_owned())  # type: ignore[attr-defined] # what `Condition` asks of a lock

    def is_in_flight(self) -> bool:
        """Whether parts of a batch are still to be settled."""
        return bool(self._pieces)

    def has_full_batch(self) -> bool:
        """Whether waiting longer would not make the next batch bigger."""
        with self._locked():
            return is_full(len(self._waiting), self._waiting_bytes)

    def _put(self, entry: LogEvent | Loss) -> bool:
        self._aside.append(entry)
        wake = False
        # Checked again after each release: another thread may have laid something aside meanwhile.
        while self._aside:
            if not self._lock.acquire(blocking=False):
                return True  # whoever holds the lock may have looked already: let the sender look again
            try:
                if self._is_changing:
                    return True
                self._is_changing = True
                try:
                    wake = self._admit_all() or wake
                finally:
                    self._is_changing = False
            finally:
                self._lock.release()
        return wake

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Gives whether the queue may be changed: not in the middle of another change."""
        with self._lock:
            if self._is_changing:
                yield False
                return
            self._is_changing = True
            try:
                self._admit_all()
                yield True
            finally:
                self._is_changing = False

    def _admit_all(self) -> bool:
        was_empty = not self._waiting
        was_full = is_full(len(self._waiting), self._waiting_bytes)
        while self._aside:
            self._admit(self._aside.popleft())
        if was_empty and self._waiting:
            return True
        return not was_full and is_full(len(self._waiting), self._waiting_bytes)

    def _admit(self, entry: LogEvent | Loss) -> None:
        if isinstance(entry, Loss):
            self._rejected += entry.is_rejected
            self._dropped += not entry.is_rejected
            self._loss = entry.reason
            return
        size = entry.billed_bytes
        if is_too_large(entry):
            self._reject(f"a record of {size:,} bytes is larger than the 1,048,576 CloudWatch Logs takes")
            return
        while self._waiting and (
            len(self._waiting) >= self._max_events or self._waiting_bytes + size > self._max_bytes
        ):
            self._waiting_bytes -= self._waiting.popleft().billed_bytes
            self._drop()
        if self._max_events < 1 or size > self._max_bytes:
            self._drop()
            return
        self._waiting.append(entry)
        self._waiting_bytes += size

    def _reject(self, reason: str) -> None:
        self._rejected += 1
        self._loss = reason

    def _drop(self) -> None:
        self._dropped += 1
        self._loss = (
            f"the queue is full ({self._max_events:,} records or {self._max_bytes:,} bytes): "
            "the oldest were dropped"
        )

    def _take(self) -> list[LogEvent]:
        length = prefix_length(islice(self._waiting, BATCH_MAX_EVENTS))
        taken = [self._waiting.popleft() for _ in range(length)]
        self._waiting_bytes -= sum(event.billed_bytes for event in taken)
        return chronological(taken)
