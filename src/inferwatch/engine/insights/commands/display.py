"""`display a, b as c`: says which columns the result has; the last one counts.

Source: CloudWatch Logs User Guide, "display".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.commands.fields import computing
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.expressions import read_items
from inferwatch.engine.insights.nodes import Item
from inferwatch.engine.insights.reader import Reader
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Display:
    items: tuple[Item, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, context: Context) -> Step:
        return computing(self.items, context)

    def shown(self, columns: Columns) -> Columns:
        return replace(columns, display=tuple(dict.fromkeys(item.name for item in self.items)))


def read_display(reader: Reader, start: int) -> Display:
    return Display(read_items(reader), reader.since(start))
