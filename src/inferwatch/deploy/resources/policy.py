"""aws.iam.Policy: a managed policy.

Source: terraform-provider-aws `internal/service/iam/policy.go`; API reference, "CreatePolicyVersion".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
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

_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")
_VERSIONS_MAX: Final = 5


class Policy(Handler):
    """A policy that several roles may be attached to."""

    token = "aws:iam/policy:Policy"
    words = "IAM policy"
    autonamed = "name"
    computed = ("arn", "attachmentCount", "policyId", "tagsAll")
    properties: ClassVar = {
        "description": Property(Kind.STRING, forces_new=True),
        "name": Property(Kind.STRING, forces_new=True),
        "path": Property(Kind.STRING, forces_new=True, default="/"),
        "policy": Property(Kind.DOCUMENT, required=True, compare=Compare.JSON),
        "tags": Property(Kind.STRING_MAP),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name = inputs["name"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-128 letters, digits and + = , . @ - _")
        yield from document_problems("policy", inputs["policy"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        call: dict[str, Any] = {
            "PolicyName": inputs["name"],
            "Path": inputs["path"],
            "PolicyDocument": inputs["policy"],
        }
        if description := inputs.get("description"):
            call["Description"] = description
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        arn = clients.iam().create_policy(**call)["Policy"]["Arn"]
        return self.must_read(clients, arn, inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        iam = clients.iam()
        with PassingOver("NoSuchEntity"):
            policy = iam.get_policy(PolicyArn=id)["Policy"]
            version = iam.get_policy_version(PolicyArn=id, VersionId=policy["DefaultVersionId"])
            tags = unpaired(policy.get("Tags", []), "Key")
            outputs = {
                "arn": id,
                "attachmentCount": policy["AttachmentCount"],
                "name": policy["PolicyName"],
                "path": policy["Path"],
                "policy": json.dumps(version["PolicyVersion"]["Document"]),
                "policyId": policy["PolicyId"],
                "tags": tags,
                "tagsAll": tags,
            }
            description = {"description": policy["Description"]} if policy.get("Description") else {}
            return Live(id, outputs | description)
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        iam = clients.iam()
        if Compare.JSON.differs(old["policy"], inputs["policy"]):
            versions = iam.list_policy_versions(PolicyArn=id)["Versions"]
            if len(versions) >= _VERSIONS_MAX:
                idle = [version for version in versions if not version["IsDefaultVersion"]]
                oldest = min(idle, key=lambda version: int(version["VersionId"][1:]))
                iam.delete_policy_version(PolicyArn=id, VersionId=oldest["VersionId"])
            iam.create_policy_version(PolicyArn=id, PolicyDocument=inputs["policy"], SetAsDefault=True)
        tags, gone = tag_changes(old, inputs)
        if gone:
            iam.untag_policy(PolicyArn=id, TagKeys=gone)
        if tags:
            iam.tag_policy(PolicyArn=id, Tags=pairs(tags, "Key"))
        return self.must_read(clients, id, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        iam = clients.iam()
        with PassingOver("NoSuchEntity"):
            for version in iam.list_policy_versions(PolicyArn=id)["Versions"]:
                if not version["IsDefaultVersion"]:
                    iam.delete_policy_version(PolicyArn=id, VersionId=version["VersionId"])
            iam.delete_policy(PolicyArn=id)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        arn = f"arn:aws:iam::{clients.account_id}:policy{inputs['path']}{inputs['name']}"
        return self.read(clients, arn, inputs)
