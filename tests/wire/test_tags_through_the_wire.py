"""Tags of log groups: what is refused, and that nothing is half-done then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
GROUP_ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/inferwatch/app"


def test_fifty_tags_are_enough(aws: Aws, log_stream: tuple[str, str]) -> None:
    """The fifty-first is refused by either call, and none of its batch is kept."""
    logs = aws("logs")
    logs.tag_resource(resourceArn=GROUP_ARN, tags={f"k{number}": "v" for number in range(49)})

    with pytest.raises(ClientError, match="TooManyTagsException"):
        logs.tag_resource(resourceArn=GROUP_ARN, tags={"one": "v", "two": "v"})
    with pytest.raises(ClientError, match="TooManyTagsException"):
        logs.tag_log_group(logGroupName=log_stream[0], tags={"one": "v", "two": "v"})

    logs.tag_resource(resourceArn=GROUP_ARN, tags={"one": "v", "k7": "new"})
    tags = logs.list_tags_for_resource(resourceArn=GROUP_ARN)["tags"]
    assert (len(tags), tags["one"], tags["k7"]) == (50, "v", "new")


def test_a_group_with_a_wrong_tag_is_not_made(aws: Aws) -> None:
    """AWS's characters only."""
    with pytest.raises(ClientError, match="Map keys must satisfy constraint"):
        aws("logs").create_log_group(logGroupName="g", tags={"a*b": "v"})

    assert aws("logs").describe_log_groups()["logGroups"] == []
