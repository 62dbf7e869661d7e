"""`dedup server, severity`: of rows alike in these fields, the first; where one is missing, all are kept.

Source: CloudWatch Logs User Guide, "dedup".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.expressions import read_fields
from inferwatch.engine.insights.nodes import Field
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import Row, lookup, text
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Dedup:
    fields: tuple[Field, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return True

    def bind(self, _context: Context) -> Step:
        return self._first_of_each

    def _first_of_each(self, rows: Iterable[Row]) -> Iterator[Row]:
        seen: set[tuple[str | None, ...]] = set()
        for row in rows:
            key = tuple(text(lookup(row, field.name)) for field in self.fields)
            if None not in key:
                if key in seen:
                    continue
                seen.add(key)
            yield row

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_dedup(reader: Reader, start: int) -> Dedup:
    return Dedup(read_fields(reader), reader.since(start))
