"""`inferwatch destroy`: delete everything a stack has at a local endpoint."""

from __future__ import annotations

from pathlib import Path

from inferwatch.cli.up import (
    AsJson,
    Config,
    Debug,
    Directory,
    EndpointUrl,
    Stack,
    Targets,
    carry_out,
)
from inferwatch.model.limits import LOCAL_ENDPOINT_URL


def destroy(
    directory: Directory = Path(),
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    stack: Stack = "dev",
    config: Config = None,
    target: Targets = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Delete all that a stack has.

    At a local endpoint; the program is not run.
    """
    from inferwatch import deploy

    carry_out(
        deploy.destroy,
        "up",
        directory,
        as_json=as_json,
        endpoint_url=endpoint_url,
        stack=stack,
        config=config,
        targets=target,
        debug=debug,
    )
