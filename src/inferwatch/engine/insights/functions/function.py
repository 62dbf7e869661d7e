"""What a function is: a row of a table, and a rule over values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from inferwatch.engine.insights.values import Value, finite, number, text

Apply: TypeAlias = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Args:
        about: What it gives, for people.
        apply: Its arguments' values → the value; `None` where the evaluator sees to it.
    """

    name: str
    about: str
    apply: Apply | None
    fewest: int = 1
    most: int = 1

    @property
    def arity(self) -> str:
        if self.fewest == self.most:
            return f"{self.most} argument{'' if self.most == 1 else 's'}"
        return f"{self.fewest} to {self.most} arguments"


def of_numbers(rule: Callable[..., float]) -> Apply:
    """Over numbers: missing where one is none, or where the result is no finite number."""

    def apply(*values: Value) -> Value:
        found = [number(value) for value in values]
        if None in found:
            return None
        try:
            return finite(float(rule(*found)))
        except (ArithmeticError, ValueError):
            return None

    return apply


def of_texts(rule: Callable[..., Any]) -> Apply:
    """Over texts: missing where one is missing, or where the rule cannot be applied."""

    def apply(*values: Value) -> Value:
        found = [text(value) for value in values]
        if None in found:
            return None
        try:
            result: Value = rule(*found)
        except (ValueError, OverflowError):
            return None
        return result

    return apply
