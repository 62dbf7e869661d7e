"""`fields a, b * 2 as twice`: adds columns. Source: CloudWatch Logs User Guide, "fields"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context, evaluator
from inferwatch.engine.insights.expressions import read_items
from inferwatch.engine.insights.nodes import Item
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import Row
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Fields:
    items: tuple[Item, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, context: Context) -> Step:
        return computing(self.items, context)

    def shown(self, columns: Columns) -> Columns:
        return columns.with_fields(item.name for item in self.items)


def read_fields_command(reader: Reader, start: int) -> Fields:
    return Fields(read_items(reader), reader.since(start))


def computing(items: Iterable[Item], context: Context) -> Step:
    """Puts the value of each item into the row; later items see those before."""
    computed = [(item.name, evaluator(item.expression, context)) for item in items if not item.is_plain]

    def step(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for name, value in computed:
                row[name] = value(row)
            yield row

    return step
