"""aws.cloudwatch.LogGroup.

Source: terraform-provider-aws `internal/service/logs/group.go`; API reference, "CreateLogGroup".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    PassingOver,
    Problem,
    Property,
    tag_changes,
)
from inferwatch.deploy.values import Properties
from inferwatch.model.limits import RETENTION_DAYS

_NAME: Final = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")


class LogGroup(Handler):
    """A log group with its retention and tags."""

    token = "aws:cloudwatch/logGroup:LogGroup"
    words = "log group"
    autonamed = "name"
    computed = ("arn", "tagsAll")
    properties: ClassVar = {
        "name": Property(Kind.STRING, forces_new=True),
        "region": Property(Kind.STRING, forces_new=True),
        "retentionInDays": Property(Kind.INTEGER),
        "skipDestroy": Property(Kind.BOOLEAN, default=False),
        "tags": Property(Kind.STRING_MAP),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name, days = inputs["name"], inputs.get("retentionInDays")
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-512 of letters, digits and . - _ / #")
        # 0 is the provider's way to say "never expire".
        if isinstance(days, int) and days not in (0, *RETENTION_DAYS):
            allowed = ", ".join(str(day) for day in RETENTION_DAYS)
            yield Problem("retentionInDays", f"expected 0 (never expire) or one of {allowed}; got {days}")

    def create(self, clients: Clients, inputs: Properties) -> Live:
        logs, name = clients.logs(inputs.get("region")), inputs["name"]
        tags = inputs.get("tags")
        logs.create_log_group(logGroupName=name, **({"tags": tags} if tags else {}))
        if days := inputs.get("retentionInDays"):
            try:
                logs.put_retention_policy(logGroupName=name, retentionInDays=days)
            except logs.exceptions.ClientError:
                # A refused create must leave nothing behind: nobody would know it is ours.
                logs.delete_log_group(logGroupName=name)
                raise
        return self.must_read(clients, name, inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        logs = clients.logs(state.get("region"))
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=id)
        for group in (group for page in pages for group in page["logGroups"]):
            if group["logGroupName"] == id:
                arn = str(group["arn"]).removesuffix(":*")
                tags = logs.list_tags_for_resource(resourceArn=arn).get("tags", {})
                return Live(
                    id,
                    {
                        "name": id,
                        "arn": arn,
                        "region": state.get("region") or clients.region,
                        "retentionInDays": group.get("retentionInDays", 0),
                        "skipDestroy": state.get("skipDestroy", False),
                        "tags": tags,
                        "tagsAll": tags,
                    },
                )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        logs = clients.logs(inputs.get("region"))
        days = inputs.get("retentionInDays") or 0
        if days != (old.get("retentionInDays") or 0):
            if days:
                logs.put_retention_policy(logGroupName=id, retentionInDays=days)
            else:
                logs.delete_retention_policy(logGroupName=id)
        live = self.must_read(clients, id, inputs)
        tags, gone = tag_changes(old, inputs)
        if gone:
            logs.untag_resource(resourceArn=live.outputs["arn"], tagKeys=gone)
        if tags:
            logs.tag_resource(resourceArn=live.outputs["arn"], tags=tags)
        return self.must_read(clients, id, inputs) if tags or gone else live

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        if state.get("skipDestroy"):
            return
        with PassingOver("ResourceNotFoundException"):
            clients.logs(state.get("region")).delete_log_group(logGroupName=id)
