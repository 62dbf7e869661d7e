"""`inferwatch init`: a new Pulumi project that monitors LLM inferences."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from inferwatch.cli.up import AsJson, Debug


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; made if need be.")] = Path(),
    *,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write a new Pulumi project.

    Nine lines that monitor LLM inferences; nothing that is there is overwritten.
    """
    from inferwatch.deploy.template import write_project

    written = write_project(directory)
    if as_json:
        print(json.dumps({"files": [str(path) for path in written]}))
        return
    for path in written:
        print(f"wrote {path}")
    print(f"next: inferwatch up --start {shlex.quote(_argument(directory))}")


def _argument(directory: Path) -> str:
    """As a command takes it: what begins with a dash would be an option."""
    return f"./{directory}" if str(directory).startswith("-") else str(directory)
