"""A topic's access policy through the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
POLICY = '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"*"}]}'


def test_a_topic_has_the_default_policy_until_it_is_given_one(aws: Aws) -> None:
    """At its making or later."""
    sns = aws("sns")
    plain = sns.create_topic(Name="plain")["TopicArn"]
    made = sns.create_topic(Name="made", Attributes={"Policy": POLICY})["TopicArn"]

    before = sns.get_topic_attributes(TopicArn=plain)["Attributes"]["Policy"]
    sns.set_topic_attributes(TopicArn=plain, AttributeName="Policy", AttributeValue=POLICY)
    after = [sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"] for arn in (plain, made)]

    assert json.loads(before)["Id"] == "__default_policy_ID"
    assert after == [POLICY, POLICY]


@pytest.mark.parametrize("document", ["", "{", "[]", "{}"])
def test_what_is_no_policy_is_refused(aws: Aws, document: str) -> None:
    """The topic keeps the one it has."""
    sns = aws("sns")
    arn = sns.create_topic(Name="t")["TopicArn"]

    with pytest.raises(ClientError, match="Invalid parameter: Policy Error: null"):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document)
