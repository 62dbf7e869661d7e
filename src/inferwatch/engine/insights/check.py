"""Whether commands go together: their order, and which names a command can know.

Source: CloudWatch Logs User Guide, "stats" (several in a row), "dedup"; texts from users' reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from inferwatch.engine.insights.aggregates import AGGREGATES
from inferwatch.engine.insights.commands import Command
from inferwatch.engine.insights.commands.dedup import Dedup
from inferwatch.engine.insights.commands.display import Display
from inferwatch.engine.insights.commands.fields import Fields
from inferwatch.engine.insights.commands.filter import Filter
from inferwatch.engine.insights.commands.limit import Limit
from inferwatch.engine.insights.commands.sort import Sort, by_columns
from inferwatch.engine.insights.commands.source import Source
from inferwatch.engine.insights.commands.stats import Stats, aggregate_calls, constants
from inferwatch.engine.insights.commands.unnest import Unnest
from inferwatch.engine.insights.errors import MalformedQuery
from inferwatch.engine.insights.nodes import Call, Expression, Field, Item, fields, parts, walk
from inferwatch.lang.source import Span

_MOST_STATS = 10


def check(text: str, commands: Sequence[Command]) -> tuple[Command, ...]:
    """The commands, if they go together.

    Raises:
        MalformedQuery: They do not.
    """
    checker = _Checker(text, commands)
    return tuple(checker.checked(index, command) for index, command in enumerate(commands))


class _Checker:
    def __init__(self, text: str, commands: Sequence[Command]) -> None:
        self._text = text
        self._commands = commands
        self._projected: set[str] = set()
        self._outputs: dict[Expression, str] | None = None  # of the stats before

    def checked(self, index: int, command: Command) -> Command:
        later = self._commands[index + 1 :]
        stats_follow = any(isinstance(each, Stats) for each in later)
        match command:
            case Source():
                raise self._error("SOURCE can only be the first command", command.span)
            case Dedup() if any(not isinstance(each, Limit) for each in later):
                raise self._error("only limit can follow dedup", command.span)
            case Sort() | Limit() if stats_follow:
                raise self._error("sort and limit can only follow the last stats", command.span)
            case Stats():
                self._check_stats(command)
            case Fields() if stats_follow:
                self._check_redefined(command)
        if not isinstance(command, Stats):
            for expression in _expressions(command):
                self._refuse_aggregates(expression, self._known_columns(command))
        return self._with_columns(command)

    def _with_columns(self, command: Command) -> Command:
        return by_columns(command, self._known_columns(command)) if isinstance(command, Sort) else command

    def _known_columns(self, command: Command) -> dict[Expression, str]:
        """Columns of the stats before, by what `sort` may call them."""
        if not isinstance(command, Sort) or self._outputs is None:
            return {}
        by_text = {self._written(expression): name for expression, name in self._outputs.items()}
        return {
            by.expression: by_text[written]
            for by in command.by
            if not isinstance(by.expression, Field) and (written := self._written(by.expression)) in by_text
        }

    def _written(self, expression: Expression) -> str:
        return self._text[expression.span.start : expression.span.end]

    def _check_redefined(self, command: Fields) -> None:
        for item in command.items:
            if not item.is_plain and item.name in self._projected:
                raise self._unknown(item.name, item.expression.span)
            self._projected.add(item.name)

    def _check_stats(self, stats: Stats) -> None:
        if self._outputs is None:
            known = None
        else:
            known = set(self._outputs.values())
        if sum(isinstance(each, Stats) for each in self._commands) > _MOST_STATS:
            raise self._error(f"at most {_MOST_STATS} stats can follow each other", stats.span)
        for item in (*stats.items, *stats.by):
            self._check_scope(item, known)
        for item in stats.items:
            self._check_aggregated(item.expression)
        for item in stats.by:
            self._refuse_aggregates(item.expression, {})
        self._outputs = {item.expression: item.name for item in (*stats.by, *stats.items)}

    def _check_scope(self, item: Item, known: Collection[str] | None) -> None:
        """After a stats there is only what it gave."""
        if known is None:
            return
        for node in walk(item.expression):
            if isinstance(node, Call) and node.name == "bin":
                raise self._error("bin needs @timestamp, which is gone after stats", node.span)
            if isinstance(node, Field) and node.name not in known:
                raise self._unknown(node.name, node.span)

    def _check_aggregated(self, expression: Expression) -> None:
        calls = list(aggregate_calls(expression))
        if not calls:
            names = next((field.name for field in fields(expression)), self._written(expression))
            raise self._unknown(names, expression.span)
        for field in _outside(expression):
            raise self._unknown(field.name, field.span)
        for call in calls:
            for argument in call.arguments:
                self._refuse_aggregates(argument, {})
            wanted = AGGREGATES[call.name].constants
            given = constants(call)
            if len(given) != wanted or not all(0 <= percent <= 100 for percent in given):
                raise self._error(f"{call.name} takes a percentage from 0 to 100", call.span)

    def _refuse_aggregates(self, expression: Expression, columns: Collection[Expression]) -> None:
        if expression in columns:
            return
        for node in walk(expression):
            if isinstance(node, Call) and node.name in AGGREGATES:
                raise self._error(f"{node.name} can only stand in stats", node.span)

    def _unknown(self, name: str, span: Span) -> MalformedQuery:
        return self._error(f"Unknown symbols found in or after stats: {name}", span)

    def _error(self, problem: str, span: Span) -> MalformedQuery:
        return MalformedQuery(problem, self._text, span)


def _outside(node: Expression) -> Iterator[Field]:
    """Fields that stand in no aggregate."""
    if isinstance(node, Call) and node.name in AGGREGATES:
        return
    if isinstance(node, Field):
        yield node
    for part in parts(node):
        yield from _outside(part)


def _expressions(command: Command) -> Iterator[Expression]:
    match command:
        case Fields() | Display():
            yield from (item.expression for item in command.items)
        case Filter():
            yield command.condition
        case Sort():
            yield from (by.expression for by in command.by)
        case Unnest():
            yield command.of
