"""Functions of numbers. Source: CloudWatch Logs User Guide, "Numeric operations"."""

from __future__ import annotations

import math
from typing import Final

from inferwatch.engine.insights.functions.function import Function, of_numbers

MANY: Final = 100
_MAX_PLACES = 15


def _round(value: float, places: float = 0) -> float:
    """Halves go away from zero."""
    if abs(places) > _MAX_PLACES:
        return value
    scale = 10.0 ** int(places)
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value)


NUMBERS: Final = (
    Function("abs", "without its sign", of_numbers(abs)),
    Function("ceil", "the next integer up", of_numbers(math.ceil)),
    Function("floor", "the next integer down", of_numbers(math.floor)),
    Function("greatest", "the largest", of_numbers(lambda *all_of: max(all_of)), most=MANY),
    Function("least", "the smallest", of_numbers(lambda *all_of: min(all_of)), most=MANY),
    Function("log", "the natural logarithm", of_numbers(math.log)),
    Function("round", "rounded, to so many places", of_numbers(_round), most=2),
    Function("sqrt", "the square root", of_numbers(math.sqrt)),
    Function("toNumber", "a text as a number", of_numbers(float)),
    Function("toDouble", "a text as a number", of_numbers(float)),
    Function("toInt", "without its fraction", of_numbers(math.trunc)),
    Function("toLong", "without its fraction", of_numbers(math.trunc)),
)
