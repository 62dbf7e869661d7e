"""aws.iam.Role.

Source: terraform-provider-aws `internal/service/iam/role.go`; API reference, "CreateRole", "DeleteRole".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

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
    pairs,
    tag_changes,
    unpaired,
)
from inferwatch.deploy.values import Properties

_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_SESSION_S: Final = (3_600, 43_200)


class Role(Handler):
    """A role and who may take it."""

    token = "aws:iam/role:Role"
    words = "IAM role"
    autonamed = "name"
    computed = ("arn", "createDate", "tagsAll", "uniqueId")
    properties: ClassVar = {
        "assumeRolePolicy": Property(Kind.DOCUMENT, required=True, compare=Compare.JSON),
        "description": Property(Kind.STRING),
        "forceDetachPolicies": Property(Kind.BOOLEAN, default=False),
        "maxSessionDuration": Property(Kind.INTEGER, default=3_600),
        "name": Property(Kind.STRING, forces_new=True),
        "path": Property(Kind.STRING, forces_new=True, default="/"),
        "tags": Property(Kind.STRING_MAP),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name, seconds = inputs["name"], inputs["maxSessionDuration"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-64 letters, digits and + = , . @ - _")
        if isinstance(seconds, int) and not _SESSION_S[0] <= seconds <= _SESSION_S[1]:
            yield Problem("maxSessionDuration", f"expected 3,600-43,200 seconds, got {seconds:,}")
        yield from document_problems("assumeRolePolicy", inputs["assumeRolePolicy"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        call: dict[str, Any] = {
            "RoleName": inputs["name"],
            "Path": inputs["path"],
            "AssumeRolePolicyDocument": inputs["assumeRolePolicy"],
            "MaxSessionDuration": inputs["maxSessionDuration"],
        }
        if description := inputs.get("description"):
            call["Description"] = description
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        clients.iam().create_role(**call)
        return self.must_read(clients, inputs["name"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver("NoSuchEntity"):
            role = clients.iam().get_role(RoleName=id)["Role"]
            tags = unpaired(role.get("Tags", []), "Key")
            outputs = {
                "arn": role["Arn"],
                "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"]),
                "createDate": role["CreateDate"].isoformat(),
                "forceDetachPolicies": state.get("forceDetachPolicies", False),
                "maxSessionDuration": role["MaxSessionDuration"],
                "name": id,
                "path": role["Path"],
                "tags": tags,
                "tagsAll": tags,
                "uniqueId": role["RoleId"],
            }
            description = {"description": role["Description"]} if role.get("Description") else {}
            return Live(id, outputs | description)
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        iam = clients.iam()
        if Compare.JSON.differs(old["assumeRolePolicy"], inputs["assumeRolePolicy"]):
            iam.update_assume_role_policy(RoleName=id, PolicyDocument=inputs["assumeRolePolicy"])
        if inputs.get("description") != old.get("description"):
            iam.update_role_description(RoleName=id, Description=inputs.get("description") or "")
        if inputs["maxSessionDuration"] != old.get("maxSessionDuration"):
            iam.update_role(RoleName=id, MaxSessionDuration=inputs["maxSessionDuration"])
        tags, gone = tag_changes(old, inputs)
        if gone:
            iam.untag_role(RoleName=id, TagKeys=gone)
        if tags:
            iam.tag_role(RoleName=id, Tags=pairs(tags, "Key"))
        return self.must_read(clients, id, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        iam = clients.iam()
        with PassingOver("NoSuchEntity"):
            if state.get("forceDetachPolicies"):
                for attached in iam.list_attached_role_policies(RoleName=id)["AttachedPolicies"]:
                    iam.detach_role_policy(RoleName=id, PolicyArn=attached["PolicyArn"])
                for name in iam.list_role_policies(RoleName=id)["PolicyNames"]:
                    iam.delete_role_policy(RoleName=id, PolicyName=name)
            iam.delete_role(RoleName=id)
