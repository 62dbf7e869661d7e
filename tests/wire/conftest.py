"""Clients that speak a protocol botocore would not choose by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.parsers
import botocore.serialize
import pytest

from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")


@pytest.fixture
def speaking(cloud: Cloud) -> Callable[[str], Any]:
    """`speaking("query")` is a CloudWatch client of that protocol: botocore has no public switch for it."""

    def make(protocol: str) -> Any:
        made = client(cloud, "cloudwatch")
        made._serializer = botocore.serialize.create_serializer(protocol, include_validation=True)
        made._response_parser = botocore.parsers.create_parser(protocol)
        made.meta.service_model.metadata["protocol"] = protocol
        made.meta.service_model.__dict__["resolved_protocol"] = protocol
        return made

    return make


@pytest.fixture(params=PROTOCOLS)
def aws_in_each_protocol(
    request: pytest.FixtureRequest, cloud: Cloud, speaking: Callable[[str], Any]
) -> Callable[[str], Any]:
    """As `aws`, with CloudWatch clients of each protocol in turn."""
    return lambda service: speaking(request.param) if service == "cloudwatch" else client(cloud, service)


@pytest.fixture(params=PROTOCOLS)
def cloudwatch(request: pytest.FixtureRequest, speaking: Callable[[str], Any]) -> Any:
    """The test runs once in each protocol."""
    return speaking(request.param)
