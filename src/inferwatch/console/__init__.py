"""The console: dashboards, alarms and notifications as pages that read without JavaScript and move with it.

In: the AWS API of one engine or account, as `drawing.api.Api`, from wire's in-process implementation.
Out: a Starlette application, to whoever serves it.

Nothing is computed here that CloudWatch computes: a page asks for alarms, bodies and metric data as any
client would, lays them out (`cards`), and has `drawing` draw and word them.
"""

from inferwatch.console.app import create_console
from inferwatch.drawing.api import Api

__all__ = ["Api", "create_console"]
