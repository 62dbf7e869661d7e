"""Text that can be written down: JSON may hold halves of characters that no encoding has."""

from __future__ import annotations

import json
from typing import Any, Final

_SHOWN_MAX_CHARS: Final = 80


def whole_text(text: str) -> str:
    """`text` with each lone surrogate (half an emoji, say) replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shown(value: Any) -> str:
    """A value that came as JSON, as JSON writes it; of a long one the beginning."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_MAX_CHARS else f"{text[:_SHOWN_MAX_CHARS]}…"


def is_whole(text: str) -> bool:
    """Can every character be encoded?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
