"""What text is written on: a terminal of some width, whose encoding may lack our signs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_ASCII: Final = str.maketrans(
    {
        "\N{EN DASH}": "-", "\N{MULTIPLICATION SIGN}": "x", "\N{NO-BREAK SPACE}": " ",
        "≥": ">=", "≤": "<=", "→": "->", "…": "~", "µ": "u",
    }
)  # fmt: skip
STYLES: Final = {"ALARM": "bold red", "OK": "green", "INSUFFICIENT_DATA": "yellow"}


def paper() -> Console:
    """Standard output."""
    from rich.console import Console

    return Console(highlight=False, emoji=False, markup=False)


def is_ascii(console: Console) -> bool:
    return not console.encoding.startswith("utf")


def written(console: Console, text: str, style: str = "") -> Text:
    """The text in signs that can be written there: control characters become question marks."""
    from rich.text import Text

    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    if is_ascii(console):
        shown = shown.translate(_ASCII).encode(console.encoding, "replace").decode(console.encoding)
    return Text(shown, style)


def is_terminal() -> bool:
    return sys.stdout.isatty()
