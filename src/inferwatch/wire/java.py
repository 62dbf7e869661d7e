"""Values as AWS's texts show them, which are Java's.

Source: a list in a constraint's text and a refused double, recorded 2026-02 and 2026-09.
Differs: how a structure or a map inside of such a text is written was not recorded: as Java writes a map.
"""

from __future__ import annotations

import math
from typing import Any

from inferwatch.engine.filterpattern.compare import number_text


def java_text(value: Any) -> str:
    """[Sum, Average], {key=value}, true, null, 4.6970851655476665E108."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return "NaN" if math.isnan(value) else number_text(value)
        case list() | tuple():
            return f"[{', '.join(map(java_text, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}={java_text(item)}' for key, item in value.items())}}}"
        case bytes():
            return f"{len(value)} bytes"
        case _:
            return str(value)
