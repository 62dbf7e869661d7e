"""Text of a JSON pattern → nodes. One function per rule, in the grammar's order.

    pattern   := '{' or '}'
    or        := and ('||' and)*
    and       := primary ('&&' primary)*
    primary   := '(' or ')' | condition
    condition := selector ('=' | '!=' | '<' | '<=' | '>' | '>=') value
               | selector IS (NULL | TRUE | FALSE)
               | selector NOT EXISTS

Source: CloudWatch Logs User Guide, "Filter pattern syntax", and answers of the real service (2026-09).
Differs: AWS documents no limit of nesting; parentheses that nest more than 100 deep are refused.
"""

from __future__ import annotations

import re

from inferwatch.engine.filterpattern.errors import expected
from inferwatch.engine.filterpattern.literal import read_operator, read_value
from inferwatch.engine.filterpattern.nodes import And, Compare, Condition, Is, NotExists, Or, Text, Truth
from inferwatch.engine.filterpattern.selectors import read_selector
from inferwatch.lang.cursor import Cursor

_WORD = re.compile(r"[A-Za-z]+")
_OPERATORS = "operators: =  !=  <  <=  >  >=  IS  NOT EXISTS"
_MAX_DEPTH = 100


def parse_condition(cursor: Cursor) -> Condition:
    """Read a whole `{ ... }` pattern."""
    cursor.take("{")
    condition = _or(cursor, 0)
    if not cursor.take_next("}"):
        raise expected(cursor, "expected && or || or }")
    return condition


def _or(cursor: Cursor, depth: int) -> Condition:
    if depth > _MAX_DEPTH:
        raise expected(cursor, f"parentheses nest deeper than {_MAX_DEPTH}")
    parts = [_and(cursor, depth)]
    while cursor.take_next("||"):
        parts.append(_and(cursor, depth))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _and(cursor: Cursor, depth: int) -> Condition:
    parts = [_primary(cursor, depth)]
    while cursor.take_next("&&"):
        parts.append(_primary(cursor, depth))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _primary(cursor: Cursor, depth: int) -> Condition:
    if cursor.take_next("("):
        inner = _or(cursor, depth + 1)
        if not cursor.take_next(")"):
            raise expected(cursor, "expected && or || or )")
        return inner
    return _condition(cursor)


def _condition(cursor: Cursor) -> Condition:
    cursor.skip_space()
    selector = read_selector(cursor)
    cursor.skip_space()
    start = cursor.offset
    operator = read_operator(cursor)
    if operator is not None:
        cursor.skip_space()
        value_at = cursor.offset
        value = read_value(cursor, operator, closing=")}")
        if isinstance(value, Text) and not value.quoted and value.text.lower() == "null":
            cursor.offset = value_at
            raise expected(cursor, "null is asked for with IS NULL")
        return Compare(selector, operator, value)
    word = (cursor.match(_WORD) or "").upper()
    if word == "IS":
        return Is(selector, _truth(cursor))
    if word == "NOT":
        cursor.skip_space()
        if (cursor.match(_WORD) or "").upper() == "EXISTS":
            return NotExists(selector)
    cursor.offset = start
    raise expected(cursor, f"expected a comparison; {_OPERATORS}")


def _truth(cursor: Cursor) -> Truth:
    cursor.skip_space()
    start = cursor.offset
    word = (cursor.match(_WORD) or "").upper()
    if word not in Truth.__members__:
        cursor.offset = start
        raise expected(cursor, "expected NULL, TRUE or FALSE after IS")
    return Truth(word)
