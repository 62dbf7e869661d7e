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
    tag_changes,
    unpaired,
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
        return self.must_read(clients, arn, inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        sns = clients.sns(state.get("region"))
        with PassingOver("NotFound"):
            attributes = sns.get_topic_attributes(TopicArn=id)["Attributes"]
            tags = unpaired(sns.list_tags_for_resource(ResourceArn=id)["Tags"], "Key")
            display = attributes.get("DisplayName")
            return Live(
                id,
                {
                    **({"displayName": display} if display else {}),
                    "arn": id,
                    "name": id.rpartition(":")[2],
                    "owner": attributes["Owner"],
                    "region": state.get("region") or clients.region,
                    "tags": tags,
                    "tagsAll": tags,
                },
            )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        sns = clients.sns(inputs.get("region"))
        if inputs.get("displayName") != old.get("displayName"):
            sns.set_topic_attributes(
                TopicArn=id, AttributeName="DisplayName", AttributeValue=inputs.get("displayName") or ""
            )
        tags, gone = tag_changes(old, inputs)
        if gone:
            sns.untag_resource(ResourceArn=id, TagKeys=gone)
        if tags:
            sns.tag_resource(ResourceArn=id, Tags=pairs(tags, "Key"))
        return self.must_read(clients, id, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        # Deleting a topic that does not exist is no error. Source: API reference, "DeleteTopic".
        clients.sns(state.get("region")).delete_topic(TopicArn=id)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        # CreateTopic answers with the ARN of the topic of that name, made before or now.
        return self.create(clients, inputs)
