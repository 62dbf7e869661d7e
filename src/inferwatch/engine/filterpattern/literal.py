"""The values of conditions, the same in JSON and space-delimited patterns.

value := number | "text" | bare | %regex%
bare  := [A-Za-z0-9_.*+-]+
"""

from __future__ import annotations

import re
from decimal import Decimal

from inferwatch.engine.filterpattern.errors import expected, invalid_characters
from inferwatch.engine.filterpattern.nodes import Literal, Number, Operator, Text
from inferwatch.engine.filterpattern.regex import read_regex
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
BARE = re.compile(r"[A-Za-z0-9_.*+-]+")
_OPERATOR = re.compile(r"!=|<=|>=|=|<|>")
_MAX_EXPONENT = 2**31 - 1


def read_operator(cursor: Cursor) -> Operator | None:
    """The comparison that stands here, if one does."""
    symbol = cursor.match(_OPERATOR)
    return None if symbol is None else Operator(symbol)


def read_value(cursor: Cursor, operator: Operator, *, closing: str) -> Literal:
    """Read what a field is compared with; only numbers have an order.

    Args:
        closing: The characters that may stand right behind a bare word, besides spaces, `&` and `|`.
    """
    start = cursor.offset
    value: Literal
    if cursor.peek() == "%":
        value = read_regex(cursor)
    elif cursor.peek() == '"':
        value = _quoted(cursor)
    else:
        value = _bare(cursor, closing)
    if operator not in (Operator.EQ, Operator.NE) and not isinstance(value, Number):
        written = cursor.text[start : cursor.offset]
        raise invalid_characters(written, cursor.text, start, f"{operator.value} compares with a number")
    return value


def _quoted(cursor: Cursor) -> Text:
    """Differs: the text for an open quote within `{}` or `[]` is by analogy; AWS's was not recorded."""
    start = cursor.offset
    end = cursor.text.find('"', start + 1)
    if end < 0:
        raise expected(cursor, 'expected a closing "')
    cursor.offset = end + 1
    return Text(cursor.text[start + 1 : end], True, Span(start, end + 1))


def _bare(cursor: Cursor, closing: str) -> Literal:
    start = cursor.offset
    word = cursor.match(BARE)
    if word is None:
        raise expected(cursor, 'expected a value: a number, "text" or a word')
    bad = cursor.peek()
    if bad and not bad.isspace() and bad not in "&|" + closing:
        hint = f'put the value in double quotes: "{word}…"'
        raise invalid_characters(bad, cursor.text, cursor.offset, hint)
    span = Span(start, cursor.offset)
    number = NUMBER.fullmatch(word)
    if number is None:
        return Text(word, False, span)
    exponent = number.group(3)
    if exponent and abs(Decimal(exponent[1:])) > _MAX_EXPONENT:
        cursor.offset = start
        raise expected(cursor, "the exponent is out of range")
    return Number(word, Decimal(word), span)
