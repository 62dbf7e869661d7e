"""The queue: records wait in slabs, bounded in number, and counted.

Putting and counting are legal anywhere: in threads, coroutines, signal handlers and finalisers. The last two
can run in the middle of a change of this same spool, on the same thread. So putting does not wait for long:
another thread is done with the lock in microseconds, and what still finds it taken lies aside, until whoever
takes the lock next takes it in. And whatever else comes in the middle of a change changes nothing: it sees
the spool as it is.

What raises in the middle of a change, as Ctrl-C does, leaves the counts to be made anew from what is there.

Everything but `put`, `lose`, `counts` and `is_interrupted` is for one thread: the sender's.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import orjson

from inferwatch.model.limits import BATCH_MAX_BYTES, BATCH_MAX_EVENTS, EVENT_MAX_BYTES, EVENT_OVERHEAD_BYTES
from inferwatch.ship.entries import AFTER_CLOSING, Counts, Entry, Loss, too_large
from inferwatch.ship.overflow import Kept, Room
from inferwatch.ship.policy import Full
from inferwatch.ship.salvage import Salvage, salvage
from inferwatch.ship.slab import SLAB_BYTES, DamagedSlab, Piece, Place, Slab

NewSlab: TypeAlias = Callable[[int], Slab]
"""Room in bytes → an empty slab; raises OSError."""

# Longer than a change takes: only where its holder waits for something that the waiting thread has.
_PATIENCE_S: Final = 0.1
# A record whose JSON needs more room than a slab of the usual size gets one of its own size.
_ROOM_BESIDE_AN_EVENT: Final = 2_048


class Spool:
    """First in, first out, and bounded.

    Args:
        new_slab: Makes slabs, on disk or in memory.
        max_slabs: As many may be in use.
        full: What happens when they are; see `policy`.
    """

    def __init__(self, new_slab: NewSlab, *, max_slabs: int, full: Full = "drop_oldest") -> None:
        self._room = Room(max_slabs, full)
        self._kept = Kept(is_wanted=max_slabs > 2)
        self._new_slab = new_slab
        self._lock = threading.RLock()
        self._is_changing = False  # true only while the lock is held
        self._aside: deque[Entry | Loss] = deque()
        self._current: Slab | None = None
        self._sealed: deque[Slab] = deque()
        self._spare: Slab | None = None
        self._in_flight: Slab | None = None
        self._pieces: list[Piece] = []  # of the slab in flight, the next one last
        self._is_left = False
        self._number = 0
        self._spooled = self._delivered = self._rejected = self._dropped = 0
        self._loss: str | None = None

    # --- Anyone's.

    def put(self, timestamp_ms: int, message: bytes, log_stream: bytes) -> bool:
        """Take one event in; True when the sender has a reason to wake."""
        if self._aside or not self._lock.acquire(False):
            return self._put_aside(Entry(timestamp_ms, message, log_stream))
        try:
            if self._is_changing:
                self._aside.append(Entry(timestamp_ms, message, log_stream))
                return True
            self._is_changing = True
            was_empty, waiting = not self._spooled, len(self._sealed)
            try:
                self._admit(timestamp_ms, message, log_stream)
            except BaseException:
                self._recount()
                raise
            finally:
                self._is_changing = False
            wake = was_empty or len(self._sealed) > waiting
        finally:
            self._lock.release()
        return (self._take_in() or wake) if self._aside else wake

    def lose(self, loss: Loss) -> bool:
        """Account for a record that could not become an event; True when the sender has a reason to wake."""
        self._put_aside(loss)
        return True

    def counts(self) -> Counts:
        """A consistent picture of this moment; from the middle of a change, without the event it is about."""
        with self._locked():
            return Counts(
                accepted=self._delivered + self._spooled + self._rejected + self._dropped,
                delivered=self._delivered,
                spooled=self._spooled,
                rejected=self._rejected,
                dropped=self._dropped,
                loss=self._loss,
            )

    def is_interrupted(self) -> bool:
        """Whether a change waits for this very call to return: until then nothing can be sent."""
        return bool(self._lock._is_owned())  # type: ignore[attr-defined] # what `Condition` asks of a lock

    # --- The sender's.

    def next_piece(self) -> Piece | None:
        """The next events to send; the same ones again until they are settled or split."""
        while not self._pieces:
            slab = self._take()
            if slab is None:
                return None
            try:
                self._pieces = (salvage(slab).pieces if slab.is_adopted else slab.pieces())[::-1]
            except (OSError, DamagedSlab) as gone:
                self._give_up(slab, f"the spool's file {slab.path} cannot be read any more ({gone})")
            else:
                if not self._pieces:
                    self._give_up(slab, f"the spool's file {slab.path} has been emptied")
        return self._pieces[-1]

    @property
    def place(self) -> Place:
        """Where the piece in flight is to go."""
        assert self._in_flight is not None
        return self._in_flight.place

    def split_piece(self) -> None:
        """AWS refused the piece: try its halves."""
        first, second = self._pieces.pop().halves()
        self._pieces += [second, first]

    def settle_piece(self, *, rejected: int = 0, reason: str | None = None) -> None:
        """The piece is over: delivered, but for the events AWS rejected."""
        slab = self._in_flight
        assert slab is not None
        with self._locked():
            piece = self._pieces.pop()
            slab.settle(piece.count)
            self._spooled -= piece.count
            self._delivered += piece.count - rejected
            self._rejected += rejected
            self._loss = self._loss if reason is None else reason
            if self._pieces:
                return
            self._in_flight = None
        self._retire(slab)

    def is_in_flight(self) -> bool:
        """Whether parts of a slab are still to be settled."""
        return bool(self._pieces)

    def has_full_batch(self) -> bool:
        """Whether waiting longer would not make the next batch bigger."""
        return bool(self._sealed)

    def prepare(self) -> None:
        """What would take a caller's time: have a slab ready for when the one being filled is full, and put
        those that wait at rest, with a checksum.
        """
        for slab in tuple(self._sealed):
            with self._locked() as is_mine:  # against a caller that drops it
                if is_mine and slab in self._sealed and slab.is_open and slab.path is not None:
                    slab.seal()
                    slab.rest()
        if self._spare is None and self._current is not None and self._slabs < self._room.usual:
            with contextlib.suppress(OSError):
                self._spare = self._new_slab(SLAB_BYTES)

    def adopt(self, slab: Slab, salvaged: Salvage) -> None:
        """Deliver what another process left behind, before anything of our own that is not yet in flight."""
        with self._locked():
            self._rejected += len(salvaged.damaged)
            slab.count = salvaged.count
            if not salvaged.count:
                slab.remove()
                return
            slab.rest()
            self._sealed.appendleft(slab)
            self._spooled += salvaged.count

    def _take(self) -> Slab | None:
        """The oldest slab; the one being filled where there is no other."""
        with self._locked() as is_mine:
            if not is_mine or self._in_flight is not None:
                return self._in_flight
            if not self._sealed:
                self._seal()
            self._in_flight = self._sealed.popleft() if self._sealed else None
            return self._in_flight

    def _give_up(self, slab: Slab, reason: str) -> None:
        """Not for this process to deliver; what is left of its file stays for the next one."""
        with self._locked():
            self._in_flight = None
            self._count_dropped(slab, reason)
            slab.close()

    def _count_dropped(self, slab: Slab, reason: str) -> None:
        self._spooled -= slab.count
        self._dropped += slab.count
        self._loss = reason

    def _retire(self, slab: Slab) -> None:
        if self._spare is None and slab.path is not None and not slab.is_adopted and slab.is_usual:
            slab.reset(0)
            self._spare = slab
        else:
            slab.remove()

    def forsake(self) -> None:
        """In a forked child: what is here is the parent's; only the memory is let go."""
        for slab in (self._current, self._spare, self._in_flight, *self._sealed):
            if slab is not None:
                slab.close()

    def to_sync(self) -> list[Slab]:
        """What a loss of power would take: each that is full or under way, once, and the one being filled."""
        with self._locked():
            full = (self._in_flight, *self._sealed)
            found = [slab for slab in full if slab is not None and not slab.is_synced]
            for slab in found:
                slab.is_synced = True
            return found if self._current is None else [*found, self._current]

    def only_in_memory(self) -> int:
        """How many would be lost with this process."""
        with self._locked():
            held = (self._current, self._in_flight, *self._sealed)
            return sum(slab.count - slab.settled for slab in held if slab is not None and slab.path is None)

    def leave(self) -> None:
        """Nothing comes any more: what is empty goes, what is on disk stays, what memory has is dropped."""
        lost = self.only_in_memory()
        with self._locked():
            self._is_left = True
            self._seal()
            if self._spare is not None:
                self._spare.remove()
            self._spooled -= lost
            self._dropped += lost
            if lost:
                self._loss = "records were in memory only when the sender was closed"

    # --- Inside.

    def _put_aside(self, entry: Entry | Loss) -> bool:
        self._aside.append(entry)
        return self._take_in()

    def _take_in(self) -> bool:
        """What lies aside; True when the sender has a reason to wake."""
        wake = False
        # Checked again after each release: another thread may have laid something aside meanwhile.
        while self._aside:
            if not self._lock.acquire(timeout=_PATIENCE_S):
                return True  # whoever holds the lock may have looked already: let the sender look again
            try:
                if self._is_changing:
                    return True
                with self._change():
                    wake = self._admit_all() or wake
            finally:
                self._lock.release()
        return wake

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Gives whether the spool may be changed: not in the middle of another change."""
        with self._lock:
            if self._is_changing:
                yield False
                return
            with self._change():
                self._admit_all()
                yield True

    @contextmanager
    def _change(self) -> Iterator[None]:
        """The lock is held."""
        self._is_changing = True
        try:
            yield
        except BaseException:
            self._recount()
            raise
        finally:
            self._is_changing = False

    def _recount(self) -> None:
        """Count what is there, after a change that was broken off."""
        if self._current is not None:
            self._current.recount()
        held = (self._current, *self._sealed)
        self._spooled = sum(slab.count for slab in held if slab is not None)
        if self._in_flight is not None:
            self._spooled += sum(piece.count for piece in self._pieces) or self._in_flight.count

    def _admit_all(self) -> bool:
        was_empty, waiting = not self._spooled, len(self._sealed)
        while self._aside:
            entry = self._aside.popleft()
            if isinstance(entry, Entry):
                self._admit(*entry)
            else:
                self._rejected += entry.is_rejected
                self._dropped += not entry.is_rejected
                self._loss = entry.reason
        return (was_empty and self._spooled > 0) or len(self._sealed) > waiting

    def _admit(self, timestamp_ms: int, message: bytes, log_stream: bytes) -> None:
        if self._is_left:
            self._dropped += 1
            self._loss = AFTER_CLOSING
            return
        billed = len(message) + EVENT_OVERHEAD_BYTES
        if billed > EVENT_MAX_BYTES:
            self._rejected += 1
            self._loss = too_large(billed)
            return
        if not (self._room.drops_oldest or self._room.may_take(message, self._slabs)):
            self._dropped += 1
            self._loss = f"the spool is full ({self._room.slabs} slabs): the newest records are dropped"
            return
        escaped = orjson.dumps(message.decode())
        slab = self._current
        if slab is None or not slab.append(log_stream, timestamp_ms, escaped, billed):
            slab = self._roll(len(escaped) + _ROOM_BESIDE_AN_EVENT)
            if slab is None or not slab.append(log_stream, timestamp_ms, escaped, billed):
                self._dropped += 1
                return
        self._spooled += 1

    def has_room(self, message: bytes) -> bool:
        """Whether it would not be dropped, as things are."""
        with self._locked():
            slab, billed = self._current, len(message) + EVENT_OVERHEAD_BYTES
            is_open = slab is not None and slab.count < BATCH_MAX_EVENTS
            if is_open and slab is not None and slab.billed_bytes + billed <= BATCH_MAX_BYTES:
                return self._room.may_take(message, self._slabs)
            return self._spare is not None or self._slabs < self._room.for_one(message)

    def _roll(self, room: int) -> Slab | None:
        """An empty slab to fill; `None`, and why in `_loss`, where there is none to be had."""
        self._seal()
        self._current = self._empty(max(room, SLAB_BYTES))
        if self._current is not None:
            self._number += 1
            self._current.reset(self._number)
        return self._current

    def _seal(self) -> None:
        """Nothing more goes into the slab being filled."""
        slab, self._current = self._current, None
        if slab is not None and slab.count:
            if self._sealed:
                self._sealed[-1].rest()  # however far behind the sender is, what waits takes no memory
            self._sealed.append(slab)
        elif slab is not None:
            slab.remove()

    def _empty(self, room: int) -> Slab | None:
        if self._spare is not None and room <= SLAB_BYTES:
            slab, self._spare = self._spare, None
            return slab
        while self._room.drops_oldest and self._slabs >= self._room.slabs and self._drop_oldest():
            pass
        if self._slabs >= self._room.slabs:
            self._loss = "the spool is full, and all of it is under way"
            return None
        try:
            return self._new_slab(room)
        except OSError as refused:
            self._loss = f"the spool cannot grow ({refused.strerror or refused})"
            return None

    def _drop_oldest(self) -> bool:
        """Drop a slab but for its errors; whether there was one."""
        slab = self._kept.next_to_drop(self._sealed)
        if slab is None:
            return False
        reason = f"the spool is full ({self._room.slabs} slabs): the oldest records were dropped"
        self._count_dropped(slab, reason)
        kept = self._kept.drop(slab, self._sealed)
        self._dropped -= kept
        self._spooled += kept
        return True

    @property
    def _slabs(self) -> int:
        held = (self._current, self._in_flight, self._spare)
        return len(self._sealed) + sum(slab is not None for slab in held)
