"""Field index policies through the wire: put, described, replaced, deleted, refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.journal import Journal
from inferwatch.testing.aws import client
from inferwatch.wire.perform import restore

Aws = Callable[[str], Any]
GROUP = "/inferwatch/app"
ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"


def _document(*fields: str) -> str:
    return json.dumps({"Fields": fields})


def _policies(logs: Any, group: str = GROUP) -> list[str]:
    found = logs.describe_index_policies(logGroupIdentifiers=[group])["indexPolicies"]
    return [policy["policyDocument"] for policy in found]


@pytest.fixture
def logs(aws: Aws) -> Any:
    logs = aws("logs")
    logs.create_log_group(logGroupName=GROUP)
    return logs


def test_a_policy_comes_back_as_it_was_put(logs: Any, clock: ManualClock) -> None:
    """By the group's name and by its ARN."""
    document = json.dumps({"Fields": ["trace_id"], "FieldsV2": {"tenant": {"type": "FACET"}}})

    put = logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=document)["indexPolicy"]

    assert put == {
        "logGroupIdentifier": ARN,
        "lastUpdateTime": clock.now_ms(),
        "policyDocument": document,
        "source": "LOG_GROUP",
    }
    assert logs.describe_index_policies(logGroupIdentifiers=[ARN])["indexPolicies"] == [put]


def test_a_group_has_one(logs: Any) -> None:
    """A second one replaces it; deleted, there is none, and deleting again changes nothing."""
    logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=_document("a"))
    logs.put_index_policy(logGroupIdentifier=ARN, policyDocument=_document("b"))
    assert _policies(logs) == [_document("b")]

    logs.delete_index_policy(logGroupIdentifier=GROUP)
    logs.delete_index_policy(logGroupIdentifier=GROUP)
    assert _policies(logs) == []


def test_it_goes_with_its_group(logs: Any) -> None:
    """One made anew under the name has none."""
    logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=_document("a"))

    logs.delete_log_group(logGroupName=GROUP)
    logs.create_log_group(logGroupName=GROUP)

    assert _policies(logs) == []


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "it is not JSON"),
        ("[" * 9_999, "it is not JSON"),
        ("[]", "it must be an object with Fields, FieldsV2 or both"),
        ('{"Field": ["a"]}', "it must be an object with Fields, FieldsV2 or both"),
        ("{}", "it names no field"),
        ('{"Fields": "a"}', "Fields must be a list"),
        ('{"Fields": [""]}', "each of Fields must be a name of 1 to 100 characters"),
        ('{"Fields": [7]}', "each of Fields must be a name of 1 to 100 characters"),
        (_document("a" * 101), "each of Fields must be a name of 1 to 100 characters"),
        (_document("a", "a"), "it names a field twice"),
        ('{"Fields": ["a"], "FieldsV2": {"a": {"type": "FACET"}}}', "it names a field twice"),
        ('{"FieldsV2": ["a"]}', "FieldsV2 must be an object"),
        (
            '{"FieldsV2": {"a": {"type": "TEXT"}}}',
            "each of FieldsV2 must hold a type, FIELD_INDEX or FACET, and nothing else",
        ),
    ],
)
def test_a_wrong_document_is_refused(logs: Any, document: str, why: str) -> None:
    """And the policy before stays."""
    logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=_document("before"))

    with pytest.raises(ClientError) as refused:
        logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=document)

    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": f"Invalid field index policy: {why}.",
    }
    assert _policies(logs) == [_document("before")]


def test_twenty_fields_are_the_most(logs: Any) -> None:
    """Upper and lower case differ."""
    twenty = ["a", "A", *(f"f{number}" for number in range(18))]
    logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=_document(*twenty))

    with pytest.raises(ClientError) as refused:
        logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=_document(*twenty, "b"))

    assert refused.value.response["Error"]["Code"] == "LimitExceededException"
    assert _policies(logs) == [_document(*twenty)]


def test_a_group_nobody_has_is_said(logs: Any) -> None:
    """By each of the three."""
    for call in (
        lambda: logs.put_index_policy(logGroupIdentifier="no", policyDocument=_document("a")),
        lambda: logs.describe_index_policies(logGroupIdentifiers=["no"]),
        lambda: logs.delete_index_policy(logGroupIdentifier="no"),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_restart_brings_it_back(logs: Any, cloud: Cloud, clock: ManualClock, tmp_path: Path) -> None:
    """On the group that the log store still has."""
    cloud.journal = journal = Journal(tmp_path / "journal.sqlite")
    logs.put_index_policy(logGroupIdentifier=GROUP, policyDocument=_document("a"))

    again = Cloud(clock, account_id="123456789012")
    again.engine("us-east-1").logs.create(GROUP, clock.now_ms(), {})
    restore(again, journal)
    journal.close()

    assert _policies(client(again, "logs")) == [_document("a")]
