"""A boto3 client whose calls reach an engine in this process: AWS's wire protocol, without a socket."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.awsrequest
import botocore.config

from inferwatch.engine.cloud import Cloud
from inferwatch.wire.request import Request
from inferwatch.wire.respond import Response, respond


class _Raw:
    """What botocore reads a response's body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> list[bytes]:
        return [self._body]


def client(cloud: Cloud, service: str, *, region: str = "us-east-1") -> Any:
    """A boto3 client of `service` that speaks to `cloud`, and never retries."""
    return client_of(lambda: cloud, service, region=region)


def client_of(cloud: Callable[[], Cloud], service: str, *, region: str = "us-east-1") -> Any:
    """A client that asks before each call which engines it speaks to: making one takes botocore 5 ms."""
    numbers = itertools.count(1)
    made = boto3.client(
        service,
        region_name=region,
        endpoint_url="http://localhost",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )

    def send(request: Any, **_: object) -> botocore.awsrequest.AWSResponse:
        response = respond(cloud(), _read(request), f"request-{next(numbers)}", region)
        if response is None:
            response = Response(404, {}, b"")
        return botocore.awsrequest.AWSResponse(
            request.url, response.status, _headers(response), _Raw(response.body)
        )

    made.meta.events.register("before-send", send)
    return made


def _read(request: Any) -> Request:
    parts = urlsplit(request.url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    body = request.body or b""
    return Request(
        request.method,
        unquote(parts.path) or "/",
        parts.query,
        headers,
        body if isinstance(body, bytes) else body.encode(),
    )


def _headers(response: Response) -> Any:
    headers = botocore.awsrequest.HeadersDict()
    for name, value in response.headers.items():
        headers[name] = value
    return headers
