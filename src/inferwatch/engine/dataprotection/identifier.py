"""One data identifier, and where in a message it finds something.

- a pattern (google-re2, linear in the message) proposes a place, `accepts` looks closer: checksums, prefixes;
- an identifier with keywords finds nothing unless one of them stands within 30 characters of the place.

Source: CloudWatch Logs User Guide, "Types of data that you can protect", read 2026-11.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import re2

Span: TypeAlias = tuple[int, int]
"""First byte, and one past the last."""
Check: TypeAlias = Callable[[bytes, int, int], bool]
"""(message, start, end) → is what the pattern proposes the real thing?"""

Retry: TypeAlias = Callable[[bytes, int, int], int]
"""(message, start, end) → where to look on after a place that was not the real thing."""

PROXIMITY_CHARS: Final = 30
_UTF8_MAX_BYTES = 4
# Shorter keywords (`pan`, `mc`) must stand alone; longer ones count inside words too: `cardNumber`.
_STANDS_ALONE_MAX_CHARS = 3


def compile_regex(pattern: str) -> Any:
    """Raises ValueError, with what google-re2 says, for a pattern it cannot compile."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as wrong:
        said = wrong.args[0] if wrong.args else b""
        raise ValueError(said.decode(errors="replace") if isinstance(said, bytes) else str(said)) from None


def always(_data: bytes, _start: int, _end: int) -> bool:
    return True


def after_it(_data: bytes, _start: int, end: int) -> int:
    return end


def inside_it(_data: bytes, start: int, _end: int) -> int:
    """The real thing may begin within what was refused."""
    return start + 1


@dataclass(frozen=True, slots=True)
class Identifier:
    """What is looked for.

    Args:
        regex: A compiled google-re2 pattern.
        keywords: A compiled pattern whose group 1 or 2 is a keyword; `None` where none is required.
    """

    name: str
    regex: Any
    accepts: Check = always
    keywords: Any = None
    retry: Retry = after_it

    def find(self, data: bytes) -> Iterator[Span]:
        """Places in a message (UTF-8), in order, none empty, none overlapping."""
        near: _Nearby | None = None
        at = 0
        while (match := self.regex.search(data, at)) is not None:
            start, end = match.span()
            found = start < end and self.accepts(data, start, end)
            if found and self.keywords is not None:
                near = near or _Nearby(data, self.keywords)
                found = near.has_keyword(start, end)
            if found:
                yield start, end
                at = end
            else:
                at = self.retry(data, start, end) if start < end else start + 1
            if at > len(data):
                return


class _Nearby:
    """Where a message's keywords stand; found once, asked for every place."""

    def __init__(self, data: bytes, keywords: Any) -> None:
        spans = list(_keyword_spans(data, keywords))
        self._data = data
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def has_keyword(self, start: int, end: int) -> bool:
        before = bisect_right(self._ends, start) - 1
        after = bisect_left(self._starts, end)
        return (before >= 0 and self._is_near(self._ends[before], start)) or (
            after < len(self._starts) and self._is_near(end, self._starts[after])
        )

    def _is_near(self, start: int, end: int) -> bool:
        if end - start > PROXIMITY_CHARS * _UTF8_MAX_BYTES:
            return False
        return len(self._data[start:end].decode(errors="replace")) <= PROXIMITY_CHARS


def _keyword_spans(data: bytes, keywords: Any) -> Iterator[Span]:
    at = 0
    while (match := keywords.search(data, at)) is not None:
        start, end = match.span(1) if match.group(1) is not None else match.span(2)
        yield start, end
        at = end


def compile_keywords(words: Sequence[str]) -> Any:
    """One pattern for all, in any case; a space may also be missing, `_` or `-`.

    Differs: AWS's further variations of keywords, and how they are bounded, are not published.
    """
    alone = [_variants(word) for word in words if len(word) <= _STANDS_ALONE_MAX_CHARS]
    inside = [_variants(word) for word in words if len(word) > _STANDS_ALONE_MAX_CHARS]
    bounded = f"(?:^|[^a-z])({'|'.join(alone)})(?:$|[^a-z])" if alone else "(\\z.)"
    return compile_regex(f"(?i){bounded}|({'|'.join(inside)})")


def _variants(word: str) -> str:
    return "[ _-]?".join(re2.escape(part) for part in word.split(" "))
