"""The summaries of one region on disk, as they were at one moment, in SQLite.

What was added after that moment is in the log store, from `position` on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from inferwatch.engine.database import in_plain_words, prepare, transaction
from inferwatch.engine.metrics.block import Block, pack_one, unpack_one
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.store import Change, Metric, MetricStore
from inferwatch.engine.metrics.summaries import Gone, Saved
from inferwatch.model.errors import UsageError

FILE: Final = "metrics.db"
_VERSION: Final = 1
_TABLES: Final = """
    CREATE TABLE position (sequence INTEGER NOT NULL);
    INSERT INTO position VALUES (0);
    CREATE TABLE series (id INTEGER PRIMARY KEY, metric TEXT NOT NULL UNIQUE, newest_ms INTEGER NOT NULL);
    CREATE TABLE summaries (
        series_id INTEGER NOT NULL, unit TEXT NOT NULL, step_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL,
        is_open INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (series_id, unit, step_ms, start_ms, is_open));
"""


class Checkpoint:
    """One file. One thread at a time may use it, any thread.

    Attributes:
        position: The sequence from which on the log store's additions are not in it.

    Raises:
        UsageError: The file is damaged, cannot be opened, or is of a newer version.
    """

    def __init__(self, path: Path | None) -> None:
        self._where = str(path) if path is not None else "memory"
        try:
            self._database = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as refused:
            raise UsageError(f"{self._where} cannot be opened: {refused}") from None
        try:
            prepare(self._database, self._where, _VERSION, _TABLES)
            (self.position,) = self._database.execute("SELECT sequence FROM position").fetchone()
        except (sqlite3.DatabaseError, TypeError) as fault:
            self._database.close()
            raise self._damaged(fault) from None

    def _damaged(self, fault: Exception) -> UsageError:
        return UsageError(
            f"{self._where} is damaged ({fault}): put back a copy, or delete it to begin again without the "
            "metrics it holds; log events and alarms are not in it"
        )

    def load(self, store: MetricStore) -> None:
        """Put everything into an empty store.

        Raises:
            UsageError: Something in the file is damaged.
        """
        try:
            self._load(store)
        except (sqlite3.DatabaseError, KeyError, TypeError, ValueError) as fault:
            raise self._damaged(fault) from None

    def _load(self, store: MetricStore) -> None:
        series = {
            series_id: (_read_metric(text), newest_ms)
            for series_id, text, newest_ms in self._database.execute("SELECT * FROM series ORDER BY id")
        }
        rows = self._database.execute("SELECT * FROM summaries ORDER BY series_id")
        for series_id, found in groupby(rows, itemgetter(0)):
            summaries = (
                Saved(unit, step_ms, start_ms, unpack_one(data) if is_open else Block.from_bytes(data))
                for _, unit, step_ms, start_ms, is_open, data in found
            )
            store.load(*series[series_id], summaries)

    def save(self, changes: Iterable[Change], position: int) -> None:
        """Bring the file to another moment, in one transaction, on disk when this returns.

        Raises:
            OSError: The disk refuses; the file stays as it was.
        """
        try:
            with transaction(self._database):
                for change in changes:
                    self._save(change)
                self._database.execute("UPDATE position SET sequence = ?", (position,))
        except sqlite3.Error as refused:
            raise OSError(f"{self._where} cannot be written: {in_plain_words(refused)}") from refused
        self.position = position

    def _save(self, change: Change) -> None:
        metric = change.metric
        text = json.dumps([metric.namespace, metric.name, metric.dimensions])
        (series_id,) = self._database.execute(
            "INSERT INTO series (metric, newest_ms) VALUES (?, ?) "
            "ON CONFLICT (metric) DO UPDATE SET newest_ms = excluded.newest_ms RETURNING id",
            (text, change.newest_ms or 0),
        ).fetchone()
        for item in change.summaries:
            if isinstance(item, Gone):
                self._database.execute(
                    "DELETE FROM summaries WHERE series_id = ? AND unit = ? AND step_ms = ? AND is_open = ? "
                    "AND start_ms BETWEEN ? AND ?",
                    (series_id, item.unit, item.step_ms, item.is_open, item.first_ms, item.last_ms),
                )
            else:
                self._database.execute(
                    "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?)",
                    (series_id, item.unit, item.step_ms, item.start_ms, item.is_open, _pack(item)),
                )
        if change.newest_ms is None:
            self._database.execute("DELETE FROM series WHERE id = ?", (series_id,))

    def close(self) -> None:
        self._database.close()


def _read_metric(text: str) -> Metric:
    namespace, name, dimensions = json.loads(text)
    return Metric(namespace, name, tuple((key, value) for key, value in dimensions))


def _pack(saved: Saved) -> bytes:
    match saved.data:
        case Histogram():
            return pack_one(saved.start_ms, saved.data)
        case Block():
            return saved.data.to_bytes()
