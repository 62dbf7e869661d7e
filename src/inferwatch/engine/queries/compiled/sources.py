"""Tables of events with the kinds of their columns, in classes that a query cannot tell apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from inferwatch.engine.queries.compiled.facets import NOTHING, Facet, Kind, NotCompiled, name, quoted
from inferwatch.engine.store.columns import REST, physical

_OWN = {
    "@timestamp": Facet(Kind.MOMENT, '"@timestamp"'),
    "@ingestionTime": Facet(Kind.MOMENT, '"@ingestionTime"'),
    "@message": Facet(Kind.ANY, None, '"@message"'),
    "@logStream": Facet(Kind.ANY, None, '"@logStream"'),
    "@sequence": Facet(Kind.INTEGER, '"@sequence"'),
    "@streamId": Facet(Kind.INTEGER, '"@streamId"'),
}


@dataclass(frozen=True, slots=True)
class Table:
    """Events of one log group, as columns.

    Args:
        relation: A Parquet file's path, or the name of a table that is in memory.
        kinds: Path → kind, as `store.columns` has it.
        start_ms: No event before this is seen.
        hidden: Streams that are there no more.
        last_ms: No event is newer.
    """

    relation: str
    is_file: bool
    kinds: Mapping[str, str]
    log: str
    start_ms: int
    end_ms: int
    hidden: tuple[int, ...]
    last_ms: int


@dataclass(frozen=True, slots=True)
class Class:
    """Tables that have the same columns, as far as a query asks."""

    tables: tuple[Table, ...]
    kinds: Mapping[str, str]
    log: str

    @property
    def relation(self) -> str:
        """SQL of their rows within the bounds."""
        parts = [f"select * from {self._files(group)} where {where}" for where, group in self._by_bounds()]
        return "(" + " union all by name ".join(parts) + ")"

    def _by_bounds(self) -> Iterable[tuple[str, list[Table]]]:
        found: dict[str, list[Table]] = {}
        for table in self.tables:
            where = f'"@timestamp" between {table.start_ms} and {table.end_ms}'
            if table.hidden:
                where += f' and "@streamId" not in ({", ".join(map(str, table.hidden))})'
            # A table in memory stands by itself.
            key = where if table.is_file else f"{where} /* {table.relation} */"
            found.setdefault(key, []).append(table)
        return found.items()

    def _files(self, tables: list[Table]) -> str:
        if not tables[0].is_file:
            return name(tables[0].relation)
        paths = ", ".join(quoted(table.relation) for table in tables)
        return f"read_parquet([{paths}], union_by_name = {'true' if len(tables) > 1 else 'false'})"

    def field(self, path: str) -> Facet:
        """A field of these events."""
        if path == "@log":
            return Facet(Kind.TEXT, None, quoted(self.log))
        if path in _OWN:
            return _OWN[path]
        column = name(physical(path))
        match self.kinds.get(path):
            case None:
                return NOTHING
            case "I":
                return Facet(Kind.INTEGER, column)
            case "D":
                return Facet(Kind.NUMBER, column)
            case "S":
                return Facet(Kind.TEXT, None, column)
            case "M":
                return Facet(Kind.ANY, name(physical(path) + "#n"), column)
            case "R":
                return Facet(Kind.ANY, None, f'"{REST}"[{quoted(path)}]')
            case "L":
                return Facet(Kind.ANY, None, _within_message(path))
            case other:
                raise NotCompiled(f"a column of kind {other}")


def _within_message(path: str) -> str:
    """A long text at the top level; what is not one JSON object is not looked into."""
    key = path[1:] if path.startswith("@@") else path
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    return f'(case when "@json" then "@message" ->> {quoted(pointer)} end)'


def classes_of(tables: Iterable[Table], fields: Collection[str]) -> list[Class]:
    """Tables apart where they have columns of other kinds for any of these fields."""
    found: dict[tuple[object, ...], list[Table]] = {}
    for table in tables:
        kinds = tuple(table.kinds.get(field) for field in fields)
        found.setdefault((table.is_file, table.log, kinds), []).append(table)
    return [Class(tuple(alike), alike[0].kinds, alike[0].log) for alike in found.values()]
