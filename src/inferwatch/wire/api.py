"""The same operations for callers in this process: the console asks here as it would ask AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inferwatch.engine.cloud import Cloud
from inferwatch.model.errors import UsageError
from inferwatch.wire.operations import invoke
from inferwatch.wire.own import own_call


class InProcessApi:
    """One cloud's operations, without a wire between; timestamps are int epoch ms both ways."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def call(
        self, region: str, service: str, operation: str, params: Mapping[str, object]
    ) -> dict[str, Any]:
        """Raises AwsError as the wire would answer it."""
        result = invoke(self._cloud.engine(region), service, operation, dict(params))
        return {name: value for name, value in result.items() if value is not None}

    async def local(self, path: str) -> dict[str, Any]:
        """GET one of the `/_inferwatch/` paths."""
        document = own_call(self._cloud, path)
        if document is None:
            raise UsageError(f"there is no {path}")
        return document
