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
class Binary:
    """`operator` is one of OR AND == != < <= > >= + - * / ^."""

    operator: str
    left: Expression
    right: Expression


Expression: TypeAlias = Number | Reference | Negate | Binary


def ids(expression: Expression) -> frozenset[str]:
    """Every id the expression reads."""
    match expression:
        case Number():
            return frozenset()
        case Reference(name):
            return frozenset({name})
        case Negate(operand):
            return ids(operand)
        case Binary(_, left, right):
            return ids(left) | ids(right)
        case _:
            assert_never(expression)
