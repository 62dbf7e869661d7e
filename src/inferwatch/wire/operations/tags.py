"""Tags as CloudWatch and SNS write them: lists of a key and a value each."""

from __future__ import annotations

from collections.abc import Mapping

from inferwatch.wire.operations.operation import Params


def tags_of(params: Params) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])}


def describe_tags(tags: Mapping[str, str]) -> Params:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def untag(tags: dict[str, str], params: Params) -> None:
    """Keys that are not there are passed over."""
    for key in params["TagKeys"]:
        tags.pop(key, None)
