"""Where something stands in a text, and how to show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of character offsets."""

    start: int
    end: int


def caret(text: str, offset: int) -> str:
    """The line of `text` that holds `offset`, with a caret under it."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : len(text) if end < 0 else end]
    return f"  {line}\n  {' ' * (offset - start)}^"
