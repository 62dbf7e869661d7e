"""A query's text, read word by word: names, texts, numbers, expressions between slashes, signs.

Names are letters, digits and `_ . @`; between backticks any sign may stand. A comment goes from `#` to the
end of its line. Words of the language may be written in any case.
Source: CloudWatch Logs User Guide, "Supported logs and discovered fields", "Query syntax".
"""

from __future__ import annotations

import re

from inferwatch.engine.insights.errors import MalformedQuery
from inferwatch.engine.insights.patterns import Regex
from inferwatch.engine.insights.periods import Period, period_of
from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import Span

_BLANK = re.compile(r"(?:\s|#[^\n]*)+")
_BARE = re.compile(r"[A-Za-z_@][A-Za-z0-9_.@]*")
_PIECE = re.compile(r"[A-Za-z0-9_.@]+|`[^`]+`")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])")
_WHOLE = re.compile(r"[0-9]+")
_UNIT = re.compile(r"\s*([A-Za-z]+)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_SLASHED = re.compile(r"/((?:[^/\\]|\\.)+)/", re.DOTALL)
_TOKEN = re.compile(r"[A-Za-z0-9_.@]+|\S|$")
_MAX_DIGITS = 300
_MAX_DEPTH = 64


class Reader:
    """Reads from left to right; `depth` is how many brackets stand open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self._cursor = Cursor(text)
        self._end = 0

    @property
    def start(self) -> int:
        """Where the next word begins."""
        self._cursor.match(_BLANK)
        return self._cursor.offset

    @property
    def at_end(self) -> bool:
        return self.start >= len(self.text)

    def since(self, start: int) -> Span:
        """From a word to the last one that was read."""
        return Span(start, max(start, self._end))

    def written(self, start: int) -> str:
        return self.text[start : self.since(start).end]

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        if self.at_end:
            return None
        found = self._cursor.match(pattern)
        if found is not None:
            self._end = self._cursor.offset
        return found

    # --- Words and signs.

    def peek_word(self) -> str:
        """The next name in small letters, unread; empty where none stands."""
        found = _BARE.match(self.text, self.start)
        return found.group().lower() if found else ""

    def is_next(self, *signs: str) -> bool:
        return self.text.startswith(signs, self.start)

    def take_word(self, *words: str) -> str | None:
        """Move past one of these words, in small letters, and return it."""
        word = self.peek_word()
        if word not in words:
            return None
        self._match(_BARE)
        return word

    def need_word(self, word: str) -> None:
        if self.take_word(word) is None:
            raise self.expected(f"'{word}'")

    def take_sign(self, *signs: str) -> str | None:
        """Move past the first of these signs that stands here, and return it."""
        start = self.start
        for sign in signs:
            if self._cursor.take(sign):
                self._end = start + len(sign)
                return sign
        return None

    def need_sign(self, sign: str) -> None:
        if self.take_sign(sign) is None:
            raise self.expected(f"'{sign}'")

    # --- Values.

    def name(self) -> str | None:
        """A field's name; parts of it may stand in backticks."""
        start = self.start
        if not (_BARE.match(self.text, start) or self.text.startswith("`", start)):
            return None
        pieces = []
        while (piece := self._cursor.match(_PIECE)) is not None:
            pieces.append(piece.strip("`"))
        self._end = self._cursor.offset
        return "".join(pieces) or None

    def need_name(self, what: str = "a name") -> str:
        name = self.name()
        if name is None:
            raise self.expected(what)
        return name

    def quoted(self) -> str | None:
        """A text in quotes."""
        found = self._match(_QUOTED)
        if found is None:
            return None
        return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), found[1:-1])

    def number(self) -> int | float | None:
        found = self._match(_NUMBER)
        if found is None:
            return None
        if len(found) > _MAX_DIGITS:
            raise self.error("a number is too long", self.since(self._end - len(found)))
        return int(found) if found.isdigit() else float(found)

    def whole(self, what: str) -> int:
        """A number without sign or fraction."""
        start = self.start
        found = self.number()
        if not isinstance(found, int):
            raise self.expected(what, start)
        return found

    def period(self) -> Period | None:
        """`5m`, `1 hour`; `None` where no number stands."""
        start = self.start
        count = self._match(_WHOLE)
        if count is None:
            return None
        unit = _UNIT.match(self.text, self._cursor.offset)
        if unit is not None:
            self._cursor.offset = self._end = unit.end()
        found = period_of(int(count), unit.group(1)) if unit and len(count) < 20 else None
        if found is None:
            raise self.error("expected a period, as 5m, 1h or 1d", self.since(start))
        return found

    def regex(self) -> Regex | None:
        """`/…/`.

        Raises:
            MalformedQuery: It does not compile.
        """
        start = self.start
        found = self._match(_SLASHED)
        if found is None:
            return None
        try:
            return Regex.of(found[1:-1])
        except ValueError as refused:
            raise self.error(f"the regular expression is not valid: {refused}", self.since(start)) from None

    # --- Depth and refusals.

    def enter(self) -> None:
        """Something opens that may hold itself."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.error(f"more than {_MAX_DEPTH} levels within each other", Span(self.start, self.start))

    def leave(self) -> None:
        self.depth -= 1

    def error(self, problem: str, span: Span) -> MalformedQuery:
        return MalformedQuery(problem, self.text, span)

    def expected(self, what: str, start: int | None = None) -> MalformedQuery:
        """What stands here, or at `start`, is not what can stand here."""
        at = self.start if start is None else start
        found = _TOKEN.match(self.text, at)
        token = found.group() if found else ""
        shown = f"mismatched input '{token}'" if token else "unexpected end of the query"
        return self.error(f"{shown} expecting {what}", Span(at, at + len(token)))
