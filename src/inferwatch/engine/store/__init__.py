"""Log events on disk: append-only segments of compressed frames, and the control state beside them.

In:  batches of accepted events from `logs`.
Out: events in reading order to `logs`; groups, streams and filters as they were at the last start.
"""
