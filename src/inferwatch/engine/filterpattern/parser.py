"""A pattern's text → nodes: the first character says which kind it is.

    %   a regular expression alone     regex.py
    {   a JSON pattern                 conditions.py
    [   a space-delimited pattern      fields.py
    -   anything else: terms           terms.py

Source: User Guide, "Filter pattern syntax", and answers of the real service (2026-09).
"""

from __future__ import annotations

from inferwatch.engine.filterpattern.check import check_counts, check_length
from inferwatch.engine.filterpattern.conditions import parse_condition
from inferwatch.engine.filterpattern.errors import GENERIC, PatternError, invalid_characters
from inferwatch.engine.filterpattern.fields import parse_fields
from inferwatch.engine.filterpattern.nodes import Regex, Tree
from inferwatch.engine.filterpattern.regex import read_regex
from inferwatch.engine.filterpattern.terms import parse_terms
from inferwatch.lang.cursor import Cursor

_CLOSING = {"%": "%", "{": "}", "[": "]"}
_PARSERS = {"%": read_regex, "{": parse_condition, "[": parse_fields}


def parse(text: str) -> Tree:
    """Read a whole pattern.

    Raises:
        PatternError: With AWS's text, and the column where reading stopped.

    Differs: the text for a `[` without its `]` is by analogy; AWS's was not recorded.
    """
    check_length(text)
    cursor = Cursor(text.rstrip())
    cursor.skip_space()
    start = cursor.offset
    first = cursor.peek()
    if first not in _PARSERS:
        return parse_terms(cursor)
    closing = _CLOSING[first]
    if not cursor.text.endswith(closing, start + 1):
        raise PatternError(
            f"If a filter pattern starts with '{first}' it must end with '{closing}'",
            cursor.text,
            len(cursor.text),
            f"expected {closing}",
        )
    tree: Tree = _PARSERS[first](cursor)
    if not cursor.at_end:
        # A regular expression alone stands alone; the other kinds have closed too early.
        raise _left_over(cursor, tree)
    check_counts(tree, cursor.text)
    return tree


def _left_over(cursor: Cursor, tree: Tree) -> PatternError:
    if isinstance(tree, Regex):
        hint = "a regular expression stands alone"
        return invalid_characters(cursor.peek(), cursor.text, cursor.offset, hint)
    return PatternError(GENERIC, cursor.text, cursor.offset, "the pattern ended before this")
