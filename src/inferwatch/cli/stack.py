"""`inferwatch stack`: what a stack remembers."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from inferwatch.cli.up import Debug, Directory, EndpointUrl, Stack
from inferwatch.model.limits import LOCAL_ENDPOINT_URL

stack_commands = typer.Typer(no_args_is_help=True, help="What a stack remembers.")


@stack_commands.callback()
def _group() -> None:
    """What a stack remembers."""


@stack_commands.command("export")
def export(
    directory: Directory = Path(),
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    stack: Stack = "dev",
    debug: Debug = False,
) -> None:
    """Print a stack's state as `pulumi stack import` takes it.

    Secrets stay encrypted with the stack's passphrase.
    """
    from inferwatch import deploy

    print(json.dumps(deploy.export(directory, endpoint_url=endpoint_url, stack=stack), indent=4))
