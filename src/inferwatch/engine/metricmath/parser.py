"""Text → nodes, by precedence climbing.

    low   OR ||  <  AND &&  <  == != < <= > >=  <  + -  <  * /  <  unary -  <  ^ (right)   high

Source: CloudWatch User Guide, "Using math expressions"; -a^2 is -(a^2), as recorded.
Differs: AWS documents no limit of nesting; an expression that nests more than 50 levels of parentheses,
functions, arrays, signs and powers is refused, and so is a number beyond every double, as 1e400.
"""

from __future__ import annotations

import math
import re
from typing import Final

from inferwatch.engine.metricmath.functions import FUNCTIONS
from inferwatch.engine.metricmath.nodes import (
    Array,
    Call,
    Chain,
    Expression,
    Keyword,
    Negate,
    Number,
    Reference,
    Text,
)
from inferwatch.lang.cursor import Cursor
from inferwatch.model.errors import AwsError, Unsupported

_ABOUT_QUERIES: Final = ("PERIOD", "METRICS", "SEARCH", "ANOMALY_DETECTION_BAND")
_REFUSED: Final = frozenset("DB_PERF_INSIGHTS INSIGHT_RULE_METRIC LAMBDA SERVICE_QUOTA".split())
_LEVELS: Final = (
    {"OR": "OR", "||": "OR"},
    {"AND": "AND", "&&": "AND"},
    {sign: sign for sign in ("==", "!=", "<=", ">=", "<", ">")},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/"},
)
_SIGN = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+\-*/]|(?:OR|AND)(?![A-Za-z0-9_])")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_MAX_DEPTH = 50
_SHOWN_MAX_CHARS = 20


class ExpressionError(AwsError):
    """An expression that does not parse; `column` is 1-based."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__("ValidationException", message, status=400)
        self.column = offset + 1


def parse(text: str, name: str) -> Expression:
    """Read one expression.

    Args:
        name: The query's id, as AWS's texts name it.

    Raises:
        ExpressionError: It does not parse, or names a function nobody has.
        Unsupported: It uses a function that this version lacks.
    """
    reader = _Reader(Cursor(text), name)
    expression = reader.level(0, 0)
    reader.cursor.skip_space()
    if not reader.cursor.at_end:
        raise reader.error("expected an operator")
    return expression


class _Reader:
    def __init__(self, cursor: Cursor, name: str) -> None:
        self.cursor = cursor
        self.name = name

    def level(self, precedence: int, depth: int) -> Expression:
        """One rung of the ladder: operands of the next rung, joined from the left."""
        self.check(depth)
        if precedence == len(_LEVELS):
            return self.unary(depth)
        first = self.level(precedence + 1, depth)
        rest = []
        while (operator := self.operator(_LEVELS[precedence])) is not None:
            rest.append((operator, self.level(precedence + 1, depth)))
        return Chain(first, tuple(rest)) if rest else first

    def operator(self, signs: dict[str, str]) -> str | None:
        self.cursor.skip_space()
        start = self.cursor.offset
        sign = self.cursor.match(_SIGN)
        if sign is not None and sign in signs:
            return signs[sign]
        self.cursor.offset = start
        return None

    def unary(self, depth: int) -> Expression:
        self.check(depth)
        if self.cursor.take_next("-"):
            return Negate(self.unary(depth + 1))
        base = self.atom(depth)
        if self.cursor.take_next("^"):
            return Chain(base, (("^", self.unary(depth + 1)),))
        return base

    def check(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise self.error(f"expected no more than {_MAX_DEPTH} levels of nesting")

    def atom(self, depth: int) -> Expression:
        cursor = self.cursor
        if cursor.take("("):
            inner = self.level(0, depth + 1)
            if not cursor.take_next(")"):
                raise self.error('expected ")"')
            return inner
        start = cursor.offset
        number = cursor.match(_NUMBER)
        if number is not None:
            return self.number(number, start)
        if cursor.take("["):
            return Array(self.listed("]", depth))
        text = cursor.match(_TEXT)
        if text is not None:
            return Text(text[1:-1])
        word = cursor.match(_WORD)
        if word is None or word in ("AND", "OR"):
            cursor.offset = start
            raise self.error("expected a number, an id, a function, ( or [")
        cursor.skip_space()
        if cursor.peek() == "(":
            return self.function(word, start, depth)
        return Keyword(word) if word.isupper() else Reference(word)

    def number(self, text: str, start: int) -> Number:
        value = float(text)
        if not math.isfinite(value):
            self.cursor.offset = start
            raise self.error("expected a number within the range of a double", text[:_SHOWN_MAX_CHARS])
        return Number(value)

    def function(self, word: str, start: int, depth: int) -> Expression:
        if word in _REFUSED:
            raise Unsupported(f"the metric math function {word}", self.where(), code="ValidationException")
        if word not in FUNCTIONS and word not in _ABOUT_QUERIES:
            message = f"Error in expression '{self.name}': Function '{word}' not found"
            raise ExpressionError(message, start)
        self.cursor.take("(")
        return Call(word, self.listed(")", depth))

    def listed(self, end: str, depth: int) -> tuple[Expression, ...]:
        """Expressions between commas, up to the closing bracket."""
        items: list[Expression] = []
        if self.cursor.take_next(end):
            return ()
        while True:
            items.append(self.level(0, depth + 1))
            if self.cursor.take_next(end):
                return tuple(items)
            if not self.cursor.take(","):
                raise self.error(f'expected "," or "{end}"')

    def where(self) -> str:
        return f"expression '{self.name}', column {self.cursor.offset + 1}"

    def error(self, expected: str, token: str = "") -> ExpressionError:
        """AWS's own texts for syntax errors are not recorded: ours follow the form of those that are."""
        token = token or self.cursor.peek()
        found = f'found "{token}"' if token else "the expression ends"
        message = f"Error in expression '{self.name}': {expected}, {found} at column {self.cursor.offset + 1}"
        return ExpressionError(message, self.cursor.offset)
