"""Bytes ↔ values, driven by the shapes of the service models.

In:  request bodies.
Out: parameters in AWS's casing with every timestamp as int epoch ms; and results back again.
"""
