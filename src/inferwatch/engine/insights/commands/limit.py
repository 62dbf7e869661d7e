"""`limit 20`: so many rows, the first. Source: CloudWatch Logs User Guide, "limit"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.reader import Reader
from inferwatch.lang.source import Span
from inferwatch.model.limits import QUERY_MAX_ROWS


@dataclass(frozen=True, slots=True)
class Limit:
    rows: int
    span: Span

    @property
    def waits(self) -> bool:
        return True

    def bind(self, _context: Context) -> Step:
        return lambda rows: islice(rows, self.rows)

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_limit(reader: Reader, start: int) -> Limit:
    at = reader.start
    rows = reader.whole("a number of rows")
    if not 1 <= rows <= QUERY_MAX_ROWS:
        raise reader.error(f"a limit is from 1 to {QUERY_MAX_ROWS:,}", reader.since(at))
    return Limit(rows, reader.since(start))
