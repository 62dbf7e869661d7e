"""Subscription filters: which events of a log group are forwarded, and to whom.

In:  filters from PutSubscriptionFilter, accepted log events (masked) from `engine`.
Out: posts in AWS's payload, for the edge to send; what came of each is kept.
"""
