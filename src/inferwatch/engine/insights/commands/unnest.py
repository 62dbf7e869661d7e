"""`unnest list into item`: one row for each element of a list; what is no list is its own one element.

Source: CloudWatch Logs User Guide, "unnest".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context, evaluator
from inferwatch.engine.insights.expressions import read_expression
from inferwatch.engine.insights.nodes import Expression
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import Row, scalar
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Unnest:
    of: Expression
    into: str
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, context: Context) -> Step:
        value = evaluator(self.of, context)

        def step(rows: Iterable[Row]) -> Iterator[Row]:
            for row in rows:
                found = value(row)
                for element in found if isinstance(found, list) else [found]:
                    yield {**row, self.into: scalar(element)}

        return step

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_unnest(reader: Reader, start: int) -> Unnest:
    of = read_expression(reader)
    reader.need_word("into")
    return Unnest(of, reader.need_name(), reader.since(start))
