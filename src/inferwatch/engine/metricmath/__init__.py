"""Metric math: an expression over series → a series, an array of them, or a scalar.

In:  the text of an expression, the values of the queries it reads, and the window.
Out: values, to GetMetricData, alarms and dashboards.
"""

from inferwatch.engine.metricmath.evaluate import Context, evaluate
from inferwatch.engine.metricmath.nodes import Expression, calls, ids
from inferwatch.engine.metricmath.parser import ExpressionError, parse
from inferwatch.engine.metricmath.types import type_of
from inferwatch.engine.metricmath.values import Grid, Member, Series, Type, Value

__all__ = [
    "Context",
    "Expression",
    "ExpressionError",
    "Grid",
    "Member",
    "Series",
    "Type",
    "Value",
    "calls",
    "evaluate",
    "ids",
    "parse",
    "type_of",
]
