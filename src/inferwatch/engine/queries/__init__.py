"""Logs Insights queries over stored events: started, run piece by piece, asked for, stopped.

In:  a query's text, log groups and a stretch of time.
Out: rows and statistics, to `wire`.
"""
