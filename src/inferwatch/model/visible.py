"""Signs that would write over their neighbours, turned into signs to be seen."""

from __future__ import annotations

import re
from typing import Final

# Controls but tab and line feed, line and paragraph separators, halves of surrogates, and the two that are no
# characters; and what turns the direction of writing. Source: Unicode Bidirectional Algorithm (UAX #9),
# explicit directional formatting.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""The text with such signs as JSON escapes them: `\u202e`."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
