"""Nodes + one parsed log event → does it match. The specification in code; numbers are compared exactly.

Source: answers of the real service recorded 2026-09; CloudWatch Logs User Guide, "Filter pattern syntax".
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, assert_never

from inferwatch.engine.filterpattern.nodes import (
    And,
    Compare,
    Condition,
    Index,
    Is,
    Literal,
    Member,
    NotExists,
    Number,
    Operator,
    Or,
    Selector,
    Step,
    Truth,
    Wildcard,
)


def matches(condition: Condition, document: dict[str, Any]) -> bool:
    match condition:
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case And(parts):
            return all(matches(part, document) for part in parts)
        case NotExists(selector):
            return not find(selector.steps, document)
        case Is(selector, truth):
            return any(_is(node, truth) for node in find(selector.steps, document))
        case Compare(selector, operator, value):
            return _compare(selector, operator, value, document)
        case _:
            assert_never(condition)


def find(steps: tuple[Step, ...], root: Any) -> list[Any]:
    """Every node the steps lead to; empty when there is none."""
    nodes = [root]
    for step in steps:
        nodes = [child for node in nodes for child in _children(node, step)]
    return nodes


def _children(node: Any, step: Step) -> list[Any]:
    match step:
        case Member(name):
            return [node[name]] if isinstance(node, dict) and name in node else []
        case Index(position):
            return [node[position]] if isinstance(node, list) and position < len(node) else []
        case Wildcard():
            if isinstance(node, dict):
                return list(node.values())
            return node if isinstance(node, list) else []
        case _:
            assert_never(step)


def _is(node: Any, truth: Truth) -> bool:
    match truth:
        case Truth.TRUE:
            return node is True
        case Truth.FALSE:
            return node is False
        case Truth.NULL:
            # An array whose first element is null counts as null. Source: recorded answers.
            return node is None or (isinstance(node, list) and len(node) > 0 and node[0] is None)
        case _:
            assert_never(truth)


def _compare(selector: Selector, operator: Operator, value: Literal, document: dict[str, Any]) -> bool:
    if operator is Operator.NE:
        return _differs(selector, value, document)
    nodes = find(selector.steps, document)
    if operator is Operator.EQ:
        return any(_equals(node, value) for node in nodes)
    return isinstance(value, Number) and any(_ordered(node, operator, value.value) for node in nodes)


def _differs(selector: Selector, value: Literal, document: dict[str, Any]) -> bool:
    """`!=` needs an existing scalar; with a wildcard, an existing parent none of whose nodes is equal."""
    wildcard = selector.wildcard
    nodes = find(selector.steps, document)
    if wildcard is None:
        return any(_is_scalar(node) and not _equals(node, value) for node in nodes)
    parents = find(selector.steps[:wildcard], document)
    return bool(parents) and not any(_equals(node, value) for node in nodes)


def _is_scalar(node: Any) -> bool:
    """Only strings and numbers are compared; booleans, null and containers never are."""
    return isinstance(node, str | int | float) and not isinstance(node, bool)


def _equals(node: Any, value: Literal) -> bool:
    if not _is_scalar(node):
        return False
    if isinstance(value, Number):
        if isinstance(node, str):
            return node == value.text
        return math.isfinite(node) and _decimal(node) == value.value
    return _text_matches(value.text, node if isinstance(node, str) else number_text(node))


def _text_matches(pattern: str, text: str) -> bool:
    """`*` at either end stands for anything; elsewhere it is a star."""
    open_start = pattern.startswith("*")
    open_end = pattern.endswith("*") and len(pattern) > 1
    core = pattern[1 if open_start else 0 : -1 if open_end else len(pattern)]
    if open_start and open_end:
        return core in text
    if open_start:
        return text.endswith(core)
    if open_end:
        return text.startswith(core)
    return text == core


def _ordered(node: Any, operator: Operator, bound: Decimal) -> bool:
    if not _is_scalar(node) or isinstance(node, str) or not math.isfinite(node):
        return False
    number = _decimal(node)
    match operator:
        case Operator.LT:
            return number < bound
        case Operator.LE:
            return number <= bound
        case Operator.GT:
            return number > bound
        case Operator.GE:
            return number >= bound
        case _:
            return False


def _decimal(number: int | float) -> Decimal:
    """The number as the service compares it: a double by its shortest text, so 1e-3 is 0.001."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def number_text(number: int | float) -> str:
    """A number as the service prints it: integers exactly, doubles as Java does (1000.0, 1.0E10).

    Source: inferred from recorded answers; `"1"` equals 1 but not 1.0, and `%1%` sees 1e3 as 1000.0.
    """
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return format(Decimal(repr(number)), "f") if "." in repr(number) else f"{number:.1f}"
    mantissa, _, exponent = f"{Decimal(repr(number)):E}".partition("E")
    digits = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{digits.rstrip('0') if not digits.endswith('.0') else digits}E{int(exponent)}"
