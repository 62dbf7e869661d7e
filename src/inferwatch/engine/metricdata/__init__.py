"""Metric queries → results: metrics and math together, as GetMetricData and alarms ask.

In:  `MetricQuery` values, and the metric store.
Out: one labelled series per query, to GetMetricData, `alarms` and the console.
"""
