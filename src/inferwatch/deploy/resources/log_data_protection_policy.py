"""aws.cloudwatch.LogDataProtectionPolicy.

Source: terraform-provider-aws `internal/service/logs/data_protection_policy.go`; API reference,
"PutDataProtectionPolicy".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

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


class LogDataProtectionPolicy(Handler):
    """What is masked in a log group's events."""

    token = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
    words = "log data protection policy"
    properties: ClassVar = {
        "logGroupName": Property(Kind.STRING, required=True, forces_new=True),
        "policyDocument": Property(Kind.DOCUMENT, required=True, compare=Compare.JSON),
        "region": Property(Kind.STRING, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        return document_problems("policyDocument", inputs["policyDocument"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        clients.logs(inputs.get("region")).put_data_protection_policy(
            logGroupIdentifier=inputs["logGroupName"], policyDocument=inputs["policyDocument"]
        )
        return self.must_read(clients, inputs["logGroupName"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver("ResourceNotFoundException"):
            logs = clients.logs(state.get("region"))
            document = logs.get_data_protection_policy(logGroupIdentifier=id).get("policyDocument")
            if document:
                region = state.get("region") or clients.region
                return Live(id, {"logGroupName": id, "policyDocument": document, "region": region})
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("ResourceNotFoundException"):
            clients.logs(state.get("region")).delete_data_protection_policy(logGroupIdentifier=id)
