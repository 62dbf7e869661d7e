"""Web addresses as they may be shown."""

from __future__ import annotations

import re
from typing import Final

_PASSWORD: Final = re.compile(r"(://[^/?#\s:@]*):[^/?#\s]*@")


def without_password(text: str) -> str:
    """The text with the password of every address in it as AWS shows one: `https://user:****@host`."""
    return _PASSWORD.sub(r"\1:****@", text)
