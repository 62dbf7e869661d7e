"""How a query gets its rows: one protocol, and the plain way, which reads events here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from inferwatch.engine.insights import Context, Interpreter, Query, shown
from inferwatch.engine.insights.commands import Columns
from inferwatch.engine.insights.interpret import Shown
from inferwatch.engine.insights.values import Row
from inferwatch.engine.queries.events import pointer_to
from inferwatch.engine.queries.scope import Scan

# A slice holds the engine for some milliseconds.
_SLICE_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Statistics:
    matched: int = 0
    scanned: int = 0
    size_bytes: int = 0
    skipped: int = 0


def shown_row(columns: Columns, row: Row) -> Shown:
    """A row as it is shown, with its pointer unless it is of a group."""
    cells = shown(columns, row)
    pointer = None if columns.is_grouped else pointer_to(row)
    return cells if pointer is None else [*cells, ("@ptr", pointer)]


class Evaluation(Protocol):
    """A query being evaluated, a little at each step."""

    @property
    def is_started(self) -> bool: ...

    @property
    def is_done(self) -> bool: ...

    @property
    def works_elsewhere(self) -> bool:
        """Is there nothing to do here but to wait?"""
        ...

    @property
    def statistics(self) -> Statistics: ...

    def step(self) -> None: ...

    def rows(self) -> list[Shown]:
        """The result so far."""
        ...

    def stop(self) -> None: ...


class Slices:
    """Reads its events slice by slice, and interprets them.

    Differs: a query that needs no further event for its rows ends there, and counts none of those left.
    """

    works_elsewhere = False

    def __init__(self, query: Query, scan: Scan, context: Context, most: int) -> None:
        self.is_started = False
        self._columns = query.columns
        self._scan = scan
        self._interpreter = Interpreter(query, context, most)

    @property
    def is_done(self) -> bool:
        return self.is_started and (self._scan.at_end or self._interpreter.is_full)

    @property
    def statistics(self) -> Statistics:
        interpreter, scan = self._interpreter, self._scan
        return Statistics(interpreter.matched, scan.records, scan.size_bytes, interpreter.skipped)

    def step(self) -> None:
        self.is_started = True
        self._interpreter.add(self._scan.next(_SLICE_EVENTS))

    def rows(self) -> list[Shown]:
        return [shown_row(self._columns, row) for row in self._interpreter.rows()]

    def stop(self) -> None:
        """Nothing goes on between steps."""
