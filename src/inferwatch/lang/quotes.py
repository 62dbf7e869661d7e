"""A text in quotes, in the languages where a backslash stands before a quote, and before itself."""

from __future__ import annotations


def quoted(text: str, quote: str = '"') -> str:
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"
