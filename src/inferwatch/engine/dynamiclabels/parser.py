"""A label's text → nodes.

    label = { text | "${" ( name | "PROP(" quoted ")" ) "}" }

Source: CloudWatch User Guide, "Use dynamic labels", read 2026-11: at most six values, `${LABEL}` once.
Differs: the texts of refusals are ours, AWS's were not recorded. A `${…}` that the guide does not name is
refused, and there is no way to write `${` itself; whether AWS shows such a thing as it is, is not known.
"""

from __future__ import annotations

import re
from typing import Final

from inferwatch.engine.dynamiclabels.fill import FIGURES
from inferwatch.engine.dynamiclabels.nodes import Label, Live, Part, Property, Text
from inferwatch.lang.cursor import Cursor
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import LABEL_MAX_VALUES

_OPENING: Final = "${"
_UNTIL_OPENING = re.compile(r"(?:(?!\$\{).)+", re.DOTALL)
_NAME = re.compile(r"[A-Z_]+(?=\})")
_SHOWN = re.compile(r"[^}]{0,40}\}?")
_PROPERTIES: Final = frozenset(
    {"AccountId", "AccountLabel", "MetricName", "Namespace", "Period", "Region", "Stat"}
)
_DIMENSION: Final = "Dim."


class LabelError(AwsError):
    """A label that cannot be understood; `column` is 1-based."""

    def __init__(self, problem: str, name: str, offset: int) -> None:
        message = f"Error in label '{name}': {problem} at column {offset + 1}"
        super().__init__("ValidationException", message, status=400)
        self.column = offset + 1


def parse(text: str, name: str = "") -> Label:
    """Read one label.

    Args:
        name: The id of the query that has it.

    Raises:
        LabelError: It names no value of the guide's, or more than six.
    """
    cursor = Cursor(text)
    parts: list[Part] = []
    values = 0
    while not cursor.at_end:
        start = cursor.offset
        plain = cursor.match(_UNTIL_OPENING)
        if plain is not None:
            parts.append(Text(plain))
            continue
        part = _value(cursor)
        values += 1
        if part is None:
            cursor.offset = start
            raise LabelError(f"unknown dynamic value '{cursor.match(_SHOWN)}'", name, start)
        if part == Live("LABEL") and part in parts:
            raise LabelError("a second ${LABEL}", name, start)
        if values > LABEL_MAX_VALUES:
            raise LabelError(f"more than {LABEL_MAX_VALUES} dynamic values", name, start)
        parts.append(part)
    return Label(tuple(parts))


def _value(cursor: Cursor) -> Live | Property | None:
    """Move past one value; `None` where there is none, wherever the cursor then is."""
    cursor.take(_OPENING)
    if cursor.take("PROP("):
        name = cursor.match_quoted("'")
        known = name is not None and (name in _PROPERTIES or name.startswith(_DIMENSION))
        return Property(name) if name is not None and known and cursor.take(")}") else None
    name = cursor.match(_NAME)
    known = name is not None and (name == "LABEL" or name in FIGURES) and cursor.take("}")
    return Live(name) if name is not None and known else None
