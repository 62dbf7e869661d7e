"""Metric filters: accepted log events → samples of metrics.

In:  log events of a group, from `logs`.
Out: samples, to `metrics`.
"""
