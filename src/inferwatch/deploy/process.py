"""Start the child a deployment runs in, and read what it says."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from inferwatch.deploy.result import Changes, DeployError, Difference, Event, Result
from inferwatch.model.errors import InferwatchError, UsageError


def run_child(request: str, *, endpoint_url: str, on_event: Callable[[Event], None] | None) -> Result:
    """Run one request to its end.

    Raises:
        DeployError: the program or a resource failed, or the child ended without a word.
        UsageError: the request was refused.
    """
    # A program that calls AWS itself while it is applied must meet the same endpoint.
    environment = os.environ | {"AWS_ENDPOINT_URL": endpoint_url}
    with subprocess.Popen(
        # -P: a file of the user's that is called like one of Python's must not be imported instead of it.
        [sys.executable, "-P", "-m", "inferwatch.deploy.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(request)
            child.stdin.close()
        last: Mapping[str, Any] | None = None
        applied = False
        for line in child.stdout:
            message = json.loads(line)
            if "event" in message:
                event = _event(message["event"])
                applied = applied or event.kind in ("applying", "delete")
                if on_event is not None:
                    on_event(event)
            else:
                last = message
    if last is None:
        raise DeployError([_ended(child.returncode)], applied=applied)
    return _outcome(last)


def _outcome(last: Mapping[str, Any]) -> Result:
    if "result" in last:
        result = last["result"]
        return Result(Changes(**result["changes"]), result["outputs"], result["console_urls"])
    if "failed" in last:
        failed = last["failed"]
        raise DeployError(failed["problems"], applied=failed["applied"], traceback=failed["traceback"])
    if "refused" in last:
        raise UsageError(last["refused"])
    raise InferwatchError(f"the deployment broke; this is a fault in inferwatch:\n{last['crashed']}")


def _event(document: dict[str, Any]) -> Event:
    differences = tuple(Difference(**item) for item in document["differences"])
    return Event(**(document | {"changed": tuple(document["changed"]), "differences": differences}))


def _ended(status: int) -> str:
    how = f"was killed by signal {-status}" if status < 0 else f"ended itself with exit status {status}"
    return f"the program's process {how} before the deployment was complete"
