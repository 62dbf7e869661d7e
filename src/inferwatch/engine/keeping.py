"""Metrics that outlive the process: written ahead in the log store, and checkpointed now and then.

- What a request adds is one record in the log store, durable as log events are, by the same sync. What is
  made of log events goes ahead of them in the same write: after a crash both are there, or neither.
- A checkpoint holds all summaries as they were at one moment, and the log store's next sequence then.
- At the start the checkpoint is loaded, and the records from that sequence on are added again, in order.
  Nothing is measured twice, so it does not matter which filters, policies and groups there are now.
- A record that no checkpoint holds is neither swept nor sealed away.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import DecodeError

from inferwatch.engine.metrics.addition import Addition, add_all, decode, encode
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.metrics.store import Change, MetricStore
from inferwatch.engine.store.store import Store
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import SECOND_MS

_LOGGER = logging.getLogger("inferwatch.engine")
_EVERY_MS: Final = 30 * SECOND_MS
_RECORDS_MAX_CHARS: Final = 16 * 2**20  # records of this size are not left to be added again


@dataclass(frozen=True, slots=True)
class _Moment:
    """A checkpoint that is not on disk yet.

    Args:
        appended: What the log store had appended then.
    """

    changes: list[Change]
    position: int
    appended: int


class Keeping:
    """Keeps one region's metrics; `metrics` is filled from what was kept.

    One thread at a time may use it, but for `save`, which any thread may call while others go on.

    Raises:
        UsageError: The checkpoint is damaged.
    """

    def __init__(self, metrics: MetricStore, store: Store, checkpoint: Checkpoint, now_ms: int) -> None:
        self._metrics = metrics
        self._store = store
        self._checkpoint = checkpoint
        self._lock = threading.Lock()
        self._written_chars = 0
        self._next_ms = now_ms + _EVERY_MS
        self._trouble = ""
        self._waiting: _Moment | None = None
        self.is_due = False
        checkpoint.load(metrics)
        store.keep_added(checkpoint.position)
        self._check_position()
        for sequence, text in store.added(checkpoint.position):
            add_all(self._read(sequence, text), metrics)

    def _check_position(self) -> None:
        """Say it where the log store is older than the checkpoint, and give no sequence twice."""
        position, end = self._checkpoint.position, self._store.next_sequence
        if position > end:
            _LOGGER.error(
                "the log store ends at event %d, its metrics were saved at event %d: an older copy was put "
                "back, or files are gone; what was measured of the events between counts still",
                end - 1,
                position - 1,
            )
            self._store.skip_to(position)

    def _read(self, sequence: int, text: str) -> list[Addition]:
        try:
            return decode(text)
        except DecodeError as fault:
            _LOGGER.error("record %d of what was added to metrics is left out: %s", sequence, fault)
            return []

    def add(self, additions: Sequence[Addition], now_ms: int) -> None:
        """Keep what was put by itself.

        Raises:
            AwsError: InternalServiceFault, where the disk refuses; nothing was kept.
        """
        try:
            self._store.append_added(self.record(additions), now_ms)
        except AwsError as refused:
            raise AwsError("InternalServiceFault", refused.message, status=500) from refused

    def record(self, additions: Sequence[Addition]) -> str:
        """What `LogStream.append` takes as `ahead`."""
        text = encode(additions)
        self._written_chars += len(text)
        return text

    def run_due(self, now_ms: int) -> None:
        """Begin a checkpoint, or try again to save one, when it is time; `is_due` says that `save` is to be
        called."""
        is_large = self._written_chars >= _RECORDS_MAX_CHARS and self._waiting is None
        if now_ms < self._next_ms and not is_large:
            return
        self._next_ms = now_ms + _EVERY_MS
        if self._waiting is None and self._metrics.has_changes:
            self._take()
        self.is_due = self._waiting is not None

    def _take(self) -> None:
        store = self._store
        self._waiting = _Moment(self._metrics.take_changes(), store.next_sequence, store.appended)
        self._written_chars = 0

    def save(self) -> None:
        """Put a checkpoint that was begun on disk; the records it holds are not needed from then on.

        It counts nothing that a crash could still take from the log store: that has to be synced before.
        Where the disk refuses, that is said once, and it is tried again after a while.
        """
        with self._lock:
            self.is_due = False
            moment = self._waiting
            if moment is None or self._store.synced < moment.appended:
                return
            try:
                self._checkpoint.save(moment.changes, moment.position)
            except OSError as refused:
                self._say(f"metrics are not saved, and stay in the log store until they are: {refused}")
                return
            self._say("")
            self._store.keep_added(moment.position)
            self._waiting = None

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _LOGGER.error("%s", trouble)
        self._trouble = trouble

    def close(self) -> None:
        """Save what changed, and let go of the file. Raises OSError, where the log store cannot be synced."""
        try:
            self._store.sync()
            self.save()
            if self._waiting is None and self._metrics.has_changes:
                self._take()
                self.save()
        finally:
            self._checkpoint.close()
