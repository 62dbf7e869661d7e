"""Text of a JSON pattern → nodes. One function per rule, in the grammar's order.

    pattern   := '{' or '}'
    or        := and ('||' and)*
    and       := primary ('&&' primary)*
    primary   := '(' or ')' | condition
    condition := selector ('=' | '!=' | '<' | '<=' | '>' | '>=') value
               | selector IS (NULL | TRUE | FALSE)
               | selector NOT EXISTS
    selector  := '$' ('.' name | '.*' | ".['any key']" | '[n]' | '[*]')+      beginning with "$."
    value     := number | "text" | bare

Source: CloudWatch Logs User Guide, "Filter pattern syntax", and answers of the real service (2026-09).
"""

from __future__ import annotations

import re
from decimal import Decimal

from inferwatch.engine.filterpattern.errors import (
    GENERIC,
    TOO_MANY_WILDCARDS,
    PatternError,
    invalid_characters,
)
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
    Text,
    Truth,
    Wildcard,
)
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span
from inferwatch.model.errors import Unsupported

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_BARE = re.compile(r"[A-Za-z0-9_.*+-]+")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_OPERATOR = re.compile(r"!=|<=|>=|=|<|>")
_WORD = re.compile(r"[A-Za-z]+")
_OPERATORS = "operators: =  !=  <  <=  >  >=  IS  NOT EXISTS"
_MAX_EXPONENT = 2**31 - 1
_MAX_DEPTH = 100


def parse(text: str) -> Condition:
    """Read a whole `{ ... }` pattern.

    Raises:
        PatternError: With AWS's text, and the column where reading stopped.
        Unsupported: A regular expression as value.
    """
    cursor = Cursor(text)
    cursor.take("{")
    condition = _or(cursor, 0)
    cursor.skip_space()
    if not cursor.take("}"):
        raise _generic(cursor, "expected && or || or }")
    return condition


def parse_selector(text: str) -> Selector:
    """Read a lone `$.selector`, as a metric value or a dimension names it."""
    cursor = Cursor(text)
    selector = _selector(cursor)
    if not cursor.at_end:
        raise _generic(cursor, "expected the end of the selector")
    return selector


def _or(cursor: Cursor, depth: int) -> Condition:
    if depth > _MAX_DEPTH:
        raise _generic(cursor, f"parentheses nest deeper than {_MAX_DEPTH}")
    parts = [_and(cursor, depth)]
    while _symbol(cursor, "||"):
        parts.append(_and(cursor, depth))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _and(cursor: Cursor, depth: int) -> Condition:
    parts = [_primary(cursor, depth)]
    while _symbol(cursor, "&&"):
        parts.append(_primary(cursor, depth))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _primary(cursor: Cursor, depth: int) -> Condition:
    if _symbol(cursor, "("):
        inner = _or(cursor, depth + 1)
        if not _symbol(cursor, ")"):
            raise _generic(cursor, "expected && or || or )")
        return inner
    return _condition(cursor)


def _condition(cursor: Cursor) -> Condition:
    cursor.skip_space()
    selector = _selector(cursor)
    cursor.skip_space()
    start = cursor.offset
    symbol = cursor.match(_OPERATOR)
    if symbol is not None:
        operator = Operator(symbol)
        cursor.skip_space()
        return Compare(selector, operator, _value(cursor, operator))
    word = (cursor.match(_WORD) or "").upper()
    if word == "IS":
        return Is(selector, _truth(cursor))
    if word == "NOT":
        cursor.skip_space()
        if (cursor.match(_WORD) or "").upper() == "EXISTS":
            return NotExists(selector)
    cursor.offset = start
    raise _generic(cursor, f"expected a comparison; {_OPERATORS}")


def _truth(cursor: Cursor) -> Truth:
    cursor.skip_space()
    start = cursor.offset
    word = (cursor.match(_WORD) or "").upper()
    if word not in Truth.__members__:
        cursor.offset = start
        raise _generic(cursor, "expected NULL, TRUE or FALSE after IS")
    return Truth(word)


def _selector(cursor: Cursor) -> Selector:
    start = cursor.offset
    if not cursor.take("$"):
        raise _generic(cursor, "expected a selector such as $.duration_ms")
    if cursor.peek() != ".":
        raise _bad_selector(cursor, start, "a selector begins with $. and a name")
    steps: list[Step] = []
    while (step := _step(cursor, start)) is not None:
        steps.append(step)
    if sum(isinstance(step, Wildcard) for step in steps) > 1:
        raise PatternError(TOO_MANY_WILDCARDS, cursor.text, start, "one wildcard at most in a selector")
    return Selector(tuple(steps), Span(start, cursor.offset))


def _step(cursor: Cursor, start: int) -> Step | None:
    bracket = cursor.offset
    if cursor.take(".*"):
        return Wildcard.MEMBERS
    if cursor.take(".["):
        return Member(_quoted_key(cursor, start))
    if cursor.take("."):
        name = cursor.match(_NAME)
        if name is None:
            raise _bad_selector(cursor, start, "expected a name after the dot")
        return Member(name)
    if cursor.take("[*]"):
        return Wildcard.ELEMENTS
    if cursor.take("["):
        digits = cursor.match(_DIGITS)
        if digits is None or not cursor.take("]"):
            raise _bad_selector(cursor, bracket, "expected [*] or an index such as [0]")
        return Index(int(digits))
    return None


def _quoted_key(cursor: Cursor, start: int) -> str:
    if not cursor.take("'"):
        raise _bad_selector(cursor, start, "a key in brackets stands in single quotes: .['a.b']")
    end = cursor.text.find("']", cursor.offset)
    if end < 0:
        raise _generic(cursor, "expected '] after the key")
    key = cursor.text[cursor.offset : end]
    cursor.offset = end + 2
    return key


def _value(cursor: Cursor, operator: Operator) -> Literal:
    start = cursor.offset
    if cursor.peek() == "%":
        raise Unsupported(
            "regular expressions in filter patterns", f"column {start + 1}", code="InvalidParameterException"
        )
    value = _quoted(cursor) if cursor.peek() == '"' else _bare(cursor)
    if operator not in (Operator.EQ, Operator.NE) and not isinstance(value, Number):
        written = cursor.text[start : cursor.offset]
        raise invalid_characters(written, cursor.text, start, f"{operator.value} compares with a number")
    return value


def _quoted(cursor: Cursor) -> Text:
    start = cursor.offset
    end = cursor.text.find('"', start + 1)
    if end < 0:
        raise _generic(cursor, 'expected a closing "')
    cursor.offset = end + 1
    return Text(cursor.text[start + 1 : end], True, Span(start, end + 1))


def _bare(cursor: Cursor) -> Literal:
    start = cursor.offset
    word = cursor.match(_BARE)
    if word is None:
        raise _generic(cursor, 'expected a value: a number, "text" or a word')
    bad = cursor.peek()
    if bad and not bad.isspace() and bad not in ")}&|":
        raise invalid_characters(
            bad, cursor.text, cursor.offset, f'put the value in double quotes: "{word}…"'
        )
    if word.lower() == "null":
        cursor.offset = start
        raise _generic(cursor, "null is asked for with IS NULL")
    span = Span(start, cursor.offset)
    number = _NUMBER.fullmatch(word)
    if number is None:
        return Text(word, False, span)
    exponent = number.group(3)
    if exponent and abs(int(exponent[1:])) > _MAX_EXPONENT:
        cursor.offset = start
        raise _generic(cursor, "the exponent is out of range")
    return Number(word, Decimal(word), span)


def _symbol(cursor: Cursor, symbol: str) -> bool:
    cursor.skip_space()
    return cursor.take(symbol)


def _generic(cursor: Cursor, hint: str) -> PatternError:
    found = f'found "{cursor.peek()}"' if cursor.peek() else "the pattern ends"
    return PatternError(GENERIC, cursor.text, cursor.offset, f"{hint}; {found}")


def _bad_selector(cursor: Cursor, start: int, hint: str) -> PatternError:
    """AWS shows the text from the selector's (or bracket's) start to the character it stumbled on."""
    term = cursor.text[start : cursor.offset + 1]
    return invalid_characters(term, cursor.text, cursor.offset, hint)
