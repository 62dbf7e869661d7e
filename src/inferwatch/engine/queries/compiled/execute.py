"""A query over columns: one statement, or, where SQL does not say it all, filters and the interpreter."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import duckdb

from inferwatch.engine.insights import Context, Interpreter, Query
from inferwatch.engine.insights.commands.filter import Filter
from inferwatch.engine.insights.commands.limit import Limit
from inferwatch.engine.insights.commands.stats import Stats
from inferwatch.engine.insights.interpret import Shown
from inferwatch.engine.insights.nodes import Call, Item, Star
from inferwatch.engine.insights.values import Row, Timestamp, Value, finite, text
from inferwatch.engine.queries.compiled.facets import FINITE, MACROS, Kind, NotCompiled, quoted
from inferwatch.engine.queries.compiled.leading import Leading
from inferwatch.engine.queries.compiled.plan import KEY, Statement
from inferwatch.engine.queries.compiled.sources import Table, classes_of
from inferwatch.engine.queries.compiled.statement import names_in, split, statement
from inferwatch.engine.queries.evaluation import shown_row
from inferwatch.engine.queries.events import Origin, encode_pointer, row_of
from inferwatch.engine.store.frame import Event
from inferwatch.lang.source import Span

_LOGGER = logging.getLogger("inferwatch.queries")
_FETCHED = 2_000
_NOWHERE = Span(0, 0)

Key: TypeAlias = tuple[int, int, int]
Keyed: TypeAlias = tuple[Key, Shown]
Result: TypeAlias = "tuple[list[Shown], int, int]"
"""Rows; how many the leading commands let through; how many groups' rows found no room."""


def connect(**settings: Any) -> duckdb.DuckDBPyConnection:
    """A database that holds nothing and knows our macros."""
    safe = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    database = duckdb.connect(config={**safe, **settings})
    database.execute(FINITE)
    database.execute(MACROS)
    return database


class Execution:
    """One run of a query.

    Args:
        streams: Names by id.
    """

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        query: Query,
        tables: Sequence[Table],
        streams: dict[int, str],
        context: Context,
        most: int,
    ) -> None:
        self._database = database
        self._query = query
        self._tables = sorted(tables, key=lambda table: -table.last_ms)
        self._streams = streams
        self._context = context
        self._most = most

    def scanned(self) -> int:
        """How many events there are to be looked at."""
        total = 0
        for source in classes_of(self._tables, ()):
            ((found,),) = self._ask(f"select count(*) from {source.relation}")
            total += found
        return total

    def run(self) -> Result:
        """The same rows as the interpreter's.

        Raises:
            duckdb.Error: A table is not there, or not as it was written.
        """
        if self._tables:
            try:
                return self._compiled()
            except (NotCompiled, duckdb.Error) as why:
                _LOGGER.debug("the interpreter runs %s: %s", self._query.text, why)
        return self.interpreted()

    def _compiled(self) -> Result:
        _, rest = split(self._query)
        if not self._query.columns.is_grouped and all(isinstance(command, Limit) for command in rest):
            return self._newest_first(
                min([self._most, *(each.rows for each in rest if isinstance(each, Limit))])
            )
        if self._query.columns.is_grouped:
            return self._grouped()
        plan = statement(self._query, self._tables, self._context, self._most)
        rows = [row for _, row in self._rows(plan)]
        return rows, self._matched(), 0

    def _newest_first(self, most: int) -> Result:
        """Newer tables first, twice as many each time, until no older one can have a newer row."""
        found: list[Keyed] = []
        first, size = 0, 1
        while first < len(self._tables):
            plan = statement(self._query, self._tables[first : first + size], self._context, most)
            found = sorted([*found, *self._rows(plan)], key=lambda pair: pair[0], reverse=True)[:most]
            first, size = first + size, 2 * size
            is_full = len(found) == most
            if is_full and first < len(self._tables) and found[-1][0][0] > self._tables[first].last_ms:
                return [row for _, row in found], len(found), 0
        is_all = len(found) < most
        return [row for _, row in found], len(found) if is_all else self._matched(), 0

    def _grouped(self) -> Result:
        """Each row says how many there were, too; where no row is left they are counted."""
        plan = statement(self._query, self._tables, self._context, self._most)
        found = self._ask(plan.sql)
        return [_shown(plan, values) for values in found], int(found[0][-1]) if found else self._matched(), 0

    def _matched(self) -> int:
        """How many rows the leading commands let through."""
        leading, _ = split(self._query)
        if not any(isinstance(command, Filter) for command in leading):
            return self.scanned()
        count = Item(Call("count", (Star(_NOWHERE),), _NOWHERE), "n")
        counting = replace(self._query, commands=(*leading, Stats((count,), (), _NOWHERE)))
        plan = statement(counting, self._tables, self._context, 1)
        ((found, *_),) = self._ask(plan.sql)
        return int(found)

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._database.execute(sql).fetchall()

    def _rows(self, plan: Statement) -> Iterator[Keyed]:
        for values in self._ask(plan.sql):
            at_ms, sequence, stream_id = values[-len(KEY) :]
            pointer = encode_pointer(stream_id, (at_ms, sequence))
            yield (at_ms, sequence, stream_id), [*_shown(plan, values), ("@ptr", pointer)]

    def interpreted(self) -> Result:
        """As much as leading filters can say in SQL, and the whole query over what they let through."""
        query = self._query
        interpreter = Interpreter(query, self._context, self._most)
        if self._tables:
            cursor = self._database.execute(self._filtered())
            # From version 2 on DuckDB wants to hear that the rest of an answer is not wanted.
            abort: Callable[[], None] = getattr(cursor, "abort", lambda: None)
            while (events := cursor.fetchmany(_FETCHED)) and not interpreter.is_full:
                interpreter.add(map(self._row, events))
            abort()
        rows = [shown_row(query.columns, row) for row in interpreter.rows()]
        return rows, interpreter.matched, interpreter.skipped

    def _row(self, values: tuple[Any, ...]) -> Row:
        *event, log = values
        made = Event(*event)
        return row_of(made, Origin("", log, self._streams[made.stream_id], 0))

    def _filtered(self) -> str:
        """Events that may pass the leading filters, as far as these compile; newest first, unless they are
        counted only."""
        leading, rest = split(self._query)
        parts = []
        for source in classes_of(self._tables, sorted(names_in(leading))):
            part = Leading(source, self._context)
            with contextlib.suppress(NotCompiled):
                for command in leading:
                    part.apply(command)
            columns = (
                f'"@timestamp", "@sequence", "@ingestionTime", "@streamId", "@message", {quoted(source.log)}'
            )
            parts.append(f"select {columns} from {part.relation}{part.where}")
        order = "" if rest and isinstance(rest[0], Stats) else " order by 1 desc, 2 desc"
        return " union all ".join(parts) + order


def _shown(plan: Statement, values: Sequence[Any]) -> Shown:
    cells = []
    for (name, kind), value in zip(plan.kinds, values, strict=False):
        found = text(_value(kind, value))
        if found is not None:
            cells.append((name, found))
    return cells


def _value(kind: Kind, value: Any) -> Value:
    if value is None or kind is Kind.NOTHING:
        return None
    if kind is Kind.MOMENT:
        return Timestamp(value)
    if kind is Kind.INTEGER:
        return int(value)
    return finite(value) if kind is Kind.NUMBER else str(value)
