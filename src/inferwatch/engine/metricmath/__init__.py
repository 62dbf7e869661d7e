"""Metric math: an expression over series → a series, an array of them, or a scalar.

In:  the text of an expression, the values of the queries it reads, and the window.
Out: values, to GetMetricData, alarms and dashboards.
"""

from inferwatch.engine.metricmath.evaluate import Context, evaluate
from inferwatch.engine.metricmath.functions import FILLING
from inferwatch.engine.metricmath.nodes import (
    Call,
    Expression,
    Number,
    Reference,
    Text,
    called,
    functions,
    ids,
)
from inferwatch.engine.metricmath.parser import ExpressionError, parse
from inferwatch.engine.metricmath.types import type_of
from inferwatch.engine.metricmath.values import Grid, Member, Series, Type, Value, points

__all__ = [
    "FILLING",
    "Call",
    "Context",
    "Expression",
    "ExpressionError",
    "Grid",
    "Member",
    "Number",
    "Reference",
    "Series",
    "Text",
    "Type",
    "Value",
    "called",
    "evaluate",
    "functions",
    "ids",
    "parse",
    "points",
    "type_of",
]
