"""`filter level = "ERROR"`: keeps what the condition holds of; `where` is another name.

Source: CloudWatch Logs User Guide, "filter", "filterIndex".
Differs: `filterIndex` is a filter here, whether the field is indexed or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context, evaluator
from inferwatch.engine.insights.expressions import read_expression
from inferwatch.engine.insights.nodes import Comparison, Expression, Field, In
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import is_true
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Filter:
    condition: Expression
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, context: Context) -> Step:
        value = evaluator(self.condition, context)
        return lambda rows: (row for row in rows if is_true(value(row)))

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_filter(reader: Reader, start: int) -> Filter:
    return Filter(read_expression(reader), reader.since(start))


def read_filter_index(reader: Reader, start: int) -> Filter:
    at = reader.start
    condition = read_expression(reader)
    match condition:
        case Comparison(operator="=", left=Field()) | In(value=Field(), negated=False):
            return Filter(condition, reader.since(start))
    raise reader.error("filterIndex takes one field, with = or in", reader.since(at))
