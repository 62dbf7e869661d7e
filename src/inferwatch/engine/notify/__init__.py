"""SNS topics: who is subscribed, and what is on its way to them.

In:  published messages, from alarm actions and Publish.
Out: deliveries, for the edge to post or to write as mail; what came of each is kept.
"""
