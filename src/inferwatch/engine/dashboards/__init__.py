"""Dashboards: bodies checked as AWS checks them, and kept.

In:  a name and a body, from PutDashboard.
Out: stored bodies, to GetDashboard and the console; messages about what is odd in them.
"""
