"""Metric math's grammar as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Number:
    value: float


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


Expression: TypeAlias = Number | Reference | Negate | Chain


def ids(expression: Expression) -> frozenset[str]:
    """Every id the expression reads."""
    match expression:
        case Number():
            return frozenset()
        case Reference(name):
            return frozenset({name})
        case Negate(operand):
            return ids(operand)
        case Chain(first, rest):
            return ids(first).union(*(ids(operand) for _, operand in rest))
        case _:
            assert_never(expression)
