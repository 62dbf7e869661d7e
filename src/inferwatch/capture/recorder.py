"""The recorder: opens a draft when a call begins, and hands its record to the sink when it ends."""

from __future__ import annotations

import itertools
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from inferwatch.capture.default import DEFAULT
from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.encode import encode
from inferwatch.capture.ending import ABANDONED, Ending
from inferwatch.capture.identity import ULID_ENTROPY_BYTES, WRITER_ENTROPY_BYTES, ulid, writer_name
from inferwatch.capture.prices import UNPRICED, Cost, Pricer
from inferwatch.model.process import in_forked_children, wall_ms, warn

Sink = Callable[[dict[str, object]], object]

_SAY_EVERY_NS: Final = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What capture itself did.

    Args:
        faults: Faults of our own that the application never saw.
        skipped: Calls of instrumented clients through entry points that are not recorded yet.
    """

    faults: int
    skipped: int


class Recorder:
    """Turns ended calls into records, one each, numbered without gaps. Safe in threads, tasks and finalisers.

    Args:
        sink: Takes each record; `Shipper.emit` in production. Must not block.
        service: The application's name, on every record.
        pricer: Says what calls cost.
        wall_ms: Now, in milliseconds since the epoch: when a call began.
        monotonic_ns: A clock that never steps: how long it took.
        entropy: That many random bytes.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        service: str = "unknown",
        pricer: Pricer | None = None,
        wall_ms: Callable[[], int] = wall_ms,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.service = service
        self.monotonic_ns = monotonic_ns
        self._sink = sink
        self._pricer = Pricer() if pricer is None else pricer
        self._wall_ms = wall_ms
        self._entropy = entropy
        self._start_fresh()
        in_forked_children(self._start_fresh)

    def _start_fresh(self) -> None:
        """A process of its own: a new writer whose numbers start at 0, and none of the parent's calls."""
        self._generation = object()
        self._writer = writer_name(self._entropy(WRITER_ENTROPY_BYTES))
        self._seq: Iterator[int] = itertools.count()
        self._open: dict[Draft, weakref.finalize[..., object]] = {}
        self._counting = threading.RLock()  # re-entered when a finaliser runs in the middle of counting
        self._faults = self._skipped = 0
        self._said_ns: int | None = None

    def begin(self, request: Request) -> Draft:
        """A call is issued now."""
        self._pricer.prepare(request)
        return Draft(
            request, started_ms=self._wall_ms(), started_ns=self.monotonic_ns(), generation=self._generation
        )

    def write(self, draft: Draft, ending: Ending, *, ended_ns: int | None = None) -> None:
        """The call ended, now unless told when. Only its first end counts, in the process that issued it."""
        if ended_ns is None:
            ended_ns = self.monotonic_ns()
        if draft.generation is not self._generation or not draft.claim():
            return
        self._hand_over(
            encode(
                draft,
                ending,
                record_id=ulid(draft.started_ms, self._entropy(ULID_ENTROPY_BYTES)),
                writer=self._writer,
                seq=next(self._seq),
                service=self.service,
                ended_ns=ended_ns,
                cost=self._cost(draft, ended_ns),
            )
        )
        if draft.wrong_usage is not None:
            self.fault("usage", draft.wrong_usage)

    def _cost(self, draft: Draft, ended_ns: int) -> Cost | None:
        try:
            return self._pricer.cost(draft, ended_ns)
        except Exception as fault:  # noqa: BLE001 (a fault in prices must not cost the record)
            self.fault("prices", fault)
            return UNPRICED if draft.usage else None

    def _hand_over(self, record: dict[str, object]) -> None:
        recordings = DEFAULT.recordings
        if not recordings:
            self._sink(record)
        for recording in recordings:
            recording.records.append(dict(record))

    def watch(self, owner: object, draft: Draft) -> None:
        """When `owner` is collected before its call has ended, the call was abandoned, or over unread."""
        finalizer = weakref.finalize(owner, self._abandon, draft)
        finalizer.atexit = False  # it would run after the last flush; `abandon_open` runs before it
        self._open[draft] = finalizer

    def unwatch(self, draft: Draft) -> None:
        """The owner's call has ended."""
        finalizer = self._open.pop(draft, None)
        if finalizer is not None:
            finalizer.detach()

    def abandon_open(self) -> None:
        """Write every stream that is still open, with its age: nobody will read it any more."""
        for draft, finalizer in self._open.copy().items():
            if finalizer.detach() is not None:  # calling it would do nothing once the interpreter is exiting
                self._abandon(draft)

    def _abandon(self, draft: Draft) -> None:
        try:
            self._open.pop(draft, None)
            ending = draft.ending
            if ending is None:
                self.write(draft, ABANDONED)
            else:
                self.write(draft, ending, ended_ns=draft.last_chunk_ns)
        except Exception as fault:  # noqa: BLE001 (a finaliser runs inside the application)
            self.fault("abandoned stream", fault)

    def skip(self) -> None:
        """An instrumented client was used in a way that is not recorded yet."""
        with self._counting:
            self._skipped += 1

    def fault(self, where: str, fault: Exception) -> None:
        """Count a fault of our own, and say so at most once a minute: never its text, which may hold content.

        Raises:
            Exception: `fault` itself, when a recording asks for it.
        """
        now_ns = self.monotonic_ns()
        with self._counting:
            self._faults += 1
            is_due = self._said_ns is None or now_ns - self._said_ns >= _SAY_EVERY_NS
            if is_due:
                self._said_ns = now_ns
        if is_due:
            warn(
                f"a fault while recording ({where}: {type(fault).__name__}), {self._faults} so far; "
                "the application is not affected"
            )
        if any(recording.raise_faults for recording in DEFAULT.recordings):
            raise fault

    def tally(self) -> Tally:
        """Counts since this process began."""
        return Tally(faults=self._faults, skipped=self._skipped)
