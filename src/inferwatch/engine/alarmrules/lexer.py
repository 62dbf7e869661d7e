"""Text → tokens.

Parentheses and commas stand alone; a double quote begins a name in which `\\"` and `\\\\` are escapes;
everything else up to a space, parenthesis or comma is one word, single quotes included. Words are told apart
by the parser: AWS's messages name whole words (`!TRUE`, `-1`), and an alarm may be called NOT.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

END: Final = ""
"""The text of the token after the last."""

_TOKEN = re.compile(r'\s*(?:([(),])|("(?:\\.|[^"\\])*")|("?[^\s(),]+))', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the rule as written; `offset` is its first character. A quoted name keeps its quotes."""

    text: str
    offset: int
    is_quoted: bool = False

    @property
    def keyword(self) -> str:
        """The text, where it may be a word of the language: quoted, it is a name and nothing else."""
        return '"' if self.is_quoted else self.text

    @property
    def name(self) -> str:
        """The alarm it names."""
        return _ESCAPE.sub(r"\1", self.text[1:-1]) if self.is_quoted else self.text


def tokens(text: str) -> list[Token]:
    """The rule's tokens, and one for its end."""
    found = []
    offset = 0
    while (match := _TOKEN.match(text, offset)) is not None:
        group = match.lastindex or 0
        found.append(Token(match.group(group), match.start(group), is_quoted=group == 2))
        offset = match.end()
    return [*found, Token(END, len(text))]
