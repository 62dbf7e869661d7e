"""Metric math's grammar as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word in upper case that a function takes: REPEAT, DESC, …"""

    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The id of a metric or of another expression."""

    id: str


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Chain:
    """`first`, then each operator with its operand, from the left: flat, so that long sums nest nothing.

    An operator is one of OR AND == != < <= > >= + - * / ^.
    """

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Array:
    """`[a, b]`: time series side by side."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = Number | Text | Keyword | Reference | Negate | Chain | Array | Call


def ids(expression: Expression) -> frozenset[str]:
    """Every id the expression names."""
    return frozenset(part.id for part in _walk(expression) if isinstance(part, Reference))


def functions(expression: Expression) -> frozenset[str]:
    """Every function that is called anywhere in it."""
    return frozenset(part.function for part in _walk(expression) if isinstance(part, Call))


def called(expression: Expression, function: str) -> Iterator[Call]:
    """Every call of the function in it."""
    return (part for part in _walk(expression) if isinstance(part, Call) and part.function == function)


def _walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, from the left."""
    yield expression
    match expression:
        case Number() | Text() | Keyword() | Reference():
            parts: tuple[Expression, ...] = ()
        case Negate(operand):
            parts = (operand,)
        case Chain(first, rest):
            parts = (first, *(operand for _, operand in rest))
        case Array(parts) | Call(_, parts):
            pass
        case _:
            assert_never(expression)
    for part in parts:
        yield from _walk(part)
