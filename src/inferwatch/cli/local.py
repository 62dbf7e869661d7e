"""`inferwatch local`: the embedded CloudWatch, until it is stopped."""

from __future__ import annotations

import json
import signal
import sys
from typing import Annotated

import typer

from inferwatch.model.errors import UsageError
from inferwatch.model.limits import LOCAL_PORT


def local(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 picks a free one.")
    ] = LOCAL_PORT,
    memory: Annotated[bool, typer.Option("--memory", help="Keep nothing on disk.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line when ready.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Serve the embedded CloudWatch.

    AWS endpoint and console on one loopback port, until Ctrl-C or SIGTERM.
    """
    if not memory:
        raise UsageError(
            "this version keeps everything in memory only: say that you know with `inferwatch local --memory`"
        )
    from inferwatch.local import LocalServer

    server = LocalServer(port=port)
    ready = {"endpoint_url": server.endpoint_url, "console_url": server.console_url}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn ends cleanly, then raises it again
    server.serve(on_ready=lambda: _announce(ready, as_json))


def _announce(ready: dict[str, str], as_json: bool) -> None:
    if as_json:
        print(json.dumps(ready), flush=True)
        return
    print(f"CloudWatch   {ready['endpoint_url']}   (export AWS_ENDPOINT_URL={ready['endpoint_url']})")
    print(f"console      {ready['console_url']}")
    print("in memory: everything is gone when this stops (Ctrl-C)", flush=True)
