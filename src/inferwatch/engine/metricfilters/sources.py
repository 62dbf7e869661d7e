"""Where a metric value or a dimension comes from, and how what stands there is read.

5  -2.5            a number, the same for every event (values only)
$.duration_ms      a place in a JSON message
$status  $3        a field of a space-delimited pattern, by name or by position from 1
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from inferwatch.engine.filterpattern import Event, Pattern, PatternError, compile_selector
from inferwatch.engine.filterpattern.compare import number_text
from inferwatch.engine.filterpattern.literal import NUMBER
from inferwatch.engine.filterpattern.nodes import Fields
from inferwatch.engine.filterpattern.pattern import CompiledSelector
from inferwatch.engine.filterpattern.tokens import position_of
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import METRIC_VALUE_MAX
from inferwatch.model.text import whole_text

_POSITION = re.compile(r"\$([1-9][0-9]{0,4})")


@dataclass(frozen=True, slots=True)
class Token:
    """One field of a space-delimited pattern; a negative position counts from the end."""

    position: int


Place: TypeAlias = CompiledSelector | Token


def compile_value(text: str, pattern: Pattern) -> float | Place:
    """Read a filter's `metricValue`."""
    if not NUMBER.fullmatch(text):
        return compile_place(text, pattern, "metric value")
    number = float(text)
    if abs(number) > METRIC_VALUE_MAX:
        raise not_a_number(text, "metric value")
    return number


def compile_place(text: str, pattern: Pattern, what: str) -> Place:
    """Read `$.x`, `$name` or `$n`.

    Differs: a `$name` that the pattern does not hold is refused; what AWS does with it was not recorded.
    """
    place = _selector(text) if text.startswith("$.") else _token(text, pattern)
    if place is None:
        raise not_a_number(text, what)
    return place


def look(place: Place, event: Event, texts: list[str] | None) -> Any:
    """What stands there; `None` where nothing does.

    Args:
        texts: The fields of a space-delimited pattern.
    """
    if isinstance(place, CompiledSelector):
        return place.first(event.document)
    return token_at(texts, place.position)


def token_at(texts: list[str] | None, position: int) -> str | None:
    if texts is None or not -len(texts) <= position < len(texts):
        return None
    return texts[position]


def number_at(node: Any) -> float | None:
    """A JSON number, or a string that holds one, as CloudWatch takes values: up to 2**360 either way.

    Differs: numeric strings in JSON were not measured; we accept them.
    """
    if isinstance(node, bool) or not isinstance(node, int | float | str | Decimal):
        return None
    if isinstance(node, str) and not NUMBER.fullmatch(node):
        return None
    try:
        number = float(node)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) <= METRIC_VALUE_MAX else None


def dimension_at(node: Any) -> str:
    """A dimension's value; empty where it is missing, null, empty or a container."""
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, int | float | Decimal):
        return number_text(node)
    return whole_text(node) if isinstance(node, str) else ""


def not_a_number(text: str, what: str) -> AwsError:
    return invalid_parameter(f"Invalid metric transformation: {what} {text} must be a valid number")


def _selector(text: str) -> CompiledSelector | None:
    try:
        return compile_selector(text)
    except PatternError:
        return None


def _token(text: str, pattern: Pattern) -> Token | None:
    fields = pattern.tree
    if not isinstance(fields, Fields) or not text.startswith("$"):
        return None
    numbered = _POSITION.fullmatch(text)
    if numbered:
        position = int(numbered.group(1)) - 1
        return Token(position) if fields.tail is not None or position < len(fields.head) else None
    named = position_of(fields, text[1:])
    return None if named is None else Token(named)
