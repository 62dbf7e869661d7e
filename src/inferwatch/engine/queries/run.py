"""One query on its way: Scheduled → Running → Complete, Failed, Cancelled or Timeout."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum

from inferwatch.engine.insights import Context, Interpreter, Query, shown
from inferwatch.engine.insights.interpret import Shown
from inferwatch.engine.queries.events import pointer_to
from inferwatch.engine.queries.scope import Scan
from inferwatch.model.limits import QUERY_MAX_MS

_LOGGER = logging.getLogger("inferwatch.queries")
# A slice holds the engine for some milliseconds.
SLICE_EVENTS = 500


class Status(Enum):
    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"

    @property
    def is_ended(self) -> bool:
        return self not in (Status.SCHEDULED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Statistics:
    matched: int
    scanned: int
    size_bytes: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What StartQuery was told; the bounds are seconds, both inclusive."""

    text: str
    groups: tuple[str, ...]
    start_s: int
    end_s: int

    @property
    def described(self) -> str:
        """As DescribeQueries writes it. Source: recorded, 2026-02.

        Differs: how AWS writes several log groups is not known; here one after the other.
        """
        groups = " ".join(f'"{group}"' for group in self.groups)
        return f"SOURCE {groups} START={self.start_s}000 END={self.end_s}999 | {self.text}"


class Run:
    """A query that reads its events slice by slice, whenever somebody calls `step`.

    Args:
        most: Rows of the result.

    Differs: a query that needs no further event for its rows ends there, and counts none of those left.
    """

    def __init__(
        self, id: str, asked: Asked, query: Query, scan: Scan, context: Context, most: int, now_ms: int
    ) -> None:
        self.id = id
        self.asked = asked
        self.created_ms = now_ms
        self.ended_ms: int | None = None
        self.status = Status.SCHEDULED
        self._query = query
        self._scan = scan
        self._interpreter: Interpreter | None = Interpreter(query, context, most)
        self._rows: list[Shown] = []
        self._statistics = Statistics(0, 0, 0, 0)

    def step(self, now_ms: int) -> None:
        """Read the next slice; nothing, where the query has ended."""
        interpreter = self._interpreter
        if interpreter is None:
            return
        if now_ms - self.created_ms > QUERY_MAX_MS:
            self.end(Status.TIMEOUT, now_ms)
            return
        self.status = Status.RUNNING
        try:
            interpreter.add(self._scan.next(SLICE_EVENTS))
            if self._scan.at_end or interpreter.is_full:
                self.end(Status.COMPLETE, now_ms)
        except Exception:
            _LOGGER.exception("the query %s failed: %s", self.id, self.asked.text)
            self._interpreter = None
            self.status, self.ended_ms = Status.FAILED, now_ms

    def end(self, status: Status, now_ms: int) -> None:
        """Keep what there is, and read no further."""
        self._rows, self._statistics = self.rows(), self.statistics
        self._interpreter = None
        self.status, self.ended_ms = status, now_ms

    def rows(self) -> list[Shown]:
        """The result, of the events that were read so far."""
        interpreter = self._interpreter
        if interpreter is None:
            return self._rows
        columns = self._query.columns
        found = []
        for row in interpreter.rows():
            cells = shown(columns, row)
            pointer = None if columns.is_grouped else pointer_to(row)
            found.append(cells if pointer is None else [*cells, ("@ptr", pointer)])
        return found

    @property
    def statistics(self) -> Statistics:
        if self._interpreter is None:
            return self._statistics
        return Statistics(
            self._interpreter.matched, self._scan.records, self._scan.size_bytes, self._interpreter.skipped
        )
