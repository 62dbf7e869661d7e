"""aws.cloudwatch.LogIndexPolicy.

Source: terraform-provider-aws `internal/service/logs/index_policy.go`; API reference, "PutIndexPolicy".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Compare
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    PassingOver,
    Problem,
    Property,
    document_problems,
)
from inferwatch.deploy.values import Properties


class LogIndexPolicy(Handler):
    """Which fields of a log group's events are indexed."""

    token = "aws:cloudwatch/logIndexPolicy:LogIndexPolicy"
    words = "log index policy"
    properties: ClassVar = {
        "logGroupName": Property(Kind.STRING, required=True, forces_new=True),
        "policyDocument": Property(Kind.DOCUMENT, required=True, compare=Compare.JSON),
        "region": Property(Kind.STRING, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        return document_problems("policyDocument", inputs["policyDocument"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        put = clients.logs(inputs.get("region")).put_index_policy(
            logGroupIdentifier=inputs["logGroupName"], policyDocument=inputs["policyDocument"]
        )
        return _live(clients, inputs["logGroupName"], inputs, put["indexPolicy"])

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver("ResourceNotFoundException"):
            logs = clients.logs(state.get("region"))
            found = logs.describe_index_policies(logGroupIdentifiers=[id])["indexPolicies"]
            return next((_live(clients, id, state, policy) for policy in found), None)
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("ResourceNotFoundException"):
            clients.logs(state.get("region")).delete_index_policy(logGroupIdentifier=id)


def _live(clients: Clients, group: str, state: Properties, policy: dict[str, Any]) -> Live:
    region = state.get("region") or clients.region
    return Live(group, {"logGroupName": group, "policyDocument": policy["policyDocument"], "region": region})
