"""Metric alarms: a window of datapoints → a state, its reason, and what to do about it.

In:  series from `metricdata`, the moment of evaluation.
Out: transitions, to `notify` and the alarm's history.
"""
