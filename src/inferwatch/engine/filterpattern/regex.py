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
from typing import Any

import re2

from inferwatch.engine.filterpattern.errors import BAD_REGEX, PatternError, expected, invalid_characters
from inferwatch.engine.filterpattern.nodes import Regex
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span
from inferwatch.model.text import whole_text

_LEGAL = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]*")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|[dDsSwW]|[^A-Za-z0-9])?")
_PLAIN = re.compile(r"[A-Za-z0-9:_#=@/;,\-]+")
_ESCAPES = r"escapes: \d \D \s \S \w \W \xhh and a sign"
# RE2's word for what is wrong → ours; {} is the part at fault.
_FAULTS = {
    "missing ]": "a [ without its ]",
    "invalid character class range": '"{}" is no range of characters',
    "invalid escape sequence": _ESCAPES,
    "no argument for repetition operator": 'nothing stands before "{}" that it could repeat',
    "bad repetition operator": '"{}" repeats a repetition',
    "invalid repetition size": '"{}" is no count from 0 to 1,000, or runs backwards',
}


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
        raise invalid_characters(cursor.text[start : end + 1], cursor.text, end, _illegal(cursor.text[end]))
    cursor.offset = end + 1
    text = cursor.text[start + 1 : end]
    for escape in _ESCAPE.finditer(text):
        if not escape.group(1):
            raise PatternError(BAD_REGEX, cursor.text, start + 1 + escape.start(), _ESCAPES)
    try:
        return Regex(text, _machine(text), span)
    except re2.error as error:
        reason = _reason(error)
        place = start + 1 + _place(text, reason)
        raise PatternError(BAD_REGEX, cursor.text, place, _explain(reason)) from None


def _machine(text: str) -> Callable[[str], bool]:
    """Is the expression found anywhere? Without operators it is a plain search."""
    if _PLAIN.fullmatch(text):
        return lambda subject: text in subject
    # Bytes both ways: the binding's handling of str costs as much again.
    search: Callable[[bytes], object] = _compile(text).search

    def found_in(subject: str) -> bool:
        try:
            encoded = subject.encode()
        except UnicodeEncodeError:
            encoded = whole_text(subject).encode()
        return search(encoded) is not None

    return found_in


def _compile(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(text.encode(), options)


def _reason(error: Exception) -> str:
    """RE2's sentence: what is wrong, and after a colon in which part of the expression."""
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _place(text: str, reason: str) -> int:
    """Where the part at fault stands: RE2 tells no offset, but refuses what ends there in the same words."""
    part = reason.partition(": ")[2]
    start = text.find(part)
    while start >= 0:
        try:
            _compile(text[: start + len(part)])
        except re2.error as error:
            if _reason(error) == reason:
                return start
        start = text.find(part, start + 1)
    return 0


def _explain(reason: str) -> str:
    fault, _, part = reason.partition(": ")
    return _FAULTS[fault].format(part) if fault in _FAULTS else reason


def _illegal(sign: str) -> str:
    """Why a sign cannot stand in an expression, and what can in its place."""
    if sign == "%":
        return "an empty regular expression"
    wrong = f'"{sign}" is not allowed in a regular expression'
    if sign in "()":
        return f"{wrong}: there are no groups; for the sign itself write \\x{ord(sign):02x}"
    return f"{wrong}; write \\x{ord(sign):02x}" if sign.isascii() else wrong
