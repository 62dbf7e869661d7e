"""`inferwatch ship`: deliver what processes that are gone have left in their spools."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from inferwatch.cli.up import AsJson, Debug


def ship(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A spool, or a folder of spools.")],
    *,
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", help="Deliver there, not where the records were for.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Deliver there, not where the records were for.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, help="Give up after so many seconds without progress.")
    ] = 30.0,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Deliver the records that a killed or cut-off application has left behind.

    Exits 0 when nothing is left, 1 when something is.
    """
    from inferwatch.model.errors import UsageError
    from inferwatch.ship.report import counted
    from inferwatch.ship.rescue import Rescuer

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one given as spool_dir, or INFERWATCH_SPOOL_DIR")
    found = Rescuer(region=region, endpoint_url=endpoint_url, patience_s=timeout).rescue(folder)
    is_done = not (found.left or found.damaged or found.held)
    if as_json:
        document = {
            "delivered": found.delivered, "rejected": found.rejected, "left": found.left,
            "damaged": found.damaged, "held": [str(path) for path in found.held], "trouble": found.trouble,
        }  # fmt: skip
        print(json.dumps(document))
        raise typer.Exit(0 if is_done else 1)
    if found.delivered or found.rejected or is_done:
        print(f"delivered {counted(found.delivered)}" if found.delivered else "nothing was waiting")
    if found.rejected:
        print(f"rejected {counted(found.rejected)}: see dead-letters.jsonl beside them")
    for path in found.held:
        sys.stderr.write(f"{path} belongs to a process that still runs, and delivers it itself\n")
    for file in found.damaged:
        sys.stderr.write(f"left as it is: {file}\n")
    if found.left:
        sys.stderr.write(f"{counted(found.left)} left: {found.trouble or 'there was no time'}\n")
    raise typer.Exit(0 if is_done else 1)
