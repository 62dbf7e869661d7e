"""What was asked of CloudWatch and SNS, kept on disk, so that an engine can be built again from it.

Every operation that changes an alarm, a dashboard, a topic or a subscription is one row: when, where, what
was asked, and the ids it made; and so is every change of an alarm's state. Doing the rows over, each at its
own moment and with its own ids, gives the same state. Log groups and events are not here: the log store keeps
them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_META: Final = "create table if not exists meta (key text primary key, value text not null) strict"
_SCHEMA: Final = """
create table if not exists operations (
    number integer primary key,
    at_ms integer not null,
    region text not null,
    service text not null,
    name text not null,
    params text not null,
    ids text not null
) strict
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation that was carried out.

    Args:
        params: In AWS's casing, every timestamp int epoch ms.
        ids: The ids it made, in order.
    """

    at_ms: int
    region: str
    service: str
    name: str
    params: dict[str, Any]
    ids: list[str]


class Journal:
    """An append-only table in a file; a row is on disk when `record` returns."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.execute(_SCHEMA)
        self._database.execute(_META)

    def keep(self, key: str, value: str) -> str:
        """The value kept under a key; the given one, and kept from now on, where there was none."""
        with self._database:
            self._database.execute("insert or ignore into meta values (?, ?)", (key, value))
        (kept,) = self._database.execute("select value from meta where key = ?", (key,)).fetchone()
        return str(kept)

    def record(self, entry: Entry) -> None:
        with self._database:
            self._database.execute(
                "insert into operations (at_ms, region, service, name, params, ids) "
                "values (?, ?, ?, ?, ?, ?)",
                (
                    entry.at_ms,
                    entry.region,
                    entry.service,
                    entry.name,
                    json.dumps(entry.params),
                    json.dumps(entry.ids),
                ),
            )

    def entries(self) -> Iterator[Entry]:
        """In the order in which they were carried out."""
        rows = self._database.execute(
            "select at_ms, region, service, name, params, ids from operations order by number"
        )
        for at_ms, region, service, name, params, ids in rows:
            yield Entry(at_ms, region, service, name, json.loads(params), json.loads(ids))

    def close(self) -> None:
        self._database.close()
