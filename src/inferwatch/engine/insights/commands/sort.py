"""`sort a, b desc`: rows by value; where it is missing they come last.

Source: CloudWatch Logs User Guide, "sort". Differs: AWS does not say where rows without the field go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context, Evaluate, evaluator
from inferwatch.engine.insights.expressions import read_expression
from inferwatch.engine.insights.nodes import Expression, Field
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import Row, SortKey, sort_key
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class SortBy:
    expression: Expression
    descending: bool


@dataclass(frozen=True, slots=True)
class Sort:
    by: tuple[SortBy, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return True

    def bind(self, context: Context) -> Step:
        keys = [(evaluator(by.expression, context), by.descending) for by in self.by]
        return partial(_sorted, keys)

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_sort(reader: Reader, start: int) -> Sort:
    by = [_by(reader)]
    while reader.take_sign(","):
        by.append(_by(reader))
    return Sort(tuple(by), reader.since(start))


def _by(reader: Reader) -> SortBy:
    expression = read_expression(reader)
    return SortBy(expression, reader.take_word("asc", "desc") == "desc")


def _sorted(keys: list[tuple[Evaluate, bool]], rows: Iterable[Row]) -> list[Row]:
    ordered = list(rows)
    for value, descending in reversed(keys):
        keyed: list[tuple[SortKey, Row]] = []
        without: list[Row] = []
        for row in ordered:
            key = sort_key(value(row))
            if key is None:
                without.append(row)
            else:
                keyed.append((key, row))
        keyed.sort(key=lambda pair: pair[0], reverse=descending)
        ordered = [row for _, row in keyed] + without
    return ordered


def by_columns(sort: Sort, columns: dict[Expression, str]) -> Sort:
    """The same, where an expression is the text of a column: `stats count(*) … | sort count(*)`."""
    return Sort(
        tuple(
            SortBy(Field(columns[by.expression], by.expression.span), by.descending)
            if by.expression in columns
            else by
            for by in sort.by
        ),
        sort.span,
    )
