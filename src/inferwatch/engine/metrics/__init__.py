"""Datapoints → series and statistics, by the minute.

In:  samples `(metric, timestamp, value, unit)` from `metricfilters` and PutMetricData.
Out: one value per period, to `alarms`, `dashboards` and GetMetricData.
"""
