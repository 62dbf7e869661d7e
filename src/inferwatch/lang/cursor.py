"""A place in a text that only moves forward: what a hand-written parser reads from."""

from __future__ import annotations

import re
from typing import Final, Literal

_QUOTED: Final = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL),
}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Cursor:
    """Reads `text` from left to right; `offset` is the next unread character."""

    __slots__ = ("offset", "text")

    def __init__(self, text: str, offset: int = 0) -> None:
        self.text = text
        self.offset = offset

    @property
    def at_end(self) -> bool:
        return self.offset >= len(self.text)

    def peek(self) -> str:
        """The next character; nothing at the end."""
        return self.text[self.offset : self.offset + 1]

    def skip_space(self) -> None:
        while self.offset < len(self.text) and self.text[self.offset].isspace():
            self.offset += 1

    def take(self, literal: str) -> bool:
        """Move past `literal` if it stands here."""
        if self.text.startswith(literal, self.offset):
            self.offset += len(literal)
            return True
        return False

    def take_next(self, literal: str) -> bool:
        """Move past space, and past `literal` if it stands behind it."""
        self.skip_space()
        return self.take(literal)

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Move past what `pattern` matches here and return it."""
        found = pattern.match(self.text, self.offset)
        if found is None:
            return None
        self.offset = found.end()
        return found.group()

    def match_quoted(self, quote: Literal["'", '"']) -> str | None:
        """Move past a text in quotes and return it; in it a backslash takes any character for itself."""
        found = self.match(_QUOTED[quote])
        return None if found is None else _ESCAPE.sub(r"\1", found[1:-1])
