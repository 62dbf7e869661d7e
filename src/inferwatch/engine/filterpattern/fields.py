"""Text of a space-delimited pattern → nodes.

    pattern := '[' slot (',' slot)* ']' | '[' ']'
    slot    := '...' | name? | name test (('&&' | '||') name test)*
    test    := ('=' | '!=' | '<' | '<=' | '>' | '>=') value
    name    := [A-Za-z_][A-Za-z0-9_]*

`&&` binds tighter than `||`; a slot may name its own field only.
Source: User Guide, "Using filter pattern syntax to match terms in space-delimited log events"; answers of the
real service (2026-09).
"""

from __future__ import annotations

import re

from inferwatch.engine.filterpattern.errors import PatternError, expected
from inferwatch.engine.filterpattern.literal import read_operator, read_value
from inferwatch.engine.filterpattern.nodes import Field, Fields, Test
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ELLIPSIS = "..."


def parse_fields(cursor: Cursor) -> Fields:
    """Read a whole `[ ... ]` pattern.

    Differs: parentheses in a slot are refused; AWS documents none.
    """
    cursor.take("[")
    cursor.skip_space()
    if cursor.take("]"):
        return Fields((), ())
    head: list[Field] = []
    tail: list[Field] | None = None
    names: set[str] = set()
    while True:
        cursor.skip_space()
        start = cursor.offset
        if cursor.take(_ELLIPSIS):
            if tail is not None:
                raise _duplicate(cursor, start, _ELLIPSIS)
            tail = []
        else:
            slot = _slot(cursor)
            if slot.name in names:
                raise _duplicate(cursor, start, str(slot.name))
            if slot.name is not None:
                names.add(slot.name)
            (head if tail is None else tail).append(slot)
        cursor.skip_space()
        if cursor.take("]"):
            return Fields(tuple(head), None if tail is None else tuple(tail))
        if not cursor.take(","):
            raise expected(cursor, "expected a comparison, or , or ]")


def _slot(cursor: Cursor) -> Field:
    start = cursor.offset
    name = cursor.match(_NAME)
    if name is None:
        return Field(span=Span(start, start))
    test = _test(cursor)
    if test is None:
        return Field(name, span=Span(start, cursor.offset))
    alternatives = [[test]]
    while True:
        cursor.skip_space()
        if cursor.take("||"):
            alternatives.append([_further(cursor, name)])
        elif cursor.take("&&"):
            alternatives[-1].append(_further(cursor, name))
        else:
            return Field(name, tuple(tuple(tests) for tests in alternatives), Span(start, cursor.offset))


def _further(cursor: Cursor, name: str) -> Test:
    cursor.skip_space()
    start = cursor.offset
    other = cursor.match(_NAME)
    if other is None:
        raise expected(cursor, f"expected {name} and a comparison")
    if other != name:
        raise PatternError(
            f"Multiple variables used in a single filter. Var1 : {name}, Var2 : {other}",
            cursor.text,
            start,
            f"a slot compares its own field, {name}; begin another slot with a comma",
        )
    test = _test(cursor)
    if test is None:
        raise expected(cursor, "expected a comparison; operators: =  !=  <  <=  >  >=")
    return test


def _test(cursor: Cursor) -> Test | None:
    cursor.skip_space()
    operator = read_operator(cursor)
    if operator is None:
        return None
    cursor.skip_space()
    return Test(operator, read_value(cursor, operator, closing=",]"))


def _duplicate(cursor: Cursor, start: int, name: str) -> PatternError:
    return PatternError(f"Duplicate field '{name}'", cursor.text, start, f"{name} stands here a second time")
