"""Pages of a sorted list, for the operations that all page alike."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from inferwatch.model.errors import AwsError

T = TypeVar("T")


def page(
    items: Sequence[T],
    key: Callable[[T], str],
    token: str | None,
    limit: int,
    bad_token: Callable[[], AwsError],
) -> tuple[Sequence[T], str | None]:
    """One page of `items`, and the token of the next.

    The token holds the last key shown, so that items made or removed meanwhile are neither doubled nor lost.

    Args:
        items: Sorted by `key`, ascending.
        bad_token: Makes the error for a token that this did not write.
    """
    start = 0
    if token is not None:
        after = read_token(token, bad_token)
        start = next((i for i, item in enumerate(items) if key(item) > after), len(items))
    shown = items[start : start + limit]
    more = start + limit < len(items)
    return shown, write_token(key(shown[-1])) if more else None


def numbered_page(
    items: Sequence[T], token: str | None, limit: int, bad_token: Callable[[], AwsError]
) -> tuple[Sequence[T], str | None]:
    """One page of a list that has no key to go on from: the token is a position."""
    start = token or "0"
    if not (start.isascii() and start.isdigit()):
        raise bad_token()
    end = int(start) + limit
    return items[int(start) : end], str(end) if end < len(items) else None


def write_token(text: str) -> str:
    """A token that holds this text."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_token(token: str, bad_token: Callable[[], AwsError]) -> str:
    """The text that `write_token` was given."""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise bad_token() from None


def invalid_next_token() -> AwsError:
    """How most operations of CloudWatch refuse a token."""
    return AwsError("InvalidNextToken", "")
