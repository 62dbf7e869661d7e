"""Tags and deletion protection: what is refused."""

from __future__ import annotations

import pytest

from inferwatch.engine.tags import merge_tags, refuse_protected
from inferwatch.model.errors import AwsError

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:g"


def test_tags_are_put_over_those_present() -> None:
    """Letters of any language, spaces, and AWS's signs; values may be empty."""
    merged = merge_tags({"a": "1", "b": "2"}, {"b": "", "größe_.:/=+-@ x": "日本"}, ARN)

    assert merged == {"a": "1", "b": "", "größe_.:/=+-@ x": "日本"}


def test_a_resource_has_at_most_fifty() -> None:
    """Replacing one of fifty is no new one."""
    fifty = {f"k{number}": "v" for number in range(50)}

    with pytest.raises(AwsError) as refused:
        merge_tags(fifty, {"one": "more"}, ARN)

    assert (refused.value.code, refused.value.details) == ("TooManyTagsException", {"resourceName": ARN})
    assert len(merge_tags(fifty, {"k7": "new"}, ARN)) == 50


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("", "v", r"Value '' at 'tags' .* Map keys .* length greater than or equal to 1\]"),
        ("k" * 129, "v", r"Map keys .* length less than or equal to 128\]"),
        ("a*b", "v", r"Value 'a\*b' at 'tags' .* Map keys .* regular expression pattern: \^"),
        ("a\n", "v", "Map keys .* regular expression pattern"),
        ("k\ud83d", "v", "Map keys .* regular expression pattern"),
        ("k", "v" * 257, r"Map value .* length less than or equal to 256\]"),
        ("k", "<v>", "Map value .* regular expression pattern"),
        ("AWS:k", "v", "reserved for AWS"),
        ("*", "<", "^InvalidParameterException: 2 validation errors detected: "),
    ],
)
def test_a_key_or_value_that_aws_refuses(key: str, value: str, text: str) -> None:
    """Length and characters of both; what begins with aws: is AWS's."""
    with pytest.raises(AwsError, match=text) as refused:
        merge_tags({}, {key: value}, ARN)

    assert refused.value.code == "InvalidParameterException"


def test_a_protected_group_is_not_deleted() -> None:
    """The refusal names the way out."""
    with pytest.raises(AwsError, match="PutLogGroupDeletionProtection") as refused:
        refuse_protected("/app", is_protected=True)

    refuse_protected("/app", is_protected=False)
    assert refused.value.code == "ValidationException"
