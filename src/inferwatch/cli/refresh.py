"""`inferwatch refresh`: what became of a stack's resources behind its back."""

from __future__ import annotations

from pathlib import Path

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

    carry_out(
        deploy.refresh,
        "refresh",
        directory,
        as_json=as_json,
        expect_no_changes=expect_no_changes,
        endpoint_url=endpoint_url,
        stack=stack,
        config=config,
        targets=target,
        debug=debug,
    )
