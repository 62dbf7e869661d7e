"""The embedded CloudWatch as one process: engine, AWS endpoint and console on one port.

In:  a port and a clock, from the command line, the demo or a test.
Out: a served `endpoint_url` that any AWS client and any browser can use.
"""

from inferwatch.local.server import LocalServer

__all__ = ["LocalServer"]
