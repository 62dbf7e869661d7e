"""`inferwatch preview`: what `up` would do to a stack."""

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


def preview(
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
    """Show what `up` would do.

    Property by property, old and new; nothing is changed.
    """
    from inferwatch import deploy

    carry_out(
        deploy.preview,
        "preview",
        directory,
        as_json=as_json,
        expect_no_changes=expect_no_changes,
        endpoint_url=endpoint_url,
        stack=stack,
        config=config,
        targets=target,
        debug=debug,
    )
