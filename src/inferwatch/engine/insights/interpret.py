"""A query over rows: the leading commands one row at a time, the others over what these let through.

The rows may come in pieces, and the result be looked at between them: it is then that of the rows so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, takewhile

from inferwatch.engine.insights.commands import Columns, Command, Step
from inferwatch.engine.insights.commands.dedup import Dedup
from inferwatch.engine.insights.commands.display import Display
from inferwatch.engine.insights.commands.fields import Fields
from inferwatch.engine.insights.commands.limit import Limit
from inferwatch.engine.insights.commands.sort import Sort
from inferwatch.engine.insights.commands.stats import Groups, Stats
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.parser import Query
from inferwatch.engine.insights.values import Row, lookup, text

Shown = list[tuple[str, str]]
"""One row of a result: (column, text) of each field that it has."""
# Rows are thinned out once there are so many times more than can be shown.
_THIN_AT = 3


class Interpreter:
    """One run of a query.

    Args:
        most: Rows of the result.

    Attributes:
        matched: How many rows the leading commands have let through.
    """

    def __init__(self, query: Query, context: Context, most: int) -> None:
        self.matched = 0
        self._most = most
        leading = list(takewhile(lambda command: not command.waits, query.commands))
        rest = query.commands[len(leading) :]
        self._leading = [command.bind(context) for command in leading]
        self._groups: Groups | None = None
        if rest and isinstance(rest[0], Stats):
            self._groups = Groups(rest[0], context)
            rest = rest[1:]
        self._rest = [command.bind(context) for command in rest]
        self._kept: list[Row] = []
        thinning = _thinning(rest)
        self._thin = [command.bind(context) for command in thinning]
        self._needs_all = any(isinstance(command, Sort) for command in rest) or self._groups is not None
        self._keeps = min([most, *(command.rows for command in thinning if isinstance(command, Limit))])
        self._can_thin = any(isinstance(command, Limit) for command in thinning) or all(
            isinstance(command, Fields | Display) for command in rest[len(thinning) :]
        )

    @property
    def is_full(self) -> bool:
        """Can no further row change the result?"""
        return not self._needs_all and self._can_thin and self._count_thinned() >= self._keeps

    def _count_thinned(self) -> int:
        if len(self._kept) < self._keeps:
            return 0
        return len(list(islice(_through(self._thin, self._kept), self._keeps)))

    @property
    def skipped(self) -> int:
        """Rows that could not be counted."""
        return 0 if self._groups is None else self._groups.skipped

    def add(self, rows: Iterable[Row]) -> None:
        """Further rows, older than those before."""
        passed = list(_through(self._leading, rows))
        self.matched += len(passed)
        if self._groups is not None:
            self._groups.add(passed)
            return
        self._kept += passed
        if self._can_thin and len(self._kept) > _THIN_AT * max(self._keeps, 1_000):
            self._kept = list(islice(_through(self._thin, self._kept), self._keeps))

    def rows(self) -> list[Row]:
        """The result of the rows so far."""
        held = self._groups.rows() if self._groups is not None else map(dict, self._kept)
        return list(islice(_through(self._rest, held), self._most))


def _thinning(commands: Sequence[Command]) -> list[Command]:
    """What may be done to some of the rows, and to all that is then left again, with the same result."""
    found: list[Command] = []
    for command in commands:
        if (
            isinstance(command, Sort) and not any(isinstance(each, Sort | Dedup) for each in found)
        ) or isinstance(command, Dedup):
            found.append(command)
        elif isinstance(command, Limit):
            return [*found, command]
        else:
            break
    return found


def _through(steps: Sequence[Step], rows: Iterable[Row]) -> Iterable[Row]:
    for step in steps:
        rows = step(rows)
    return rows


def shown(columns: Columns, row: Row) -> Shown:
    """The columns of a row that have a text, in their order."""
    return [(name, found) for name in columns.names if (found := text(lookup(row, name))) is not None]
