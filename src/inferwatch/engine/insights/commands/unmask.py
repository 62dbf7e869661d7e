"""`unmask @message`: shows what data protection hides. Whoever reads the events gives them so.

Source: CloudWatch Logs User Guide, "unmask".
Differs: AWS asks for the permission logs:Unmask; here whoever may ask sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.expressions import read_fields
from inferwatch.engine.insights.nodes import Field
from inferwatch.engine.insights.reader import Reader
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Unmask:
    fields: tuple[Field, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, _context: Context) -> Step:
        return lambda rows: rows

    def shown(self, columns: Columns) -> Columns:
        return columns.with_fields(field.name for field in self.fields)


def read_unmask(reader: Reader, start: int) -> Unmask:
    return Unmask(read_fields(reader), reader.since(start))
