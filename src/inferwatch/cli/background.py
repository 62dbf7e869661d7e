"""An engine that goes on after the command that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

from inferwatch.model.errors import UsageError
from inferwatch.model.folders import state_root


def start_engine(endpoint_url: str) -> None:
    """Start `inferwatch local` at this address, unless an engine answers there; say how to end it.

    Raises:
        UsageError: something else is there, or it did not come up.
    """
    from inferwatch.deploy.target import answers

    if answers(endpoint_url):
        return
    port = urlsplit(endpoint_url).port
    if urlsplit(endpoint_url).scheme != "http" or port is None:
        raise UsageError(f"--start: {endpoint_url} cannot be served: expected http://127.0.0.1:PORT")
    log = state_root(os.environ) / f"local-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "inferwatch", "local", "--port", str(port), "--json"]
    with log.open("w") as errors:
        engine = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            text=True,
        )
    assert engine.stdout is not None
    ready = engine.stdout.readline()
    engine.stdout.close()
    if not ready:
        engine.wait()
        raise UsageError(f"--start: no engine came up: {log.read_text().strip() or 'it said nothing'}")
    served = json.loads(ready)["endpoint_url"]
    sys.stderr.write(
        f"started the embedded CloudWatch at {served}   (kill {engine.pid} ends it; log: {log})\n"
    )
