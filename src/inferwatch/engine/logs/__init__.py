"""Log groups and streams: events kept in order, and read back.

In:  batches of events from PutLogEvents.
Out: the accepted events to `metricfilters`; pages of events to Get- and FilterLogEvents.
"""
