"""The commands from the first that waits on: each changes a relation, its fields, or its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inferwatch.engine.insights import Context
from inferwatch.engine.insights.commands import Command
from inferwatch.engine.insights.commands.dedup import Dedup
from inferwatch.engine.insights.commands.display import Display
from inferwatch.engine.insights.commands.fields import Fields
from inferwatch.engine.insights.commands.filter import Filter
from inferwatch.engine.insights.commands.limit import Limit
from inferwatch.engine.insights.commands.sort import Sort
from inferwatch.engine.insights.commands.stats import Stats, aggregate_calls
from inferwatch.engine.insights.nodes import Call
from inferwatch.engine.queries.compiled.aggregates import aggregate
from inferwatch.engine.queries.compiled.facets import NOTHING, Facet, Kind, NotCompiled
from inferwatch.engine.queries.compiled.translate import Translator

KEY: Final = ("@timestamp", "@sequence", "@streamId")


@dataclass(frozen=True, slots=True)
class Statement:
    """What to ask, and how to read a row of the answer.

    Args:
        kinds: For each column its name, and what kind of value comes.
        has_key: The last three are a row's time, sequence and stream.
        counts: The last is how many rows the leading commands let through.
    """

    sql: str
    kinds: tuple[tuple[str, Kind], ...]
    has_key: bool
    counts: bool


class Plan:
    """A relation with its order, which each command changes."""

    def __init__(self, base: str, env: Mapping[str, Facet], context: Context) -> None:
        self._base = base
        self._env = dict(env)
        self._context = context
        self._conditions: list[str] = []
        self._order = [f"{env['@timestamp'].number} desc", f"{env['@sequence'].number} desc"]
        self._is_grouped = False
        self._number = 0
        self._counted: str | None = None

    def _translator(self, known: Mapping[Call, Facet] | None = None) -> Translator:
        return Translator(lambda name: self._env.get(name, NOTHING), self._context, known)

    @property
    def _from(self) -> str:
        where = f" where {' and '.join(self._conditions)}" if self._conditions else ""
        return f"{self._base}{where}"

    @property
    def _order_by(self) -> str:
        return f" order by {', '.join(self._order)}" if self._order else ""

    def _fresh(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}_{self._number}"

    def apply(self, command: Command) -> None:
        match command:
            case Filter():
                self._conditions.append(self._translator().condition(command.condition))
            case Fields() | Display():
                for item in command.items:
                    if not item.is_plain:
                        self._env[item.name] = self._translator().value(item.expression)
            case Sort():
                self._sort(command)
            case Limit():
                self._limit(command.rows)
            case Dedup():
                self._dedup(command)
            case Stats():
                self._stats(command)
            case _:
                raise NotCompiled(type(command).__name__)

    def _sort(self, sort: Sort) -> None:
        """Rows that are alike stay in their order."""
        first: list[str] = []
        for by in sort.by:
            value = self._translator().value(by.expression)
            turn = "desc" if by.descending else "asc"
            if value.kind is Kind.NOTHING:
                continue
            if value.is_numeric:
                first.append(f"{value.number} {turn} nulls last")
                continue
            first.append(f"({value.as_text} is null)")
            if value.kind is Kind.ANY:
                first.append(f"({value.as_number} is not null) {turn}")
                first.append(f"{value.as_number} {turn}")
                first.append(
                    f"(case when {value.as_number} is null then natural_key({value.as_text}) "
                    f"else {value.as_text} end) {turn}"
                )
            else:
                first.append(f"natural_key({value.as_text}) {turn}")
        self._order = first + self._order

    def _limit(self, rows: int) -> None:
        place = self._fresh("o")
        numbered = f"row_number() over ({self._order_by.strip()}) as {place}"
        self._base = f"(select *, {numbered} from {self._from}{self._order_by} limit {rows})"
        self._conditions, self._order = [], [place]

    def _dedup(self, dedup: Dedup) -> None:
        values = [self._translator().value(field) for field in dedup.fields]
        if any(value.kind is Kind.NOTHING for value in values):
            return
        place = self._fresh("d")
        keys = ", ".join(str(value.number) if value.is_numeric else value.as_text for value in values)
        present = " and ".join(value.is_present for value in values)
        numbered = f"row_number() over (partition by {keys}{self._order_by}) as {place}"
        self._base = f"(select * from (select *, {numbered}, {present} as {place}p from {self._from}))"
        self._conditions = [f"({place} = 1 or not {place}p)"]

    def _stats(self, stats: Stats) -> None:
        translator = self._translator()
        time, sequence = (self._env.get(name, NOTHING) for name in KEY[:2])
        key = None if self._is_grouped else f"row({time.number}, {sequence.number})"
        keys = [_grouped(translator.value(item.expression)) for item in stats.by]
        calls = list(dict.fromkeys(call for item in stats.items for call in aggregate_calls(item.expression)))
        made = [aggregate(call, translator, key) for call in calls]
        names = [self._fresh("k") for _ in keys], [self._fresh("a") for _ in calls]
        listed = [
            f"{_shown(facet)} as {name}" for facet, name in zip(keys + made, names[0] + names[1], strict=True)
        ]
        if not self._is_grouped:
            self._counted = self._fresh("c")
            listed.append(f"sum(count(*)) over () as {self._counted}")
        elif self._counted is not None:
            before, self._counted = self._counted, self._fresh("c")
            listed.append(f"max(max({before})) over () as {self._counted}")
        group = [_shown(facet) for facet in keys if facet.kind is not Kind.NOTHING]
        by = f" group by {', '.join(group)}" if group else (" having count(*) > 0" if stats.by else "")
        self._base = f"(select {', '.join(listed)} from {self._from}{by})"
        self._conditions, self._order, self._is_grouped = [], [], True
        self._env = {}
        known = {call: _named(facet, name) for call, facet, name in zip(calls, made, names[1], strict=True)}
        after = self._translator(known)
        self._env.update(
            (item.name, _named(facet, name))
            for item, facet, name in zip(stats.by, keys, names[0], strict=True)
        )
        self._env.update([(item.name, after.value(item.expression)) for item in stats.items])

    def finish(self, columns: Sequence[str], most: int) -> Statement:
        listed, kinds = [], []
        for name in columns:
            value = self._env.get(name, NOTHING)
            listed.append(str(value.number) if value.is_numeric else value.as_text)
            kinds.append((name, value.kind))
        if not self._is_grouped:
            listed += [str(self._env[name].number) for name in KEY]
        if self._counted is not None:
            listed.append(self._counted)
        sql = f"select {', '.join(listed)} from {self._from}{self._order_by} limit {most}"
        return Statement(sql, tuple(kinds), not self._is_grouped, self._counted is not None)


def _grouped(value: Facet) -> Facet:
    """A key of groups: by its text, or by a number where there is nothing else."""
    return value if value.is_numeric else Facet(value.kind, None, value.as_text)


def _shown(value: Facet) -> str:
    return str(value.number) if value.is_numeric else value.as_text


def _named(value: Facet, column: str) -> Facet:
    if value.kind is Kind.NOTHING:
        return NOTHING
    return Facet(value.kind, column) if value.is_numeric else Facet(value.kind, None, column)
