"""A pattern's tree → one Python expression of a generated function, true where the event matches.

Each rule here is a faster wording of `evaluate.py` or `terms.py`, used only where the two cannot differ; the
rest calls the interpreter. Numbers: the interpreter compares a double by its shortest decimal text, exactly.
Python's own comparison says the same for a literal below 2**53 that a double holds as written.
"""

from __future__ import annotations

import re
from decimal import Decimal

from inferwatch.engine.filterpattern import evaluate
from inferwatch.engine.filterpattern.compare import equals, is_ordered, number_text, split_stars
from inferwatch.engine.filterpattern.decoder import Nodes
from inferwatch.engine.filterpattern.nodes import (
    And,
    Compare,
    Condition,
    Is,
    Literal,
    Need,
    NotExists,
    Number,
    Operator,
    Or,
    Regex,
    Selector,
    Terms,
    Text,
    Truth,
    Wildcard,
)
from inferwatch.engine.filterpattern.writer import Writer

_EXACT_BELOW = 2**53
_IN_NUMBERS = re.compile(r"[0-9.E+\-Infity]*")
_MAX_DEPTH = 6


def write_terms(writer: Writer, terms: Terms) -> str:
    """See `matches_terms`; `m` is the message."""
    optional = [f"{writer.constant(term.text)} in m" for term in terms.items if term.need is Need.OPTIONAL]
    if optional and len(optional) == len(terms.items):
        return f"({' or '.join(optional)})"
    asked = [
        f"{writer.constant(term.text)} {'in' if term.need is Need.REQUIRED else 'not in'} m"
        for term in terms.items
        if term.need is not Need.OPTIONAL
    ]
    return f"({' and '.join(asked)})" if asked else "True"


def write_regex(writer: Writer, regex: Regex) -> str:
    return f"{writer.bind(regex.found_in)}(m)"


class Asking:
    """Writes conditions; the helpers they call are bound once."""

    def __init__(self, writer: Writer, nodes: Nodes) -> None:
        self._writer = writer
        self._nodes = nodes
        self._matches = writer.bind(evaluate.matches)
        self._equals = writer.bind(equals)
        self._is_ordered = writer.bind(is_ordered)
        self._number_text = writer.bind(number_text)

    def condition(self, condition: Condition, depth: int = 0) -> str:
        """`d` is the document, and is one."""
        match condition:
            case And(parts) | Or(parts):
                word = " and " if isinstance(condition, And) else " or "
                text = f"({word.join(self.condition(part, depth + 1) for part in parts)})"
                return self._apart(text) if depth and depth % _MAX_DEPTH == 0 else text
            case _ if condition.selector.wildcard is not None:
                return self._walked(condition, condition.selector)
            case NotExists(selector):
                return f"{self._nodes.node(selector.steps)} is {self._nodes.unset}"
            case Is(selector, truth):
                return self._is(self._nodes.node(selector.steps), truth)
            case Compare(selector, operator, value):
                return self._compare(self._nodes.node(selector.steps), operator, value)

    def _apart(self, text: str) -> str:
        """In a line of its own: Python, too, nests parentheses only so deep."""
        name = self._writer.fresh("b")
        self._writer.line(f"{name} = {text}")
        return name

    def _walked(self, condition: Compare | Is | NotExists, selector: Selector) -> str:
        """Selectors with a wildcard go through the interpreter, from the wildcard's parent on."""
        at = next(i for i, step in enumerate(selector.steps) if isinstance(step, Wildcard))
        parent = self._nodes.node(selector.steps[:at])
        rest = Selector(selector.steps[at:])
        match condition:
            case NotExists():
                asked: Condition = NotExists(rest)
            case Is(_, truth):
                asked = Is(rest, truth)
            case Compare(_, operator, value):
                asked = Compare(rest, operator, value)
        called = f"{self._matches}({self._writer.bind(asked)}, {parent})"
        if isinstance(condition, NotExists):
            return f"({parent} is {self._nodes.unset} or {called})"
        return f"({parent} is not {self._nodes.unset} and {called})"

    def _is(self, node: str, truth: Truth) -> str:
        match truth:
            case Truth.TRUE:
                return f"{node} is True"
            case Truth.FALSE:
                return f"{node} is False"
            case Truth.NULL:
                return f"({node} is None or (type({node}) is list and {node} and {node}[0] is None))"

    def _compare(self, node: str, operator: Operator, value: Literal) -> str:
        if operator is Operator.EQ:
            return self._equal(node, value)
        if operator is Operator.NE:
            return f"({self._nodes.scalar(node)} and not {self._equal(node, value)})"
        exact = exact_number(value.value) if isinstance(value, Number) else None
        if exact is None:
            constants = f"{self._writer.constant(operator)}, {self._writer.bind(value)}"
            return f"{self._is_ordered}({node}, {constants})"
        return f"{self._nodes.number(node)} {operator.value} {self._writer.constant(exact)}"

    def _equal(self, node: str, value: Literal) -> str:
        constant = self._writer.constant
        match value:
            case Number(text, number):
                exact = exact_number(number)
                if exact is None:
                    return self._called(node, value)
                numbers, texts = self._nodes.number(node), self._nodes.text(node)
                return f"({numbers} == {constant(exact)} or {texts} == {constant(text)})"
            case Text(text):
                return self._text(node, value, text)
            case Regex():
                texts, found_in = self._nodes.text(node), self._writer.bind(value.found_in)
                subject = f"{texts} if {texts} is not None else {self._number_text}({node})"
                return f"({self._nodes.scalar(node)} and {found_in}({subject}))"

    def _text(self, node: str, value: Text, text: str) -> str:
        """Strings only, where no number is ever printed like the text."""
        constant = self._writer.constant
        open_start, core, open_end = split_stars(text)
        if not core and open_start:
            return self._nodes.scalar(node)
        if _IN_NUMBERS.fullmatch(core):
            return self._called(node, value)
        texts = self._nodes.text(node)
        if open_start and open_end:
            return f"({texts} is not None and {constant(core)} in {texts})"
        if open_start:
            return f"({texts} is not None and {texts}.endswith({constant(core)}))"
        if open_end:
            return f"({texts} is not None and {texts}.startswith({constant(core)}))"
        return f"{texts} == {constant(core)}"

    def _called(self, node: str, value: Literal) -> str:
        return f"{self._equals}({node}, {self._writer.bind(value)})"


def exact_number(value: Decimal) -> int | float | None:
    """The literal as Python compares it just as exactly, or `None`."""
    number = float(value)
    if not abs(number) < _EXACT_BELOW or Decimal(repr(number)) != value:
        return None
    return int(number) if number.is_integer() else number
