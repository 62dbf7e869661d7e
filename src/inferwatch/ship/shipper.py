"""The background sender: `emit` never blocks, one daemon thread sends, `flush` says what became of it all.

The thread starts at the first record. A forked child starts fresh: it inherits no record, thread, connection
or count. At exit, a `multiprocessing` child's too, at most two seconds are spent on what still waits, and
what is left is said.

A signal handler may do all of this as well. Where it has interrupted the queue itself, nothing can be sent
before it returns: then `flush` does not wait, and `close` leaves the closing to the exit.
"""

from __future__ import annotations

import atexit
import os
import queue as stdlib_queue
import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from inferwatch.model.process import in_forked_children, wall_ms, warn, warn_once
from inferwatch.ship.adopt import adopt
from inferwatch.ship.berth import Berth, Orphan, orphans, write_dead_letters
from inferwatch.ship.delivery import Delivery, Wire
from inferwatch.ship.durable import SYNC_EVERY_S, keep_synced
from inferwatch.ship.entries import AFTER_CLOSING, Counts, Loss
from inferwatch.ship.ledger import Ledger
from inferwatch.ship.plain import UNRECORDED, is_exact, mended
from inferwatch.ship.policy import Policy
from inferwatch.ship.report import Report, Stats, counted, in_one_sentence
from inferwatch.ship.send import Transport
from inferwatch.ship.slab import SLAB_BYTES, Place, Slab
from inferwatch.ship.spool import Spool
from inferwatch.ship.streams import Streams
from inferwatch.ship.target import Target

EXIT_TIMEOUT_S: Final = 2.0
_MEMORY_MAX_BYTES: Final = 64 * 2**20
_LENT_MAX: Final = 4


class Shipper:
    """Delivers records to one log group, in order, in the background.

    Args:
        spool_dir: Where records wait, and outlive this process; `None` keeps them in memory.
        linger_s: How long a record may wait for others to share its batch.
        policy: How many may wait, what happens past that, and what they survive. Of memory, no more than
            64 MiB is taken.
        tells: Send the sender's own books too; see `ledger`.
        transport: Called once in each process.
        chance: A random number from 0 to below 1.
    """

    def __init__(
        self,
        target: Target,
        *,
        spool_dir: Path | None = None,
        linger_s: float = 1.0,
        tells: bool = False,
        policy: Policy = Policy(),  # noqa: B008 (frozen)
        transport: Callable[[Target], Wire] = Transport,
        wall_ms: Callable[[], int] = wall_ms,
        monotonic_s: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._target = target
        self._place = Place(target.log_group, target.region, target.endpoint_url)
        self._spool_dir = None if policy.durability == "memory" else spool_dir
        if policy.durability == "memory":
            warn_once("records wait in memory only, as configured: they are lost if this process is killed")
        self._linger_s = linger_s
        self._policy = policy
        self._tells = tells
        self._transport = transport
        self._wall_ms = wall_ms
        self._monotonic_s = monotonic_s
        self._chance = chance
        self._closed = False
        self._before_closing: Callable[[], object] | None = None
        self._start_fresh()
        in_forked_children(self._start_over)
        atexit.register(self.close)

    def before_closing(self, emit_the_last: Callable[[], object]) -> None:
        """Call this when closing, while records are still accepted."""
        self._before_closing = emit_the_last

    def _start_fresh(self) -> None:
        """A process of its own: nothing accepted yet, nothing running."""
        self._berth: Berth | None = None
        limit = self._policy.max_bytes
        if self._spool_dir is not None:
            self._berth = Berth(self._spool_dir, f"{os.getpid()}-{os.urandom(6).hex()}")
        else:
            limit = min(limit, _MEMORY_MAX_BYTES)
        slabs = max(2, limit // SLAB_BYTES)
        self._spool = Spool(self._new_slab, max_slabs=slabs, full=self._policy.full)
        self._over = threading.Event()
        self._lent: list[Slab] = []  # memory, for as long as the disk refuses
        self._orphans: list[Orphan] = []
        self._has_adopted = threading.Event()
        host = socket.gethostname()
        self._streams = Streams(self._target, host=host, pid=os.getpid())
        self._wire = self._transport(self._target)
        self._delivery = Delivery(
            self._spool, self._wire, bury=self._bury, monotonic_s=self._monotonic_s, chance=self._chance
        )
        self._thread: threading.Thread | None = None
        self._starting = threading.RLock()  # a signal handler may close in the middle of starting
        self._nudges: stdlib_queue.SimpleQueue[None] = stdlib_queue.SimpleQueue()  # its put may be re-entered
        self._settled = threading.Condition()
        self._ledger = Ledger(self._target.service, host, os.getpid(), now_s=self._monotonic_s())
        self._mended = 0
        self._wanted = 0  # a flush wants so many settled
        self._reported = Counts()

    def _start_over(self) -> None:
        """In a forked child: what is spooled stays the parent's."""
        self._spool.forsake()
        for held in (self._berth, *self._orphans):
            if held is not None:
                held.forsake()
        self._start_fresh()

    def _new_slab(self, size: int) -> Slab:
        """Raises OSError, where neither the disk nor memory has room."""
        if self._berth is None:
            return Slab.create(None, self._place, size=size)
        try:
            return self._berth.new_slab(self._place, size)
        except OSError as refused:
            self._lent = [slab for slab in self._lent if slab.is_open]
            if len(self._lent) >= _LENT_MAX:
                raise
            warn_once(
                f"{self._berth.path.parent} takes no records ({refused.strerror or refused}): they wait in "
                "memory, and are lost if this process is killed"
            )
            slab = Slab.create(None, self._place, size=size)
            self._lent.append(slab)
            return slab

    def _bury(self, log_stream: str, events: list[bytes], reason: str) -> None:
        if self._spool_dir is not None:
            write_dead_letters(self._spool_dir, log_stream, events, reason)

    def emit(self, record: dict[str, object]) -> None:
        """Accept one record: no waiting, no network, no exception, whoever calls."""
        if self._closed:
            self._spool.lose(Loss(AFTER_CLOSING, is_rejected=False))
            return
        try:
            message = orjson.dumps(record)
            is_whole = is_exact(message, record)
        except TypeError:
            is_whole = False
        if not is_whole:
            wake = self._put_mended(record)
        else:
            if self._policy.full == "block":
                self._wait_for_room(message)
            wake = self._spool.put(self._wall_ms(), message, self._streams.of(record))
        if wake:
            self._nudge()
        if self._thread is None:
            self._start()

    def _wait_for_room(self, message: bytes) -> None:
        """Only where waiting helps: not in the sender's own thread, nor in the middle of a change."""
        if self._spool.has_room(message) or self._spool.is_interrupted():
            return
        if self._start() and threading.current_thread() is not self._thread:
            self._nudge()
            with self._settled:
                self._settled.wait_for(lambda: self._spool.has_room(message), self._policy.block_timeout_s)

    def _put_mended(self, record: dict[str, object]) -> bool:
        """Take in what can be recorded of a record that is no JSON, or none that fits."""
        try:
            message, kept = mended(record)
        except Exception as fault:  # noqa: BLE001 (values may do anything when they are looked at)
            why = f"a record cannot be written as JSON ({type(fault).__name__})"
            return self._spool.lose(Loss(why, is_rejected=True))
        self._mended += 1
        warn_once(f"records are not as they were given: their field `{UNRECORDED}` names what was no JSON")
        return self._spool.put(self._wall_ms(), message, self._streams.of(kept))

    def flush(self, timeout_s: float = 5.0) -> Report:
        """Wait until everything accepted so far is settled; say what became of it. Blocks, never raises.

        What is not settled in time is still sent at once, without lingering.
        """
        now = self._spool.counts()
        if now.spooled and not self._spool.is_interrupted() and self._start():
            deadline_s = time.monotonic() + timeout_s
            self._has_adopted.wait(timeout_s)
            now = self._spool.counts()
            with self._settled:
                self._wanted = max(self._wanted, now.accepted)
                self._nudge()
                self._delivery.hurry()
                self._settled.wait_for(
                    lambda: self._spool.counts().settled >= now.accepted,
                    max(0.0, deadline_s - time.monotonic()),
                )
        return self._report()

    def stats(self) -> Stats:
        """A consistent picture of this moment."""
        now = self._spool.counts()
        return Stats(
            accepted=now.accepted,
            delivered=now.delivered,
            spooled=now.spooled,
            rejected=now.rejected,
            dropped=now.dropped,
            requests=self._delivery.requests,
            retries=self._delivery.retries,
            resent=self._delivery.resent,
            mended=self._mended,
            last_error=in_one_sentence((self._delivery.trouble, now.loss)),
        )

    def close(self, timeout_s: float = EXIT_TIMEOUT_S) -> Report:
        """Send what waits for at most `timeout_s`, then stop; a record that comes later counts as dropped."""
        if self._before_closing is not None and not self._closed:
            self._before_closing()
        with self._starting:
            thread = self._thread
            is_starting = thread is not None and thread.ident is None  # in the very call that was interrupted
            if self._closed or is_starting or self._spool.is_interrupted():
                return self._report()
            self._closed = True
            self._over.set()
        atexit.unregister(self.close)
        self._delivery.close_at(self._monotonic_s() + timeout_s)
        if thread is None:
            self._pump()  # nothing was sent yet, or it was too late to start a thread
        else:
            self._nudge()
            thread.join(timeout_s)
        left, lost = self._spool.counts().spooled, self._spool.only_in_memory()
        if left:
            reason = self._delivery.trouble or "there was no time"
            warn(f"{counted(left)} not delivered before closing: {reason}{self._whereabouts(left, lost)}")
        if thread is None or not thread.is_alive():
            self._wire.close()
            self._leave()
        return self._report()

    def _leave(self) -> None:
        """Let go of the folders: what is empty goes, what waits is anyone's to deliver."""
        self._spool.leave()
        if self._berth is not None:
            self._berth.leave()
        for orphan in self._orphans:
            orphan.leave()

    def _whereabouts(self, left: int, lost: int) -> str:
        """What becomes of those that are left, so many of them in memory only."""
        is_lost = f"; {counted(lost)} in memory only, and lost" if lost else ""
        if lost == left:
            return is_lost
        return (
            f"{is_lost}; kept in {self._spool_dir}, for the next process that spools there, or for "
            f"`inferwatch ship {self._spool_dir}`"
        )

    def _adopt(self) -> None:
        """Take over what processes before this one left in the spool, for the same endpoint."""
        try:
            for orphan in orphans(self._spool_dir) if self._spool_dir is not None else ():
                self._orphans.append(orphan)
                adopted, _ = adopt(orphan, self._spool, self._is_ours, self._bury)
                if not adopted:
                    self._orphans.remove(orphan)
                    orphan.leave()
        except Exception as fault:  # noqa: BLE001 (our own records wait for this thread)
            why = getattr(fault, "strerror", None) or fault
            warn(f"the spool {self._spool_dir} cannot be read ({why})")
        finally:
            self._has_adopted.set()

    def _is_ours(self, place: Place) -> bool:
        return (place.region, place.endpoint_url) == (self._place.region, self._place.endpoint_url)

    def _start(self) -> bool:
        """Whether a thread is running now."""
        if self._thread is None and self._starting.acquire(blocking=False):
            try:
                if self._thread is None and not self._closed:
                    self._thread = threading.Thread(target=self._run, name="inferwatch-ship", daemon=True)
                    self._close_with_a_child()
                    self._thread.start()
                    if self._policy.durability == "power" and self._berth is not None:
                        self._start_syncing()
            except RuntimeError:  # the interpreter is going down: `close` sends what waits
                self._thread = None
            finally:
                self._starting.release()
        return self._thread is not None

    def _close_with_a_child(self) -> None:
        """A child of `multiprocessing` ends without `atexit`, but not without its own finalisers."""
        process = sys.modules.get("multiprocessing.process")
        if process is not None and process.parent_process() is not None:
            from multiprocessing.util import Finalize

            Finalize(None, self.close, exitpriority=0)

    def _start_syncing(self) -> None:
        work = (self._spool, self._over, SYNC_EVERY_S)
        threading.Thread(target=keep_synced, args=work, name="inferwatch-sync", daemon=True).start()

    def _nudge(self) -> None:
        """Wake the sender; where that has been asked already, it will still look."""
        if self._nudges.empty():
            self._nudges.put(None)

    def _run(self) -> None:
        self._adopt()
        while not self._closed:
            try:
                self._wait_for_batch()
                self._tell()
                self._pump()
            except Exception as fault:  # noqa: BLE001 (records wait for this thread: it must outlive any fault)
                self._delivery.trouble = f"a fault of our own ({type(fault).__name__}: {fault})"
                self._delivery.say("fault", f"records are waiting: {self._delivery.trouble}")
                self._delivery.pause(5)
        self._pump()

    def _wait_for_batch(self) -> None:
        """Return when there is something to send and no reason to wait for more."""
        if not self._spool.counts().spooled:
            self._sleep(None)
        due_s = self._monotonic_s() + self._linger_s
        while not (self._is_hurried() or self._spool.has_full_batch()):
            left_s = due_s - self._monotonic_s()
            if left_s <= 0:
                return
            self._sleep(left_s)

    def _sleep(self, timeout_s: float | None) -> None:
        try:
            self._nudges.get(timeout=timeout_s)
            while True:
                self._nudges.get_nowait()
        except stdlib_queue.Empty:
            return

    def _is_hurried(self) -> bool:
        return self._closed or self._spool.counts().settled < self._wanted

    def _pump(self) -> None:
        """Send until nothing is left, or only what may linger; when closing, until there is no time."""
        self._spool.prepare()
        while piece := self._spool.next_piece():
            if not self._delivery.settle(piece):
                break
            self._ledger.settled(piece, self._wall_ms())
            with self._settled:
                self._settled.notify_all()
            self._delivery.say_losses()
            if not (self._is_hurried() or self._spool.is_in_flight() or self._spool.has_full_batch()):
                break
        with self._settled:  # also by what was given up, of which no piece was left
            self._settled.notify_all()
        self._delivery.say_losses()

    def _tell(self) -> None:
        """The books, as a record, where it is time."""
        if self._tells and not self._closed:
            now_ms, now_s = self._wall_ms(), self._monotonic_s()
            if record := self._ledger.next(self.stats(), now_ms=now_ms, now_s=now_s):
                self.emit(record)

    def _report(self) -> Report:
        with self._settled:
            before, self._reported = self._reported, self._spool.counts()
            now = self._reported
        dropped, rejected = now.dropped - before.dropped, now.rejected - before.rejected
        reasons = (self._delivery.trouble if now.spooled else None, now.loss if dropped or rejected else None)
        return Report(
            sent=now.delivered - before.delivered,
            waiting=now.spooled,
            dropped=dropped,
            rejected=rejected,
            last_error=in_one_sentence(reasons),
        )
