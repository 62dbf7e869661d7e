"""Deletion protection of log groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.store.store import Store

Aws = Callable[[str], Any]
OpenStore = Callable[[str], Store]


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


def test_a_protected_group_is_not_deleted_until_it_is_freed(aws: Aws) -> None:
    """Protected from its creation, shown as such, freed by name or ARN."""
    logs = aws("logs")
    logs.create_log_group(logGroupName="/a", deletionProtectionEnabled=True)
    shown = logs.describe_log_groups()["logGroups"][0]

    with pytest.raises(ClientError) as refused:
        logs.delete_log_group(logGroupName="/a")
    logs.put_log_group_deletion_protection(
        logGroupIdentifier=shown["logGroupArn"], deletionProtectionEnabled=False
    )
    logs.delete_log_group(logGroupName="/a")

    assert shown["deletionProtectionEnabled"] is True
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert logs.describe_log_groups()["logGroups"] == []


def test_protection_can_be_given_later(aws: Aws) -> None:
    """By name as well."""
    logs = aws("logs")
    logs.create_log_group(logGroupName="/a")

    logs.put_log_group_deletion_protection(logGroupIdentifier="/a", deletionProtectionEnabled=True)

    assert logs.describe_log_groups()["logGroups"][0]["deletionProtectionEnabled"] is True
