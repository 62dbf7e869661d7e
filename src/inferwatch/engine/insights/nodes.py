"""What an expression is made of; the commands, which hold expressions, are one file each in `commands`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from inferwatch.engine.insights.patterns import Regex
from inferwatch.engine.insights.periods import Period
from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name; dots lead into objects and arrays."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float
    span: Span


@dataclass(frozen=True, slots=True)
class Length:
    """A stretch of time, as `bin` takes it."""

    period: Period
    span: Span


@dataclass(frozen=True, slots=True)
class Star:
    """The argument of `count(*)`."""

    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an aggregate; `name` is as the tables spell it."""

    name: str
    arguments: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """What a map holds under a key, or a list at an index."""

    of: Expression
    key: str | int
    span: Span


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Negative:
    of: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class In:
    value: Expression
    among: tuple[Expression, ...]
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Like:
    """`pattern` is a text to be found, or an expression."""

    value: Expression
    pattern: str | Regex
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    of: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]
    span: Span


Expression: TypeAlias = (
    Field
    | Literal
    | Length
    | Star
    | Call
    | Member
    | Arithmetic
    | Negative
    | Comparison
    | In
    | Like
    | Not
    | And
    | Or
)


@dataclass(frozen=True, slots=True)
class Item:
    """An expression and the column it makes: its alias, or the text it was written as."""

    expression: Expression
    name: str

    @property
    def is_plain(self) -> bool:
        """Is it a field under its own name?"""
        return isinstance(self.expression, Field) and self.expression.name == self.name


def parts(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly within one."""
    match node:
        case Call():
            return node.arguments
        case Member() | Negative() | Not():
            return (node.of,)
        case Arithmetic() | Comparison():
            return (node.left, node.right)
        case In():
            return (node.value, *node.among)
        case Like():
            return (node.value,)
        case And() | Or():
            return node.parts
    return ()


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and all that is within."""
    yield node
    for part in parts(node):
        yield from walk(part)


def fields(node: Expression) -> Iterator[Field]:
    return (part for part in walk(node) if isinstance(part, Field))
