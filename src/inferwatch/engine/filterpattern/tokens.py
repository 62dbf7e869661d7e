"""A message against a space-delimited pattern: its tokens, whether it matches, and what each field holds.

Tokens stand between runs of spaces and tabs; `"…"` and `[…]` are one token each, without their delimiters.
With `...` every token is one field. Without, the last field takes the whole rest of the line: bare when that
is exactly one token, as it stands otherwise.
Source: answers of the real service (2026-09).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inferwatch.engine.filterpattern.compare import accepts
from inferwatch.engine.filterpattern.nodes import Field, Fields

_GAP = re.compile(r"[ \t]*")
_WORD = re.compile(r"[^ \t]+")
_DELIMITERS = {'"': '"', "[": "]"}


def read_fields(pattern: Fields, message: str) -> list[str] | None:
    """The fields' texts in the line's order, or `None` where the message does not match."""
    texts = _split(pattern, message)
    if texts is None:
        return None
    for slot, position in _placed(pattern, len(texts)):
        alternatives = slot.alternatives
        if alternatives and not any(
            all(accepts(texts[position], test) for test in tests) for tests in alternatives
        ):
            return None
    return texts


def named(pattern: Fields, texts: list[str]) -> dict[str, str]:
    """`$name` of every named field and `$1`, `$2`, … of the others → its text."""
    names = {position: slot.name for slot, position in _placed(pattern, len(texts)) if slot.name is not None}
    return {f"${names.get(position, position + 1)}": text for position, text in enumerate(texts)}


def position_of(pattern: Fields, name: str) -> int | None:
    """Where the field called `name` stands in what `read_fields` gives; from the end after a `...`."""
    for position, slot in enumerate(pattern.head):
        if slot.name == name:
            return position
    tail = pattern.tail or ()
    return next((at - len(tail) for at, slot in enumerate(tail) if slot.name == name), None)


def _placed(pattern: Fields, count: int) -> Iterator[tuple[Field, int]]:
    """Each slot with the position of the token it stands for."""
    yield from zip(pattern.head, range(len(pattern.head)), strict=True)
    tail = pattern.tail or ()
    yield from zip(tail, range(count - len(tail), count), strict=True)


def _split(pattern: Fields, message: str) -> list[str] | None:
    if pattern.tail is not None:
        texts = [text for _, _, text in _tokens(message)]
        return texts if len(texts) >= len(pattern.head) + len(pattern.tail) else None
    texts = []
    tokens = _tokens(message)
    for _ in pattern.head[:-1]:
        token = next(tokens, None)
        if token is None:
            return None
        texts.append(token[2])
    last = next(tokens, None)
    if last is None:
        return None
    start, end, text = last
    stands_alone = _GAP.fullmatch(message, end) is not None
    return [*texts, text if stands_alone else message[start:]]


def _tokens(message: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, text) of each token; an unclosed quote or bracket is ordinary text."""
    # Known beforehand, so that no search for a closing sign runs to the end more than once.
    last = {sign: message.rfind(sign) for sign in _DELIMITERS.values()}
    at, size = 0, len(message)
    while True:
        gap = _GAP.match(message, at)
        at = gap.end() if gap else at
        if at >= size:
            return
        closing = _DELIMITERS.get(message[at])
        if closing is not None and at < last[closing]:
            close = message.index(closing, at + 1)
            yield at, close + 1, message[at + 1 : close]
            at = close + 1
        else:
            word = _WORD.match(message, at)
            end = word.end() if word else size
            yield at, end, message[at:end]
            at = end
