"""Anomaly detection: what a metric's own past says its values should be.

In:  metrics and metric math of up to two weeks before, by `metricdata`.
Out: both edges of ANOMALY_DETECTION_BAND, to GetMetricData and `alarms`; anomaly detectors, to the wire.
"""
