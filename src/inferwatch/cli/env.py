"""`inferwatch env`: what an application needs to reach a stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from inferwatch.cli.up import AsJson, Debug, Directory, EndpointUrl, Stack
from inferwatch.model.limits import LOCAL_ENDPOINT_URL


def env(
    directory: Directory = Path(),
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    stack: Stack = "dev",
    as_json: AsJson = False,
    dotenv: Annotated[bool, typer.Option("--dotenv", help="Print lines for a .env file.")] = False,
    debug: Debug = False,
) -> None:
    """Print where an application should write.

    For a shell: eval "$(inferwatch env DIR)"
    """
    from inferwatch.deploy import environment
    from inferwatch.model.errors import UsageError

    if as_json and dotenv:
        raise UsageError("--json and --dotenv: choose one")
    variables = environment(directory, endpoint_url=endpoint_url, stack=stack)
    if as_json:
        print(json.dumps(variables))
        return
    for name, value in variables.items():
        quoted = _quote(value)
        print(f"{name}={quoted}" if dotenv else f"export {name}={quoted}")


def _quote(value: str) -> str:
    """The value as a shell reads it back, whatever is in it."""
    return "'" + value.replace("'", "'\"'\"'") + "'"
