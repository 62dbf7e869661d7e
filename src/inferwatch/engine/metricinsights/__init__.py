"""The SQL of Metrics Insights: one aggregate over the metrics of a namespace.

In:  a query's text.
Out: a `Query` that says which metrics it takes and how their series group, to `metricdata`.
"""

from inferwatch.engine.metricinsights.nodes import Condition, Order, Query
from inferwatch.engine.metricinsights.parser import QueryError, is_query, parse
from inferwatch.engine.metricinsights.printer import write

__all__ = ["Condition", "Order", "Query", "QueryError", "is_query", "parse", "write"]
