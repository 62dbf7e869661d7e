"""aws.iam.RolePolicy: a policy inside a role.

Source: terraform-provider-aws `internal/service/iam/role_policy.go`; API reference, "PutRolePolicy".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import ClassVar, Final

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

_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")


class RolePolicy(Handler):
    """What one role may do."""

    token = "aws:iam/rolePolicy:RolePolicy"
    words = "IAM role policy"
    autonamed = "name"
    properties: ClassVar = {
        "name": Property(Kind.STRING, forces_new=True),
        "policy": Property(Kind.DOCUMENT, required=True, compare=Compare.JSON),
        "role": Property(Kind.STRING, required=True, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name = inputs["name"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-128 letters, digits and + = , . @ - _")
        yield from document_problems("policy", inputs["policy"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        role, name = inputs["role"], inputs["name"]
        clients.iam().put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=inputs["policy"])
        return self.must_read(clients, f"{role}:{name}", inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        role, _, name = id.partition(":")
        with PassingOver("NoSuchEntity"):
            found = clients.iam().get_role_policy(RoleName=role, PolicyName=name)
            document = json.dumps(found["PolicyDocument"])
            return Live(id, {"name": name, "policy": document, "role": role})
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        role, _, name = id.partition(":")
        with PassingOver("NoSuchEntity"):
            clients.iam().delete_role_policy(RoleName=role, PolicyName=name)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        return self.read(clients, f"{inputs['role']}:{inputs['name']}", inputs)
