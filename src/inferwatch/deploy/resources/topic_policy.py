"""aws.sns.TopicPolicy.

Source: terraform-provider-aws `internal/service/sns/topic_policy.go`; API reference, "SetTopicAttributes".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import json
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


class TopicPolicy(Handler):
    """Who may do what with a topic."""

    token = "aws:sns/topicPolicy:TopicPolicy"
    words = "SNS topic policy"
    computed = ("owner",)
    properties: ClassVar = {
        "arn": Property(Kind.STRING, required=True, forces_new=True),
        "policy": Property(Kind.DOCUMENT, required=True, compare=Compare.JSON),
        "region": Property(Kind.STRING, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        return document_problems("policy", inputs["policy"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        _put(clients, inputs["arn"], inputs, inputs["policy"])
        return self.must_read(clients, inputs["arn"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver("NotFound"):
            attributes = clients.sns(state.get("region")).get_topic_attributes(TopicArn=id)["Attributes"]
            return Live(
                id,
                {
                    "arn": id,
                    "owner": attributes["Owner"],
                    "policy": attributes["Policy"],
                    "region": state.get("region") or clients.region,
                },
            )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        # A topic has always one: the default one is put back, as the real provider does.
        with PassingOver("NotFound"):
            _put(clients, id, state, _default_policy(id))


def _put(clients: Clients, arn: str, inputs: Properties, document: str) -> None:
    clients.sns(inputs.get("region")).set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=document
    )


def _default_policy(arn: str) -> str:
    """Source: terraform-provider-aws, `defaultTopicPolicy`."""
    actions = (
        "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe "
        "ListSubscriptionsByTopic Publish Receive"
    )
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in actions.split()],
                    "Resource": arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
                }
            ],
        }
    )
