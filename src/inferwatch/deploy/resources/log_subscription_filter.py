"""aws.cloudwatch.LogSubscriptionFilter.

Source: terraform-provider-aws `internal/service/logs/subscription_filter.go`; API reference,
"PutSubscriptionFilter".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Problem, Property
from inferwatch.deploy.values import Properties
from inferwatch.model.limits import FILTER_PATTERN_MAX_CHARS

_NAME: Final = re.compile(r"[^:*]{1,512}")
_DISTRIBUTIONS: Final = ("ByLogStream", "Random")


class LogSubscriptionFilter(Handler):
    """What a log group's events are forwarded to."""

    token = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
    words = "log subscription filter"
    autonamed = "name"
    properties: ClassVar = {
        "destinationArn": Property(Kind.STRING, required=True, forces_new=True),
        "distribution": Property(Kind.STRING, default="ByLogStream"),
        "filterPattern": Property(Kind.STRING, required=True),
        "logGroup": Property(Kind.STRING, required=True, forces_new=True),
        "name": Property(Kind.STRING, forces_new=True),
        "region": Property(Kind.STRING, forces_new=True),
        "roleArn": Property(Kind.STRING),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name, pattern, distribution = inputs["name"], inputs["filterPattern"], inputs["distribution"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-512 characters without ':' and '*'")
        if isinstance(pattern, str) and len(pattern) > FILTER_PATTERN_MAX_CHARS:
            yield Problem(
                "filterPattern", f"{len(pattern)} characters; at most {FILTER_PATTERN_MAX_CHARS} are allowed"
            )
        if isinstance(distribution, str) and distribution not in _DISTRIBUTIONS:
            yield Problem(
                "distribution", f"expected one of {', '.join(_DISTRIBUTIONS)}; got {distribution!r}"
            )

    def locate(self, id: str) -> tuple[str, Properties]:
        group, bar, name = id.partition("|")
        if not bar:
            raise ValueError("expected GROUP|FILTER")
        return _id(group), {"logGroup": group, "name": name}

    def create(self, clients: Clients, inputs: Properties) -> Live:
        role = {"roleArn": inputs["roleArn"]} if inputs.get("roleArn") else {}
        clients.logs(inputs.get("region")).put_subscription_filter(
            logGroupName=inputs["logGroup"],
            filterName=inputs["name"],
            filterPattern=inputs["filterPattern"],
            destinationArn=inputs["destinationArn"],
            distribution=inputs["distribution"],
            **role,
        )
        return self.must_read(clients, inputs["name"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        group, name = state["logGroup"], state["name"]
        paginator = clients.logs(state.get("region")).get_paginator("describe_subscription_filters")
        pages = []
        with PassingOver("ResourceNotFoundException"):
            pages = list(paginator.paginate(logGroupName=group, filterNamePrefix=name))
        for found in (item for page in pages for item in page["subscriptionFilters"]):
            if found["filterName"] == name:
                role = {"roleArn": found["roleArn"]} if found.get("roleArn") else {}
                return Live(
                    _id(group),
                    {
                        "destinationArn": found["destinationArn"],
                        "distribution": found["distribution"],
                        "filterPattern": found["filterPattern"],
                        "logGroup": group,
                        "name": name,
                        "region": state.get("region") or clients.region,
                        **role,
                    },
                )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("ResourceNotFoundException"):
            clients.logs(state.get("region")).delete_subscription_filter(
                logGroupName=state["logGroup"], filterName=state["name"]
            )


def _id(group: str) -> str:
    """The provider's own id: it says nothing of the filter's name."""
    return f"cwlsf-{zlib.crc32(f'{group}-'.encode())}"
