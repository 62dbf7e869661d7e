"""What pictures and the console's pages ask of the world: the AWS API, and the engine's own few calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

Shape = dict[str, Any]
"""A structure of a botocore service model, in AWS's casing; every timestamp is epoch milliseconds, an int."""


class Api(Protocol):
    """One AWS endpoint, reached in-process (by `wire`) or over HTTP (by `remote`)."""

    async def call(self, region: str, service: str, operation: str, params: Mapping[str, object]) -> Shape:
        """Call one AWS operation, e.g. `("us-east-1", "cloudwatch", "GetMetricData", {...})`.

        Args:
            service: `logs`, `cloudwatch` or `sns`.
            params: AWS's casing, except that timestamps are epoch milliseconds (in the result too).

        Raises:
            AwsError: The endpoint refused the call.
        """
        ...

    async def local(self, path: str) -> Shape:
        """GET one of the engine's own paths: `/_inferwatch/health` or `/_inferwatch/deliveries?region=R`."""
        ...


async def pages(
    api: Api, region: str, service: str, operation: str, params: Mapping[str, object]
) -> AsyncIterator[Shape]:
    """Yield every page of a paged operation, following `NextToken`."""
    token: object = None
    while True:
        page = await api.call(
            region, service, operation, params if token is None else {**params, "NextToken": token}
        )
        yield page
        token = page.get("NextToken")
        if not token:
            return
