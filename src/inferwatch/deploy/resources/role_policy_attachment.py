"""aws.iam.RolePolicyAttachment.

Source: terraform-provider-aws `internal/service/iam/role_policy_attachment.go`; API reference,
"AttachRolePolicy".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

from typing import ClassVar

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Property
from inferwatch.deploy.values import Properties


class RolePolicyAttachment(Handler):
    """A managed policy of a role."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    words = "IAM role policy attachment"
    properties: ClassVar = {
        "policyArn": Property(Kind.STRING, required=True, forces_new=True),
        "role": Property(Kind.STRING, required=True, forces_new=True),
    }

    def create(self, clients: Clients, inputs: Properties) -> Live:
        role, arn = inputs["role"], inputs["policyArn"]
        clients.iam().attach_role_policy(RoleName=role, PolicyArn=arn)
        return self.must_read(clients, f"{role}/{arn}", inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        role, _, arn = id.partition("/")
        attached = []
        with PassingOver("NoSuchEntity"):
            paginator = clients.iam().get_paginator("list_attached_role_policies")
            for page in paginator.paginate(RoleName=role):
                attached += [item["PolicyArn"] for item in page["AttachedPolicies"]]
        return Live(id, {"policyArn": arn, "role": role}) if arn in attached else None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        raise AssertionError("every property of an attachment forces a new one")

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        role, _, arn = id.partition("/")
        with PassingOver("NoSuchEntity"):
            clients.iam().detach_role_policy(RoleName=role, PolicyArn=arn)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        return self.read(clients, f"{inputs['role']}/{inputs['policyArn']}", inputs)
