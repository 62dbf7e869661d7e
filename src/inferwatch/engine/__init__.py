"""An embedded Amazon CloudWatch: log events in, alarm actions out, on any clock.

In:  operations with typed arguments, from `wire` (or a test).
Out: results, and deliveries for `notify` to carry; refusals as `AwsError`.
"""
