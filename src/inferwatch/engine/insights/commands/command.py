"""What a command is: a node of the query, and a rule from rows to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.values import Row
from inferwatch.lang.source import Span

Step: TypeAlias = Callable[[Iterable[Row]], Iterable[Row]]
DEFAULT_COLUMNS: Final = ("@timestamp", "@message")


class Command(Protocol):
    """A command waits where it has to see every row before it gives the first."""

    @property
    def span(self) -> Span: ...

    @property
    def waits(self) -> bool: ...

    def bind(self, context: Context, /) -> Step:
        """The command for one query; rows come in order, and are the command's to change."""
        ...

    def shown(self, columns: Columns, /) -> Columns:
        """Which columns the result has, after those before."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """What a result shows: what `display` says, else what `fields` and `stats` have named."""

    fields: tuple[str, ...] = ()
    display: tuple[str, ...] | None = None
    is_grouped: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return self.display or self.fields or DEFAULT_COLUMNS

    def with_fields(self, names: Iterable[str]) -> Columns:
        return replace(self, fields=tuple(dict.fromkeys((*self.fields, *names))))
