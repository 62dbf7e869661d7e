"""A whole query as one statement: classes of tables, then the commands that wait, then the columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from inferwatch.engine.insights import Context, Query
from inferwatch.engine.insights.commands import Command
from inferwatch.engine.insights.commands.dedup import Dedup
from inferwatch.engine.insights.commands.display import Display
from inferwatch.engine.insights.commands.fields import Fields
from inferwatch.engine.insights.commands.filter import Filter
from inferwatch.engine.insights.commands.parse import Parse
from inferwatch.engine.insights.commands.sort import Sort
from inferwatch.engine.insights.commands.stats import Stats
from inferwatch.engine.insights.commands.unnest import Unnest
from inferwatch.engine.insights.nodes import Expression, fields
from inferwatch.engine.queries.compiled.facets import NOTHING, Facet, Kind, NotCompiled
from inferwatch.engine.queries.compiled.leading import Leading
from inferwatch.engine.queries.compiled.plan import KEY, Plan, Statement
from inferwatch.engine.queries.compiled.sources import Table, classes_of


def expressions_of(command: Command) -> list[Expression]:
    match command:
        case Fields() | Display():
            return [item.expression for item in command.items]
        case Filter():
            return [command.condition]
        case Parse():
            return [command.field]
        case Sort():
            return [by.expression for by in command.by]
        case Stats():
            return [item.expression for item in (*command.items, *command.by)]
        case Dedup():
            return list(command.fields)
        case Unnest():
            return [command.of]
    return []


def names_in(commands: Sequence[Command]) -> set[str]:
    """Every field that the commands name."""
    return {field.name for command in commands for each in expressions_of(command) for field in fields(each)}


def split(query: Query) -> tuple[Sequence[Command], Sequence[Command]]:
    """The commands before the first that waits, and the others."""
    leading = tuple(takewhile(lambda command: not command.waits, query.commands))
    return leading, query.commands[len(leading) :]


def statement(query: Query, tables: Sequence[Table], context: Context, most: int) -> Statement:
    """Raises NotCompiled."""
    leading, rest = split(query)
    columns = query.columns
    needed = set(KEY) | _needed(rest, () if columns.is_grouped else columns.names)
    base, env = _joined(leading, tables, context, names_in(leading) | needed, sorted(needed))
    plan = Plan(base, env, context)
    for command in rest:
        plan.apply(command)
    return plan.finish(columns.names, most)


def _needed(rest: Sequence[Command], shown: Sequence[str]) -> set[str]:
    found = set(shown)
    for command in rest:
        found |= names_in([command])
        if isinstance(command, Stats):
            break
    return found


def _joined(
    leading: Sequence[Command],
    tables: Sequence[Table],
    context: Context,
    asked: set[str],
    needed: Sequence[str],
) -> tuple[str, dict[str, Facet]]:
    """The needed fields of all classes in one relation, and their facets there."""
    parts: list[Leading] = []
    for source in classes_of(tables, sorted(asked)):
        part = Leading(source, context)
        for command in leading:
            part.apply(command)
        parts.append(part)
    parts = [part for part in parts if not part.is_empty] or parts[:1]
    env = {name: _meeting([part.field(name) for part in parts], index) for index, name in enumerate(needed)}
    selects = []
    for part in parts:
        listed = [sql for name in needed for sql in _columns(part.field(name), env[name])]
        selects.append(f"select {', '.join(listed)} from {part.relation}{part.where}")
    return "(" + "\nunion all\n".join(selects) + ")", env


def _meeting(facets: Sequence[Facet], index: int) -> Facet:
    """What is known of a field where several classes meet."""
    kinds = {facet.kind for facet in facets} - {Kind.NOTHING}
    number, text = f"n{index}", f"t{index}"
    if not kinds:
        return NOTHING
    if len(kinds) == 1:
        (kind,) = kinds
        if kind in (Kind.INTEGER, Kind.NUMBER, Kind.MOMENT):
            return Facet(kind, number)
        keeps_number = any(facet.number is not None for facet in facets)
        return Facet(kind, number if keeps_number else None, text)
    if Kind.MOMENT in kinds:
        raise NotCompiled("moments and other values in one field")
    return Facet(Kind.ANY, number, text)


def _columns(facet: Facet, met: Facet) -> list[str]:
    """The columns of one field in one part of the union."""
    listed = []
    if met.number is not None:
        cast = "double" if met.kind in (Kind.NUMBER, Kind.ANY) else "bigint"
        listed.append(f"({facet.as_number})::{cast} as {met.number}")
    if met.text is not None:
        listed.append(f"{facet.as_text} as {met.text}")
    return listed
