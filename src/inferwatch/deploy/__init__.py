"""Apply an ordinary Pulumi program to a local endpoint, without the Pulumi CLI.

In: a Pulumi project (a directory), from the user.
Out: resources on an AWS endpoint on loopback, and the stack's state, to whoever called `up`.

Read in this order: `operations.py` (up, destroy, outputs), `child.py` (the process a program runs in),
`deployment.py` (what the SDK talks to), `stepper.py` (what one registration leads to), `state.py` and
`store.py` (what is remembered), `resources/` (one file per resource type).
"""

from inferwatch.deploy.operations import destroy, environment, export, outputs, preview, refresh, up
from inferwatch.deploy.result import Changes, DeployError, Difference, Event, Result

__all__ = [
    "Changes",
    "DeployError",
    "Difference",
    "Event",
    "Result",
    "destroy",
    "environment",
    "export",
    "outputs",
    "preview",
    "refresh",
    "up",
]
