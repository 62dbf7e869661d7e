"""A JSON pattern's nodes + one parsed log event → does it match. The specification in code.

Source: answers of the real service recorded 2026-09; CloudWatch Logs User Guide, "Filter pattern syntax".
"""

from __future__ import annotations

from typing import Any, assert_never

from inferwatch.engine.filterpattern.compare import equals, is_ordered, is_scalar
from inferwatch.engine.filterpattern.nodes import (
    And,
    Compare,
    Condition,
    Index,
    Is,
    Member,
    NotExists,
    Operator,
    Or,
    Step,
    Truth,
    Wildcard,
)


def matches(condition: Condition, document: Any) -> bool:
    """Ask one condition of one document (or, for a selector's remaining steps, of one node)."""
    match condition:
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case And(parts):
            return all(matches(part, document) for part in parts)
        case NotExists(selector):
            return not find(selector.steps, document)
        case Is(selector, truth):
            return any(_is(node, truth) for node in find(selector.steps, document))
        case Compare():
            return _compare(condition, document)
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


def _compare(condition: Compare, document: Any) -> bool:
    steps, operator, value = condition.selector.steps, condition.operator, condition.value
    nodes = find(steps, document)
    if operator is Operator.EQ:
        return any(equals(node, value) for node in nodes)
    if operator is not Operator.NE:
        return any(is_ordered(node, operator, value) for node in nodes)
    # `!=` needs an existing scalar; with a wildcard, an existing parent none of whose nodes is equal.
    wildcard = condition.selector.wildcard
    if wildcard is None:
        return any(is_scalar(node) and not equals(node, value) for node in nodes)
    return bool(find(steps[:wildcard], document)) and not any(equals(node, value) for node in nodes)
