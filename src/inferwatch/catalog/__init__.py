"""What we watch, as data: metrics, how each kind of log tells them, alarms, the dashboard, saved queries.

In:  nothing: tables, and `M`, the arithmetic that alarms and charts are written in.
Out: metrics, readings, watches, rows and queries, to `infra`, `inferwatch local` and the docs.

No other room names a metric, a pattern, a threshold or a widget. Begin reading at `metrics.py`.
"""

from inferwatch.catalog.expressions import M

__all__ = ["M"]
