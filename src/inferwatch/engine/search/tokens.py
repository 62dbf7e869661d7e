"""Names → tokens, and whether one text finds another.

Tokens stand between punctuation, and begin anew at camel case and at digits. A term finds a text where its
own tokens follow each other in it; each may be several of the text's tokens, but never a part of one.
Source: CloudWatch User Guide, "Search expression syntax".
Differs: several tokens in a row are compared without regard to case; editions of the guide disagree.
"""

from __future__ import annotations

import re
from itertools import accumulate

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


def tokens(text: str) -> list[str]:
    """The whole without its punctuation, and each token, in lower case."""
    parts = _parts(text)
    return parts if len(parts) == 1 else ["".join(parts), *parts] if parts else []


def is_found(term: str, text: str) -> bool:
    """Does a partial term find the text?"""
    wanted, held = _parts(term), _parts(text)
    joined, sought = "".join(held), "".join(wanted)
    if not wanted or sought not in joined:
        return False
    edges = {0, *accumulate(map(len, held))}
    steps = [0, *accumulate(map(len, wanted))]
    return any(
        joined.startswith(sought, start) and all(start + step in edges for step in steps) for start in edges
    )


def _parts(text: str) -> list[str]:
    return [part.lower() for part in _TOKEN.findall(text)]
