"""Text that can be written down: JSON may hold halves of characters that no encoding has."""

from __future__ import annotations


def whole_text(text: str) -> str:
    """`text` with each lone surrogate (half an emoji, say) replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_whole(text: str) -> bool:
    """Can every character be encoded?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
