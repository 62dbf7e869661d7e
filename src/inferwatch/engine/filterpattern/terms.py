"""Patterns of terms: text → nodes, and nodes + message → does it match.

    pattern := item*        item := ('?' | '-')? (bare | '"' any-but-quote+ '"')
    bare    := (letter | digit | '_' | '.')+

A `?` or `-` begins a new item even inside a word: `a-b` is `a -b`.
Source: User Guide, "Using filter pattern syntax to match terms"; answers of the real service (2026-09).

Differs: AWS's documentation says that `" "` matches everything; its service wants a real space, and so do we.
"""

from __future__ import annotations

import re

from inferwatch.engine.filterpattern.errors import expected, invalid_characters
from inferwatch.engine.filterpattern.nodes import Need, Term, Terms
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span

BARE_TERM = re.compile(r"[\w.]+")
_QUOTE_IT = "put it in double quotes"


def parse_terms(cursor: Cursor) -> Terms:
    """Read all terms up to the end of the text."""
    items = []
    cursor.skip_space()
    while not cursor.at_end:
        items.append(_term(cursor))
        cursor.skip_space()
    return Terms(tuple(items))


def matches_terms(terms: Terms, message: str) -> bool:
    """Every plain term occurs and no `-` term does; `?` terms count only where there are no others.

    Source: answers of the real service (2026-09): `?ERROR -timeout` is `-timeout`.
    """
    optional = [term.text for term in terms.items if term.need is Need.OPTIONAL]
    if optional and len(optional) == len(terms.items):
        return any(text in message for text in optional)
    return all(
        (term.text in message) is (term.need is Need.REQUIRED)
        for term in terms.items
        if term.need is not Need.OPTIONAL
    )


def _term(cursor: Cursor) -> Term:
    start = cursor.offset
    need = next((need for need in (Need.OPTIONAL, Need.EXCLUDED) if cursor.take(need.value)), Need.REQUIRED)
    text = _quoted(cursor) if cursor.peek() == '"' else cursor.match(BARE_TERM)
    if text is None:
        bad = cursor.peek().strip()
        raise invalid_characters(bad or need.value, cursor.text, cursor.offset, _hint(bad))
    # A word touches a quoted term nowhere; '?' and '-' begin a new one anyway.
    if cursor.peek() == '"' or (cursor.text[cursor.offset - 1] == '"' and BARE_TERM.match(cursor.peek())):
        raise expected(cursor, "expected a space between terms")
    return Term(need, text, Span(start, cursor.offset))


def _hint(bad: str) -> str:
    return f'{_QUOTE_IT}: "…{bad}…"' if bad else "expected a word or a quoted text"


def _quoted(cursor: Cursor) -> str:
    start = cursor.offset
    end = cursor.text.find('"', start + 1)
    if end < 0:
        raise invalid_characters(cursor.text[start:], cursor.text, start, 'expected a closing "')
    if end == start + 1:
        raise invalid_characters('""', cursor.text, start, "an empty term")
    cursor.offset = end + 1
    return cursor.text[start + 1 : end]
