"""An expression → a function of a row. Missing in, missing out, unless a function says otherwise.

One function per node; what stands still (a regular expression, a period, the time of the query) is looked at
once, before the first row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from inferwatch.engine.insights.functions import FUNCTIONS
from inferwatch.engine.insights.functions.function import of_numbers
from inferwatch.engine.insights.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Field,
    In,
    Length,
    Like,
    Literal,
    Member,
    Negative,
    Not,
    Or,
    Star,
)
from inferwatch.engine.insights.values import (
    Row,
    Timestamp,
    Value,
    compare,
    is_true,
    lookup,
    member,
    number,
    text,
)

Evaluate: TypeAlias = Callable[[Row], Value]


@dataclass(frozen=True, slots=True)
class Context:
    """What a query knows beside its rows: when it was started, and what it searches, to the last ms."""

    now_s: int
    start_ms: int
    end_ms: int


def _power(base: float, exponent: float) -> float:
    found = base**exponent
    if isinstance(found, complex):
        raise ValueError("no real number")
    return float(found)


ARITHMETIC: Final[Mapping[str, Callable[..., Value]]] = {
    "+": of_numbers(lambda a, b: a + b),
    "-": of_numbers(lambda a, b: a - b),
    "*": of_numbers(lambda a, b: a * b),
    "/": of_numbers(lambda a, b: a / b),
    "%": of_numbers(math.fmod),
    "^": of_numbers(_power),
}


def evaluator(node: Expression, context: Context, known: Mapping[Call, str] | None = None) -> Evaluate:
    """How to get an expression's value from a row.

    Args:
        known: Calls whose values are in the row already: aggregates, by the field that holds them.
    """

    def of(part: Expression) -> Evaluate:
        return evaluator(part, context, known)

    match node:
        case Field():
            name = node.name
            return lambda row: row[name] if name in row else lookup(row, name)
        case Literal():
            value = node.value
            return lambda _: value
        case Call():
            if known and node in known:
                held = known[node]
                return lambda row: row.get(held)
            return _call(node, context, [of(argument) for argument in node.arguments])
        case Member():
            return _member(of(node.of), node.key)
        case Arithmetic():
            return _both(ARITHMETIC[node.operator], of(node.left), of(node.right))
        case Negative():
            return _negative(of(node.of))
        case Comparison():
            return _comparison(node.operator, of(node.left), of(node.right))
        case In():
            return _in(of(node.value), [of(value) for value in node.among], node.negated)
        case Like():
            return _like(node, of(node.value))
        case Not():
            denied = of(node.of)
            return lambda row: not is_true(denied(row))
        case And():
            all_of = [of(part) for part in node.parts]
            return lambda row: all(is_true(part(row)) for part in all_of)
        case Or():
            any_of = [of(part) for part in node.parts]
            return lambda row: any(is_true(part(row)) for part in any_of)
        case Length() | Star():
            return lambda _: 1
    assert_never(node)


def _member(of: Evaluate, key: str | int) -> Evaluate:
    return lambda row: member(of(row), key)


def _both(rule: Callable[..., Value], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda row: rule(left(row), right(row))


def _negative(of: Evaluate) -> Evaluate:
    def negate(row: Row) -> Value:
        found = number(of(row))
        return None if found is None else -found

    return negate


def _comparison(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda row: compare(sign, left(row), right(row))


def _in(value: Evaluate, among: list[Evaluate], negated: bool) -> Evaluate:
    """Differs: AWS does not say whether `not in` holds of a missing field; here it does not."""

    def is_in(row: Row) -> Value:
        found = value(row)
        if found is None:
            return False
        return any(compare("=", found, each(row)) for each in among) is not negated

    return is_in


def _like(node: Like, value: Evaluate) -> Evaluate:
    """Differs: AWS does not say whether `not like` holds of a missing field; here it does not."""
    pattern, negated = node.pattern, node.negated

    def matches(row: Row) -> Value:
        shown = text(value(row))
        if shown is None:
            return False
        found = pattern in shown if isinstance(pattern, str) else pattern.is_in(shown)
        return found is not negated

    return matches


def _call(node: Call, context: Context, arguments: list[Evaluate]) -> Evaluate:
    match node.name:
        case "ispresent":
            return lambda row: arguments[0](row) is not None
        case "coalesce":
            return lambda row: next((found for each in arguments if (found := each(row)) is not None), None)
        case "if":
            condition, yes, no = arguments
            return lambda row: yes(row) if is_true(condition(row)) else no(row)
        case "case":
            return _case(arguments)
        case "now":
            return lambda _: context.now_s
        case "querystarttime":
            return lambda _: Timestamp(context.start_ms)
        case "queryendtime":
            return lambda _: Timestamp(context.end_ms)
        case "querytimerange":
            return lambda _: context.end_ms + 1 - context.start_ms
        case "bin":
            return _rounded(lambda row: row.get("@timestamp"), node.arguments[0], up=False)
        case "datefloor" | "dateceil":
            return _rounded(arguments[0], node.arguments[1], up=node.name == "dateceil")
    apply = FUNCTIONS[node.name].apply
    assert apply is not None
    return lambda row: apply(*[argument(row) for argument in arguments])


def _case(arguments: list[Evaluate]) -> Evaluate:
    """Conditions and values by turns; a last one alone is for all others."""

    def choose(row: Row) -> Value:
        for condition, value in zip(arguments[::2], arguments[1::2], strict=False):
            if is_true(condition(row)):
                return value(row)
        return arguments[-1](row) if len(arguments) % 2 else None

    return choose


def _rounded(moment: Evaluate, length: Expression, *, up: bool) -> Evaluate:
    assert isinstance(length, Length)
    rule = length.period.ceil if up else length.period.floor

    def rounded(row: Row) -> Value:
        found = number(moment(row))
        if found is None or not 0 <= found < 253_402_300_800_000:
            return None
        return Timestamp(rule(int(found)))

    return rounded
