"""Where records go: from what was given, else from the environment, else from the AWS profile."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from inferwatch.model import variables
from inferwatch.model.errors import UsageError
from inferwatch.model.loopback import is_loopback
from inferwatch.model.process import warn
from inferwatch.ship.target import DEFAULT_STREAM, Target, literal

_REGION_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
_ENDPOINT_VARIABLES: Final = ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "AWS_ENDPOINT_URL")
_LOOPBACK_REGION: Final = "us-east-1"

NO_LOG_GROUP: Final = (
    "no log group is known, so nothing is recorded. There are three ways to name one: "
    'inferwatch.configure(log_group="/inferwatch/app") in the program; '
    f"{variables.LOG_GROUP}=/inferwatch/app in its environment; "
    'or eval "$(inferwatch env DIR)", which takes it from a Pulumi stack'
)


def resolve(
    environ: Mapping[str, str],
    *,
    service: str | None = None,
    log_group: str | None = None,
    log_stream: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> Target:
    """Where records go, from what was given and else from the environment; see `configure`.

    The region is `None` where only the AWS profile can know it.
    """
    log_group = given(log_group, environ, variables.LOG_GROUP)
    if log_group is None:
        raise UsageError(NO_LOG_GROUP)
    endpoint_url = given(endpoint_url, environ, *_ENDPOINT_VARIABLES)
    region = given(region, environ, *_REGION_VARIABLES)
    if region is None and endpoint_url is not None and is_loopback(endpoint_url):
        region = _LOOPBACK_REGION
        warn(f"no AWS region is set: using `{region}` for {endpoint_url}")
    if log_stream is None and (name := given(None, environ, variables.LOG_STREAM)) is not None:
        log_stream = literal(name)
    return Target(
        log_group=log_group,
        region=region or None,
        service=given(service, environ, variables.SERVICE) or program_name(),
        log_stream=log_stream or DEFAULT_STREAM,
        endpoint_url=endpoint_url,
    )


def given(value: str | None, environ: Mapping[str, str], *variables: str) -> str | None:
    """The value given, else the first variable that is set to something."""
    if value is not None:
        return value
    return next((environ[name] for name in variables if environ.get(name)), None)


def profile_region() -> str:
    """The AWS profile's region; reading it takes a quarter of a second.

    Raises:
        UsageError: It names none.
    """
    from botocore.session import Session

    region = Session().get_config_variable("region")
    if not isinstance(region, str) or not region:
        raise UsageError(
            'no AWS region is known: give inferwatch.configure(region="eu-west-1"), set AWS_REGION, '
            "or name one in the AWS profile"
        )
    return region


def program_name() -> str:
    """`app` for `python app.py` and for `python -m app`."""
    path = PurePath(sys.argv[0] if sys.argv else "")
    name = path.parent.name if path.stem == "__main__" else path.stem
    return name if name and not name.startswith("-") else "python"
