"""The metric math language: series → one series.

In:  an expression's text, and the series its ids name.
Out: a series, to GetMetricData and `alarms`.

This version has ids, numbers and all operators; functions are refused by name.
"""

from inferwatch.engine.metricmath.evaluate import Series, evaluate
from inferwatch.engine.metricmath.nodes import Expression, ids
from inferwatch.engine.metricmath.parser import ExpressionError, parse

__all__ = ["Expression", "ExpressionError", "Series", "evaluate", "ids", "parse"]
