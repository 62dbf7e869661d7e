"""`stats count(*), avg(latency) by bin(5m), model`: one row for each group.

The columns of the groups come first. Aggregates may stand within expressions: `sum(bytes) / 1024`.
Source: CloudWatch Logs User Guide, "stats".
Differs: rows come in the order in which groups were met, which AWS does not promise anything of. A row that
lacks a key is of the group that lacks it. The groups beyond the first hundred thousand are left out, and
counted as `estimatedRecordsSkipped`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inferwatch.engine.insights.aggregates import AGGREGATES, Accumulator
from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context, Evaluate, evaluator
from inferwatch.engine.insights.expressions import read_items
from inferwatch.engine.insights.nodes import Call, Expression, Item, Literal, parts
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import Row, Value, number, text
from inferwatch.lang.source import Span
from inferwatch.model.limits import QUERY_MAX_ROWS


@dataclass(frozen=True, slots=True)
class Stats:
    items: tuple[Item, ...]
    by: tuple[Item, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return True

    def bind(self, context: Context) -> Step:
        def step(rows: Iterable[Row]) -> Iterator[Row]:
            groups = Groups(self, context)
            groups.add(rows)
            return groups.rows()

        return step

    def shown(self, _columns: Columns) -> Columns:
        names = (item.name for item in (*self.by, *self.items))
        return Columns(tuple(dict.fromkeys(names)), is_grouped=True)


def read_stats(reader: Reader, start: int) -> Stats:
    items = read_items(reader)
    by = read_items(reader) if reader.take_word("by") else ()
    return Stats(items, by, reader.since(start))


def aggregate_calls(node: Expression) -> Iterator[Call]:
    """The aggregates in an expression, outermost first."""
    if isinstance(node, Call) and node.name in AGGREGATES:
        yield node
        return
    for part in parts(node):
        yield from aggregate_calls(part)


def constants(call: Call) -> list[float]:
    """The numbers after an aggregate's first argument."""
    given = [part.value for part in call.arguments[1:] if isinstance(part, Literal)]
    return [found for value in given if (found := number(value)) is not None]


@dataclass(slots=True)
class _Group:
    keys: list[Value]
    accumulators: list[Accumulator]


class Groups:
    """Takes rows, and can say at any time what the groups are; `skipped` rows found no room."""

    def __init__(self, stats: Stats, context: Context) -> None:
        self.skipped = 0
        self._stats = stats
        calls = dict.fromkeys(call for item in stats.items for call in aggregate_calls(item.expression))
        self._calls = list(calls)
        self._arguments = [_argument(call, context) for call in self._calls]
        self._keys = [evaluator(item.expression, context) for item in stats.by]
        known = {call: f"#{index}" for index, call in enumerate(self._calls)}
        self._results = [(item.name, evaluator(item.expression, context, known)) for item in stats.items]
        self._groups: dict[tuple[str | None, ...], _Group] = {}
        if not stats.by:
            self._groups[()] = self._new([])

    def _new(self, keys: list[Value]) -> _Group:
        made = [AGGREGATES[call.name].make(constants(call)) for call in self._calls]
        return _Group(keys, made)

    def add(self, rows: Iterable[Row]) -> None:
        for count, row in enumerate(rows):
            keys = [key(row) for key in self._keys]
            name = tuple(map(text, keys))
            group = self._groups.get(name)
            if group is None:
                if len(self._groups) >= QUERY_MAX_ROWS:
                    self.skipped += 1
                    continue
                group = self._groups[name] = self._new(keys)
            at = (int(number(row.get("@timestamp")) or 0), int(number(row.get("@sequence")) or count))
            for accumulator, argument in zip(group.accumulators, self._arguments, strict=True):
                accumulator.add(argument(row), at)

    def rows(self) -> Iterator[Row]:
        for group in self._groups.values():
            held: Row = {f"#{index}": each.result() for index, each in enumerate(group.accumulators)}
            row: Row = {item.name: key for item, key in zip(self._stats.by, group.keys, strict=True)}
            row.update((name, result(held)) for name, result in self._results)
            yield row


def _argument(call: Call, context: Context) -> Evaluate:
    return evaluator(call.arguments[0], context) if call.arguments else lambda _: 1
