"""What was asked of CloudWatch and SNS, kept on disk, so that an engine can be built again from it.

Every operation that changes an alarm, a dashboard, a topic or a subscription is one row: when, where, what
was asked, and the ids it made; and so is every change of an alarm's state. Doing the rows over, each at its
own moment and with its own ids, gives the same state. Log groups and events are not here: the log store keeps
them.

What was published is told to subscribers later: what came of each delivery is a row of its own, so that
nobody is told a second time when the publication is done over.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
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
_OUTCOMES: Final = """
create table if not exists outcomes (
    message_id text not null,
    subscription_arn text not null,
    status text not null,
    attempts integer not null,
    last_error text,
    due_ms integer not null,
    finished_ms integer,
    primary key (message_id, subscription_arn)
) strict, without rowid
"""
_NOTE: Final = "insert or replace into outcomes values (?, ?, ?, ?, ?, ?, ?)"
_LAST: Final = "select coalesce(max(number), 0) from operations"
_SETTLED: Final = "settled"
SETTLE_AFTER: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation that was carried out.

    Args:
        params: In AWS's casing, every timestamp int epoch ms.
        ids: The ids it made, in order.
        is_settled: What its deliveries came to is a row each, or they are over and forgotten.
    """

    at_ms: int
    region: str
    service: str
    name: str
    params: dict[str, Any]
    ids: list[str]
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of one delivery so far: as `Dispatch` has it."""

    message_id: str
    subscription_arn: str
    status: str
    attempts: int
    last_error: str | None
    due_ms: int
    finished_ms: int | None


class Journal:
    """Tables in a file; an entry is on disk when `record` returns."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.execute(_SCHEMA)
        self._database.execute(_META)
        self._database.execute(_OUTCOMES)
        # A journal of an earlier version holds no outcomes: what it tells of was sent by that version.
        self.keep(_SETTLED, str(self._last()))
        # Of a note, kill -9 takes nothing; a power cut may, and then one message is sent a second time.
        self._notes = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._notes.execute("pragma synchronous = normal")
        self._noted = 0

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
        (settled,) = self._database.execute("select value from meta where key = ?", (_SETTLED,)).fetchone()
        rows = self._database.execute(
            "select number, at_ms, region, service, name, params, ids from operations order by number"
        )
        for number, at_ms, region, service, name, params, ids in rows:
            is_settled = number <= int(settled)
            yield Entry(at_ms, region, service, name, json.loads(params), json.loads(ids), is_settled)

    def note(self, outcome: Outcome) -> None:
        """Keep what came of a delivery, instead of what was kept of it before."""
        self._notes.execute(_NOTE, astuple(outcome))
        self._noted += 1

    @property
    def is_to_be_settled(self) -> bool:
        """Has so much been noted that dropping what is over is worth the work?"""
        return self._noted >= SETTLE_AFTER

    def outcomes(self) -> dict[tuple[str, str], Outcome]:
        """By message id and subscription ARN."""
        rows = (Outcome(*row) for row in self._database.execute("select * from outcomes"))
        return {(outcome.message_id, outcome.subscription_arn): outcome for outcome in rows}

    def settle(self, outcomes: Iterable[Outcome], forgotten: str) -> None:
        """Keep these outcomes alone; every other delivery of the entries there are is over and forgotten.

        Args:
            forgotten: Operations of this name, which do nothing but send, go with their outcomes.
        """
        with self._database:
            self._database.execute("delete from outcomes")
            self._database.executemany(_NOTE, map(astuple, outcomes))
            self._database.execute(
                "delete from operations where name = ? and not exists ("
                "select 1 from outcomes where message_id = json_extract(operations.ids, '$[0]'))",
                (forgotten,),
            )
            # After that: the number of an entry that went may be given again.
            settled = str(self._last())
            self._database.execute("update meta set value = ? where key = ?", (settled, _SETTLED))
        self._noted = 0

    def _last(self) -> int:
        """The number of the newest entry."""
        (number,) = self._database.execute(_LAST).fetchone()
        return int(number)

    def close(self) -> None:
        self._notes.close()
        self._database.close()
