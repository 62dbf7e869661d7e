"""Nodes → text: `parse(write(tree)) == tree` for every tree that a text can make."""

from __future__ import annotations

from typing import assert_never

from inferwatch.engine.filterpattern.nodes import (
    And,
    Compare,
    Condition,
    Field,
    Fields,
    Index,
    Is,
    Literal,
    Member,
    NotExists,
    Number,
    Or,
    Regex,
    Selector,
    Step,
    Terms,
    Text,
    Tree,
    Wildcard,
)
from inferwatch.engine.filterpattern.selectors import NAME
from inferwatch.engine.filterpattern.terms import BARE_TERM


def write(tree: Tree) -> str:
    """The pattern in its shortest usual form."""
    match tree:
        case Terms(items):
            return " ".join(f"{term.need.value}{_term(term.text)}" for term in items)
        case Regex():
            return write_value(tree)
        case Fields(head, None):
            return f"[{', '.join(_slot(slot) for slot in head)}]"
        case Fields(head, tail):
            slots = [*map(_slot, head), "...", *map(_slot, tail or ())]
            return f"[{', '.join(slots)}]"
        case _:
            return f"{{ {write_condition(tree)} }}"


def write_condition(condition: Condition) -> str:
    match condition:
        case Or(parts):
            return " || ".join(_inside(part, Or) for part in parts)
        case And(parts):
            return " && ".join(_inside(part, And, Or) for part in parts)
        case NotExists(selector):
            return f"{write_selector(selector)} NOT EXISTS"
        case Is(selector, truth):
            return f"{write_selector(selector)} IS {truth.value}"
        case Compare(selector, operator, value):
            return f"{write_selector(selector)} {operator.value} {write_value(value)}"
        case _:
            assert_never(condition)


def write_selector(selector: Selector) -> str:
    return "$" + "".join(_step(step) for step in selector.steps)


def write_value(value: Literal) -> str:
    match value:
        case Number(text):
            return text
        case Text(text, quoted):
            return f'"{text}"' if quoted else text
        case Regex(text):
            return f"%{text}%"
        case _:
            assert_never(value)


def _inside(part: Condition, *grouped: type) -> str:
    text = write_condition(part)
    return f"({text})" if isinstance(part, grouped) else text


def _step(step: Step) -> str:
    match step:
        case Member(name):
            return f".{name}" if NAME.fullmatch(name) else f".['{name}']"
        case Index(position):
            return f"[{position}]"
        case Wildcard():
            return step.value
        case _:
            assert_never(step)


def _term(text: str) -> str:
    return text if BARE_TERM.fullmatch(text) else f'"{text}"'


def _slot(slot: Field) -> str:
    if not slot.alternatives:
        return slot.name or ""
    return " || ".join(
        " && ".join(f"{slot.name} {test.operator.value} {write_value(test.value)}" for test in tests)
        for tests in slot.alternatives
    )
