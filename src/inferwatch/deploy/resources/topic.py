"""aws.sns.Topic.

Source: terraform-provider-aws `internal/service/sns/topic.go`; API reference, "CreateTopic".
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
    pairs,
)
from inferwatch.deploy.values import Properties

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Topic(Handler):
    """A standard topic."""

    token = "aws:sns/topic:Topic"
    words = "SNS topic"
    autonamed = "name"
    computed = ("arn", "owner", "tagsAll")
    properties: ClassVar = {
        "displayName": Property(Kind.STRING),
        "name": Property(Kind.STRING, forces_new=True),
        "region": Property(Kind.STRING, forces_new=True),
        "tags": Property(Kind.STRING_MAP),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name, display = inputs["name"], inputs.get("displayName")
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("name", f"{name!r} is not 1-256 letters, digits, dashes and underscores")
        if isinstance(display, str) and len(display) > 100:
            yield Problem("displayName", f"{len(display)} characters; at most 100 are allowed")

    def create(self, clients: Clients, inputs: Properties) -> Live:
        sns = clients.sns(inputs.get("region"))
        call: dict[str, object] = {"Name": inputs["name"]}
        if display := inputs.get("displayName"):
            call["Attributes"] = {"DisplayName": display}
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        arn = sns.create_topic(**call)["TopicArn"]
        return self._live(clients, arn, inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        sns = clients.sns(state.get("region"))
        with PassingOver("NotFound"):
            attributes = sns.get_topic_attributes(TopicArn=id)["Attributes"]
            found = {"displayName": attributes["DisplayName"]} if attributes.get("DisplayName") else {}
            return self._live(clients, id, state | found)
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        sns = clients.sns(inputs.get("region"))
        if inputs.get("displayName") != old.get("displayName"):
            sns.set_topic_attributes(
                TopicArn=id, AttributeName="DisplayName", AttributeValue=inputs.get("displayName") or ""
            )
        tags, old_tags = inputs.get("tags") or {}, old.get("tags") or {}
        if gone := sorted(old_tags.keys() - tags.keys()):
            sns.untag_resource(ResourceArn=id, TagKeys=gone)
        if tags and tags != old_tags:
            sns.tag_resource(ResourceArn=id, Tags=pairs(tags, "Key"))
        return self._live(clients, id, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        # Deleting a topic that does not exist is no error. Source: API reference, "DeleteTopic".
        clients.sns(state.get("region")).delete_topic(TopicArn=id)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        # CreateTopic answers with the ARN of the topic of that name, made before or now.
        return self.create(clients, inputs)

    def _live(self, clients: Clients, arn: str, inputs: Properties) -> Live:
        *_, account, name = arn.split(":")
        return Live(
            arn,
            {
                **({"displayName": inputs["displayName"]} if inputs.get("displayName") else {}),
                "arn": arn,
                "name": name,
                "owner": account,
                "region": inputs.get("region") or clients.region,
                "tags": inputs.get("tags") or {},
                "tagsAll": inputs.get("tags") or {},
            },
        )
