"""Where something stands in a text, and how to show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_INDENT: Final = "  "
_NARROWEST: Final = 8


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of character offsets."""

    start: int
    end: int


def caret(text: str, offset: int, width: int | None = None) -> str:
    """The line of `text` that holds `offset`, with a caret under it.

    Args:
        width: Columns there are: of a longer line, the part around `offset`, with `…` where it is cut.
    """
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : len(text) if end < 0 else end]
    line, column = _window(line, offset - start, None if width is None else width - len(_INDENT))
    return f"{_INDENT}{line}\n{_INDENT}{' ' * column}^"


def _window(line: str, column: int, room: int | None) -> tuple[str, int]:
    """What fits of a line around a column, and where the column then is; it may be the one after the last."""
    size = max(len(line), column + 1)
    if room is None or size <= room:
        return line, column
    room = max(room, _NARROWEST)
    first = min(max(0, column - room // 2), max(0, size - room))
    last = first + room
    shown = ("…" if first > 0 else "") + line[first + (first > 0) : last - (last < size)]
    return shown + ("…" if last < size else ""), column - first
