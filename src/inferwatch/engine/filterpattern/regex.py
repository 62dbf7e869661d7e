r"""Regular expressions, `%regex%`: AWS's subset on a machine whose time is linear in the text.

    regex := '%' item+ '%'
    item  := ASCII letter | digit | one of  : _ # = @ / ; , - ^ $ ? [ ] { } | * + .
           | '\' (d | D | s | S | w | W | x and two hex digits | one of the signs above, or another '\')

Anything else between the percent signs is refused: parentheses too, even escaped.
Source: User Guide, "Supported regular expressions syntax"; answers of the real service (2026-09).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import re2

from inferwatch.engine.filterpattern.errors import BAD_REGEX, PatternError, expected, invalid_characters
from inferwatch.engine.filterpattern.nodes import Regex
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span
from inferwatch.model.text import whole_text

_LEGAL = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]*")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|[dDsSwW]|[^A-Za-z0-9])?")
_PLAIN = re.compile(r"[A-Za-z0-9:_#=@/;,\-]+")


def read_regex(cursor: Cursor) -> Regex:
    """Read `%...%`.

    Raises:
        PatternError: A character AWS does not allow, or an expression that does not compile.

    Differs: AWS does not say what machine it uses; ours is RE2, so `$` is the very end of the text, and
    repetitions beyond 1,000 do not compile.
    """
    start = cursor.offset
    found = _LEGAL.match(cursor.text, start + 1)
    end = found.end() if found else start + 1
    span = Span(start, end + 1)
    if end == len(cursor.text):
        cursor.offset = end
        raise expected(cursor, "expected a closing %")
    if cursor.text[end] != "%" or end == start + 1:
        wrong = "an empty regular expression" if end == start + 1 else "not allowed in a regular expression"
        raise invalid_characters(cursor.text[start : end + 1], cursor.text, end, wrong)
    cursor.offset = end + 1
    text = cursor.text[start + 1 : end]
    for escape in _ESCAPE.finditer(text):
        if not escape.group(1):
            hint = r"escapes: \d \D \s \S \w \W \xhh and a sign"
            raise PatternError(BAD_REGEX, cursor.text, start + 1 + escape.start(), hint)
    try:
        return Regex(text, _machine(text), span)
    except re2.error as error:
        raise PatternError(BAD_REGEX, cursor.text, start, _reason(error)) from None


def _machine(text: str) -> Callable[[str], bool]:
    """Is the expression found anywhere? Without operators it is a plain search."""
    if _PLAIN.fullmatch(text):
        return lambda subject: text in subject
    options = re2.Options()
    options.log_errors = False
    # Bytes both ways: the binding's handling of str costs as much again.
    search: Callable[[bytes], object] = re2.compile(text.encode(), options).search

    def found_in(subject: str) -> bool:
        try:
            encoded = subject.encode()
        except UnicodeEncodeError:
            encoded = whole_text(subject).encode()
        return search(encoded) is not None

    return found_in


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
