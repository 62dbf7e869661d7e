"""Functions that the evaluator sees to: they choose among their arguments, or ask for time and query.

Source: CloudWatch Logs User Guide, "General functions", "Datetime functions".
"""

from __future__ import annotations

from typing import Final

from inferwatch.engine.insights.functions.function import Function, of_texts
from inferwatch.engine.insights.functions.numbers import MANY
from inferwatch.engine.insights.values import Value, number


def _is_numeric(value: Value) -> Value:
    return number(value) is not None


GENERAL: Final = (
    Function("ispresent", "is there a value?", None),
    Function("coalesce", "the first that there is", None, most=MANY),
    Function("if", "the second where the first holds, else the third", None, 3, 3),
    Function("case", "the value after the first condition that holds, or the last", None, 2, MANY),
    Function("bin", "the start of the period of `@timestamp`", None),
    Function("datefloor", "the start of a moment's period", None, 2, 2),
    Function("dateceil", "the end of a moment's period", None, 2, 2),
    Function("now", "when the query was started, in seconds", None, 0, 0),
    Function("queryStartTime", "the start of what is searched", None, 0, 0),
    Function("queryEndTime", "its end", None, 0, 0),
    Function("queryTimeRange", "the milliseconds between", None, 0, 0),
    Function("isNumeric", "is it a number?", _is_numeric),
    Function("messageSize", "bytes of a text", of_texts(lambda shown: len(shown.encode()))),
)
