"""Engines of each kind of store, and clients that speak a protocol botocore would not choose by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.parsers
import botocore.serialize
import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.store.store import Store
from inferwatch.testing.aws import client

PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")


@pytest.fixture(params=["memory", "disk"])
def cloud_in_each_store(
    request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path
) -> Iterator[Cloud]:
    """The test runs in memory and on disk."""

    def open_store(region: str) -> Store:
        return Store.in_memory() if request.param == "memory" else Store.open(tmp_path / region)

    made = Cloud(clock, account_id="123456789012", open_store=open_store)
    yield made
    made.close()


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
