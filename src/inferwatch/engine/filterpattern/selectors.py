"""`$.a['b'][0].*`: a way into a JSON document.

    selector := '$' ('.' name | '.*' | ".['any key']" | '[n]' | '[*]')+      beginning with "$."

Source: CloudWatch Logs User Guide, "Filter pattern syntax", and answers of the real service (2026-09).
"""

from __future__ import annotations

import re

from inferwatch.engine.filterpattern.errors import (
    TOO_MANY_WILDCARDS,
    PatternError,
    expected,
    invalid_characters,
)
from inferwatch.engine.filterpattern.nodes import Index, Member, Selector, Step, Wildcard
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span

NAME = re.compile(r"[A-Za-z0-9_-]+")
_DIGITS = re.compile(r"[0-9]+")


def parse_selector(text: str) -> Selector:
    """Read a lone selector, as a metric value or a dimension names it."""
    cursor = Cursor(text)
    selector = read_selector(cursor)
    if not cursor.at_end:
        raise expected(cursor, "expected the end of the selector")
    return selector


def read_selector(cursor: Cursor) -> Selector:
    """Read the selector that stands at the cursor."""
    start = cursor.offset
    if not cursor.take("$"):
        raise expected(cursor, "expected a selector such as $.duration_ms")
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
        name = cursor.match(NAME)
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
        raise expected(cursor, "expected '] after the key")
    key = cursor.text[cursor.offset : end]
    cursor.offset = end + 2
    return key


def _bad_selector(cursor: Cursor, start: int, hint: str) -> PatternError:
    """AWS shows the text from the selector's (or bracket's) start to the character it stumbled on."""
    term = cursor.text[start : cursor.offset + 1]
    return invalid_characters(term, cursor.text, cursor.offset, hint)
