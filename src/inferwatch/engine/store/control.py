"""The control state of logs: which groups, streams and metric filters there are, in SQLite.

Ids are never used twice: a stream that is gone from here takes its events with it, wherever they still lie.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inferwatch.engine.database import in_plain_words, prepare, transaction
from inferwatch.model.errors import AwsError, UsageError

FILE: Final = "control.db"
_VERSION: Final = 1
_TABLES: Final = """
    CREATE TABLE log_groups (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL,
        retention_days INTEGER, tags TEXT NOT NULL, is_protected INTEGER NOT NULL);
    CREATE TABLE log_streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL, UNIQUE (group_id, name));
    CREATE TABLE metric_filters (
        group_id INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE, name TEXT NOT NULL,
        pattern TEXT NOT NULL, transformation TEXT NOT NULL, created_ms INTEGER NOT NULL,
        PRIMARY KEY (group_id, name));
    CREATE TABLE sealed_files (
        name TEXT PRIMARY KEY, segment INTEGER NOT NULL, group_id INTEGER NOT NULL, catalogue TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: int
    name: str
    created_ms: int
    retention_days: int | None
    tags: dict[str, str]
    is_protected: bool


@dataclass(frozen=True, slots=True)
class StreamRow:
    id: int
    group_id: int
    name: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A metric filter's definition; `transformation` is whatever its owner can write as JSON."""

    group: str
    name: str
    pattern: str
    transformation: Mapping[str, Any]
    created_ms: int


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed file that counts: one without a row here was never finished."""

    name: str
    segment: int
    group_id: int
    catalogue: str


class Control:
    """Every write is one transaction, on disk when the call returns.

    Raises:
        UsageError: The file is damaged, or of a newer version.
    """

    def __init__(self, path: Path | None) -> None:
        self._where = str(path) if path is not None else "memory"
        # Whoever uses the engine, one at a time, may do so from any thread.
        self._database = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            prepare(self._database, self._where, _VERSION, _TABLES)
            self._database.execute("PRAGMA foreign_keys = ON")
        except sqlite3.OperationalError as refused:
            self._database.close()
            raise UsageError(f"{self._where} cannot be opened: {in_plain_words(refused)}") from None
        except sqlite3.DatabaseError as damaged:
            self._database.close()
            raise UsageError(
                f"{self._where} cannot be read ({damaged}): without it the events beside it have no names; "
                "restore it from a copy, or give inferwatch another folder"
            ) from None

    def _write(self, statement: str, *values: object) -> int:
        return self._write_all([(statement, values)])

    def _write_all(self, statements: Sequence[tuple[str, Sequence[object]]]) -> int:
        """One transaction; the id of the last row that was inserted.

        Raises:
            AwsError: ServiceUnavailableException, where the disk refuses.
        """
        row_id = 0
        try:
            with transaction(self._database):
                for statement, values in statements:
                    row_id = self._database.execute(statement, values).lastrowid or 0
        except sqlite3.OperationalError as refused:
            raise AwsError(
                "ServiceUnavailableException",
                f"inferwatch cannot write {self._where}: {in_plain_words(refused)}",
                status=500,
            ) from refused
        return row_id

    def groups(self) -> list[GroupRow]:
        rows = self._database.execute(
            "SELECT id, name, created_ms, retention_days, tags, is_protected FROM log_groups"
        )
        return [
            GroupRow(group_id, name, created_ms, days, json.loads(tags), bool(is_protected))
            for group_id, name, created_ms, days, tags, is_protected in rows
        ]

    def streams(self) -> list[StreamRow]:
        rows = self._database.execute("SELECT id, group_id, name, created_ms FROM log_streams ORDER BY id")
        return [StreamRow(*row) for row in rows]

    def add_group(
        self, name: str, created_ms: int, tags: Mapping[str, str], is_protected: bool = False
    ) -> int:
        return self._write(
            "INSERT INTO log_groups (name, created_ms, tags, is_protected) VALUES (?, ?, ?, ?)",
            name, created_ms, json.dumps(dict(tags)), is_protected,
        )  # fmt: skip

    def remove_group(self, group_id: int) -> None:
        """Its streams and metric filters go with it."""
        self._write("DELETE FROM log_groups WHERE id = ?", group_id)

    def set_retention(self, group_id: int, days: int | None) -> None:
        self._write("UPDATE log_groups SET retention_days = ? WHERE id = ?", days, group_id)

    def set_protection(self, group_id: int, is_protected: bool) -> None:
        self._write("UPDATE log_groups SET is_protected = ? WHERE id = ?", is_protected, group_id)

    def set_tags(self, group_id: int, tags: Mapping[str, str]) -> None:
        self._write("UPDATE log_groups SET tags = ? WHERE id = ?", json.dumps(dict(tags)), group_id)

    def add_stream(self, group_id: int, name: str, created_ms: int) -> int:
        return self._write(
            "INSERT INTO log_streams (group_id, name, created_ms) VALUES (?, ?, ?)",
            group_id,
            name,
            created_ms,
        )

    def remove_stream(self, stream_id: int) -> None:
        self._write("DELETE FROM log_streams WHERE id = ?", stream_id)

    def filters(self) -> list[FilterRow]:
        rows = self._database.execute(
            "SELECT log_groups.name, metric_filters.name, pattern, transformation, metric_filters.created_ms "
            "FROM metric_filters JOIN log_groups ON log_groups.id = group_id ORDER BY 1, 2"
        )
        return [
            FilterRow(group, name, pattern, json.loads(transformation), created_ms)
            for group, name, pattern, transformation, created_ms in rows
        ]

    def save_filter(self, row: FilterRow) -> None:
        """Write a filter of an existing group, in place of the one of that name."""
        self._write(
            "INSERT OR REPLACE INTO metric_filters "
            "SELECT id, ?, ?, ?, ? FROM log_groups WHERE log_groups.name = ?",
            row.name, row.pattern, json.dumps(dict(row.transformation)), row.created_ms, row.group,
        )  # fmt: skip

    def remove_filter(self, group: str, name: str) -> None:
        self._write(
            "DELETE FROM metric_filters WHERE name = ? "
            "AND group_id = (SELECT id FROM log_groups WHERE log_groups.name = ?)",
            name, group,
        )  # fmt: skip

    def sealed(self) -> list[SealedRow]:
        rows = self._database.execute(
            "SELECT name, segment, group_id, catalogue FROM sealed_files ORDER BY segment, group_id"
        )
        return [SealedRow(*row) for row in rows]

    def add_sealed(self, rows: Sequence[SealedRow]) -> None:
        """From here on these files hold their segment's events."""
        statement = "INSERT INTO sealed_files (name, segment, group_id, catalogue) VALUES (?, ?, ?, ?)"
        self._write_all([(statement, (row.name, row.segment, row.group_id, row.catalogue)) for row in rows])

    def remove_sealed(self, name: str) -> None:
        self._write("DELETE FROM sealed_files WHERE name = ?", name)

    def close(self) -> None:
        self._database.close()
