"""`inferwatch refresh`: what became of a stack's resources behind its back."""

from __future__ import annotations

from pathlib import Path

import typer

from inferwatch.cli.up import (
    AsJson,
    Config,
    Debug,
    Directory,
    EndpointUrl,
    ExpectNoChanges,
    Stack,
    Targets,
    carry_out,
    parse_config,
)
from inferwatch.model.limits import LOCAL_ENDPOINT_URL


def refresh(
    directory: Directory = Path(),
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    stack: Stack = "dev",
    config: Config = None,
    target: Targets = None,
    expect_no_changes: ExpectNoChanges = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Look for what was changed by hand.

    The stack's state takes it over; the next `up` puts it right. The program is not run.
    """
    from inferwatch import deploy

    result = carry_out(
        deploy.refresh,
        "refresh",
        directory,
        as_json=as_json,
        with_steps=True,
        endpoint_url=endpoint_url,
        stack=stack,
        config=parse_config(config),
        targets=target or (),
        debug=debug,
    )
    if expect_no_changes and result.changes.total:
        raise typer.Exit(1)
