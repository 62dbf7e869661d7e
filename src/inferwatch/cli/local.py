"""`inferwatch local`: the embedded CloudWatch, until it is stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inferwatch.cli.up import Debug
from inferwatch.model.limits import LOCAL_PORT

if TYPE_CHECKING:
    from inferwatch.local.keys import Keys

DATA_FOLDER = ".inferwatch"
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 picks a free one.")]
_DIGITS = "Clients whose access key id is of 12 digits are in that account instead."


def local(
    *,
    port: Port = LOCAL_PORT,
    data: Annotated[
        str | None,
        typer.Option(metavar="DIR", help=f"The folder that outlives it.  [default: {DATA_FOLDER}]"),
    ] = None,
    memory: Annotated[bool, typer.Option("--memory", help="Keep nothing on disk.")] = False,
    account_id: Annotated[str, typer.Option(metavar="ID", help=f"The account. {_DIGITS}")] = "000000000000",
    host: Annotated[
        str,
        typer.Option(metavar="HOST", help="Where to listen; beyond this machine with --require-auth only."),
    ] = "127.0.0.1",
    require_auth: Annotated[
        bool,
        typer.Option(
            "--require-auth",
            help="Take only calls signed with a key of --keys, else with that of AWS_ACCESS_KEY_ID.",
        ),
    ] = False,
    keys: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keys for --require-auth: a file like ~/.aws/credentials."),
    ] = None,
    destination: Annotated[
        list[str] | None,
        typer.Option(metavar="ARN=URL", help="Where a subscription filter's destination is delivered to."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line when ready.")] = False,
    debug: Debug = False,
) -> None:
    """Serve the embedded CloudWatch.

    AWS endpoint and console on one port, of this machine alone unless told, until Ctrl-C or SIGTERM.
    """
    from inferwatch.engine.subscriptions.destination import read_addresses
    from inferwatch.local import LocalServer

    addresses = read_addresses(destination or [])
    folder = _data_folder(data, memory=memory)
    server = LocalServer(
        port=port,
        host=host,
        keys=_keys(keys, require_auth=require_auth),
        data=folder,
        account_id=account_id,
        addresses=addresses,
    )
    kept = "in memory: everything is gone when this stops" if folder is None else f"data in {folder}"
    ready = {"endpoint_url": server.endpoint_url, "console_url": server.console_url}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn ends cleanly, then raises it again
    server.serve(on_ready=lambda: _announce(ready, kept, as_json))


def _keys(file: str | None, *, require_auth: bool) -> Keys | None:
    """What calls have to be signed with; `None` where nothing is asked."""
    from inferwatch.local.keys import read_keys
    from inferwatch.model.errors import UsageError

    if not require_auth:
        if file is not None:
            raise UsageError("--keys: keys are looked at with --require-auth only")
        return None
    return read_keys(None if file is None else Path(file), os.environ)


def _data_folder(name: str | None, *, memory: bool) -> Path | None:
    """Where to keep data; `None` for nowhere."""
    from inferwatch.model.errors import UsageError

    if memory:
        if name is not None:
            raise UsageError("--data and --memory: choose one")
        return None
    if name is None:
        return Path(DATA_FOLDER)
    if not name.strip():
        # A path would take it for the current folder.
        raise UsageError("--data: expected a folder, found an empty name")
    return Path(name)


def _announce(ready: dict[str, str], kept: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps(ready), flush=True)
        return
    print(f"CloudWatch   {ready['endpoint_url']}   (export AWS_ENDPOINT_URL={ready['endpoint_url']})")
    print(f"console      {ready['console_url']}")
    print(f"{kept}   (Ctrl-C ends it)", flush=True)
