"""What was asked of CloudWatch and SNS, kept on disk, so that an engine can be built again from it.

Every operation that changes an alarm, a dashboard, a topic or a subscription is one row: when, where, what
was asked, and the ids it made; and so is every change of an alarm's state. Doing the rows over, each at its
own moment and with its own ids, gives the same state. Log groups and events are not here: the log store keeps
them.

A row is on disk before what it tells of is done, so that a disk which refuses it is never ahead of: nothing
was changed, and nobody told. What is refused after that (the alarm is not there) loses its row again.

What was published is told to subscribers later: what came of each delivery is a row of its own, so that
nobody is told a second time when the publication is done over.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from inferwatch.engine.database import in_plain_words
from inferwatch.model.errors import NotKept
from inferwatch.model.limits import MINUTE_MS, SECOND_MS

_LOGGER = logging.getLogger("inferwatch.engine")
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
_FORGET: Final = "delete from operations where number = ?"
_SETTLED: Final = "settled"
_TRIAL: Final = "x" * 2**16  # room for a large operation
_TRY_EVERY_MS: Final = 10 * SECOND_MS
SETTLE_AFTER: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation.

    Args:
        params: In AWS's casing, every timestamp int epoch ms.
        ids: The first ids it makes, in order; those beyond follow from the last of these.
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
    """Tables in a file; an entry is on disk when `record` returns.

    Attributes:
        trouble: Why the disk refused the last that was to be written; empty where it did not.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble = ""
        self._said_ms = 0
        self._next_trial_ms = 0
        self._unnoted: dict[tuple[str, str], Outcome] = {}
        self._unforgotten: list[int] = []
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

    def find(self, key: str) -> str | None:
        """The value kept under a key."""
        found = self._database.execute("select value from meta where key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    @contextmanager
    def keeping(self, entry: Entry) -> Iterator[None]:
        """What is done within is on disk before it begins; what fails there is forgotten.

        Raises:
            NotKept: The disk refuses; nothing within is done.
        """
        try:
            number = self.record(entry)
        except sqlite3.OperationalError as refused:
            raise NotKept(self._refused(refused, entry.at_ms)) from refused
        self._accepted(entry.at_ms)
        try:
            yield
        except BaseException:
            self._unforgotten.append(number)
            self._catch_up(entry.at_ms)
            raise

    def _refused(self, fault: sqlite3.Error, now_ms: int) -> str:
        """Say it: at once, and once a minute for as long as it lasts."""
        trouble = f"{self._path} cannot be written: {in_plain_words(fault)}"
        if trouble != self.trouble or not 0 <= now_ms - self._said_ms < MINUTE_MS:
            _LOGGER.error(
                "%s; what changes alarms, topics and dashboards is refused, and no alarm changes its state, "
                "until there is room",
                trouble,
            )
            self._said_ms = now_ms
        self.trouble = trouble
        self._next_trial_ms = now_ms + _TRY_EVERY_MS
        return trouble

    def _accepted(self, now_ms: int) -> None:
        if self.trouble:
            _LOGGER.warning("%s can be written again", self._path)
            self.trouble = ""
        self._catch_up(now_ms)

    def _catch_up(self, now_ms: int) -> None:
        """Write what the disk did not take when it was new; where it still does not, that waits."""
        try:
            while self._unforgotten:
                self._notes.execute(_FORGET, self._unforgotten[-1:])
                self._unforgotten.pop()
            while self._unnoted:
                key, outcome = next(iter(self._unnoted.items()))
                self._notes.execute(_NOTE, astuple(outcome))
                del self._unnoted[key]
        except sqlite3.OperationalError as refused:
            self._refused(refused, now_ms)

    def try_again(self, now_ms: int) -> None:
        """While the disk refuses, see every ten seconds whether it still does."""
        if not self.trouble or 0 <= self._next_trial_ms - now_ms <= _TRY_EVERY_MS:
            return
        try:
            self._notes.execute("insert or replace into meta values ('trial', ?)", (_TRIAL,))
            self._notes.execute("delete from meta where key = 'trial'")
        except sqlite3.OperationalError as refused:
            self._refused(refused, now_ms)
        else:
            self._accepted(now_ms)

    def record(self, entry: Entry) -> int:
        """Its number."""
        with self._database:
            cursor = self._database.execute(
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
        return int(cursor.lastrowid or 0)

    def entries(self) -> Iterator[Entry]:
        """In the order in which they were carried out."""
        (settled,) = self._database.execute("select value from meta where key = ?", (_SETTLED,)).fetchone()
        rows = self._database.execute(
            "select number, at_ms, region, service, name, params, ids from operations order by number"
        )
        for number, at_ms, region, service, name, params, ids in rows:
            is_settled = number <= int(settled)
            yield Entry(at_ms, region, service, name, json.loads(params), json.loads(ids), is_settled)

    def note(self, outcome: Outcome, now_ms: int) -> None:
        """Keep what came of a delivery, instead of what was kept of it before; as soon as it can be."""
        self._unnoted[outcome.message_id, outcome.subscription_arn] = outcome
        self._catch_up(now_ms)
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
        self._unnoted.clear()
        self._noted = 0

    def _last(self) -> int:
        """The number of the newest entry."""
        (number,) = self._database.execute(_LAST).fetchone()
        return int(number)

    def close(self) -> None:
        self._notes.close()
        self._database.close()
