"""aws.cloudwatch.LogStream.

Source: terraform-provider-aws `internal/service/logs/stream.go`; API reference, "CreateLogStream".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Problem, Property
from inferwatch.deploy.values import Properties

_NAME: Final = re.compile(r"[^:*]{1,512}")


class LogStream(Handler):
    """One stream of a log group."""

    token = "aws:cloudwatch/logStream:LogStream"
    words = "log stream"
    autonamed = "name"
    computed = ("arn",)
    properties: ClassVar = {
        "logGroupName": Property(Kind.STRING, required=True, forces_new=True),
        "name": Property(Kind.STRING, forces_new=True),
        "region": Property(Kind.STRING, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name = inputs["name"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-512 characters without ':' and '*'")

    def locate(self, id: str) -> tuple[str, Properties]:
        # Its own id is the stream's name alone, which says nothing of the group.
        group, colon, name = id.partition(":")
        if not colon:
            raise ValueError("expected GROUP:STREAM")
        return name, {"logGroupName": group}

    def create(self, clients: Clients, inputs: Properties) -> Live:
        group, name = inputs["logGroupName"], inputs["name"]
        clients.logs(inputs.get("region")).create_log_stream(logGroupName=group, logStreamName=name)
        return self.must_read(clients, name, inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        logs = clients.logs(state.get("region"))
        paginator = logs.get_paginator("describe_log_streams")
        pages = []
        with PassingOver("ResourceNotFoundException"):
            pages = list(paginator.paginate(logGroupName=state["logGroupName"], logStreamNamePrefix=id))
        for stream in (stream for page in pages for stream in page["logStreams"]):
            if stream["logStreamName"] == id:
                return Live(
                    id,
                    {
                        "name": id,
                        "logGroupName": state["logGroupName"],
                        "arn": stream["arn"],
                        "region": state.get("region") or clients.region,
                    },
                )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        raise AssertionError("every property of a log stream forces a new one")

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        logs = clients.logs(state.get("region"))
        with PassingOver("ResourceNotFoundException"):
            logs.delete_log_stream(logGroupName=state["logGroupName"], logStreamName=id)
