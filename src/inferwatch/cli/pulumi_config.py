"""`inferwatch pulumi-config`: the settings with which the real Pulumi CLI speaks to a local endpoint."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from inferwatch.cli.up import AsJson, Debug, EndpointUrl
from inferwatch.model.limits import LOCAL_ENDPOINT_URL

Region = Annotated[
    str, typer.Option("--region", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="The AWS region.")
]


def pulumi_config(
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    region: Region = "us-east-1",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Print a stack's settings for `pulumi up` at a local endpoint.

    Into a new stack's file: inferwatch pulumi-config > Pulumi.local.yaml
    """
    from inferwatch.deploy.providers import local_config
    from inferwatch.deploy.target import loopback
    from inferwatch.model.errors import UsageError
    from inferwatch.model.region import check_region

    try:
        settings = local_config(loopback(endpoint_url), check_region(region))
    except LookupError as unknown:
        raise UsageError(f"--region: {unknown}") from None
    if as_json:
        print(json.dumps(settings))
        return
    import yaml  # type: ignore[import-untyped]

    print(yaml.safe_dump({"config": settings}, sort_keys=False), end="")
