"""Every function of the language, by its name in small letters.

In:  values of arguments.
Out: a value, to the evaluator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from inferwatch.engine.insights.functions.addresses import ADDRESSES
from inferwatch.engine.insights.functions.dates import DATES
from inferwatch.engine.insights.functions.documents import DOCUMENTS
from inferwatch.engine.insights.functions.function import Function
from inferwatch.engine.insights.functions.general import GENERAL
from inferwatch.engine.insights.functions.numbers import NUMBERS
from inferwatch.engine.insights.functions.strings import STRINGS

__all__ = ["FUNCTIONS", "TAKES_PERIOD"]

FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name.lower(): function
    for functions in (GENERAL, NUMBERS, STRINGS, DATES, ADDRESSES, DOCUMENTS)
    for function in functions
}
TAKES_PERIOD: Final[Mapping[str, int]] = {"bin": 0, "datefloor": 1, "dateceil": 1}
"""Which argument of a function is a period."""
