"""The embedded metric format: metrics that a log event carries inside itself.

In:  an accepted log event's message and the document it holds, from `engine`.
Out: samples to `metrics`, and how many errors each event held.
"""
