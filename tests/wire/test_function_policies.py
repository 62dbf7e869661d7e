"""Policies of Lambda functions through the wire: added to, read back, taken from, refused."""

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
from inferwatch.wire.request import Request
from inferwatch.wire.respond import respond

Aws = Callable[[str], Any]
ARN = "arn:aws:lambda:us-east-1:123456789012:function:page"
RING = {
    "StatementId": "ring",
    "Action": "lambda:InvokeFunction",
    "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
}


@pytest.fixture
def functions(aws: Aws) -> Any:
    return aws("lambda")


def _statements(functions: Any, **which: str) -> list[dict[str, Any]]:
    policy = json.loads(functions.get_policy(**which)["Policy"])
    assert policy.keys() == {"Version", "Id", "Statement"}
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def test_a_statement_comes_back_in_the_policy(functions: Any) -> None:
    """With its conditions; a function is meant by its name, its ARN and what is between."""
    added = functions.add_permission(
        FunctionName="page",
        **RING,
        SourceAccount="123456789012",
        SourceArn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:*",
    )

    statement = {
        "Sid": "ring",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.alarms.cloudwatch.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
            "ArnLike": {"AWS:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"},
        },
    }
    assert added["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert json.loads(added["Statement"]) == statement
    for name in ("page", ARN, "123456789012:function:page"):
        assert _statements(functions, FunctionName=name) == [statement]


@pytest.mark.parametrize(
    ("principal", "written"),
    [
        ("*", "*"),
        ("210987654321", {"AWS": "arn:aws:iam::210987654321:root"}),
        ("arn:aws:iam::210987654321:role/r", {"AWS": "arn:aws:iam::210987654321:role/r"}),
        ("sns.amazonaws.com", {"Service": "sns.amazonaws.com"}),
    ],
)
def test_a_principal_is_written_as_policies_have_it(functions: Any, principal: str, written: Any) -> None:
    functions.add_permission(FunctionName="page", **{**RING, "Principal": principal})

    (statement,) = _statements(functions, FunctionName="page")
    assert statement["Principal"] == written
    assert "Condition" not in statement


def test_a_qualifier_has_a_policy_of_its_own(functions: Any) -> None:
    """Beside the function's, as a parameter or behind the name."""
    functions.add_permission(FunctionName="page", **RING)
    functions.add_permission(FunctionName="page", Qualifier="live", **RING)

    (of_live,) = _statements(functions, FunctionName="page:live")
    assert of_live["Resource"] == f"{ARN}:live"
    assert _statements(functions, FunctionName="page", Qualifier="live") == [of_live]

    functions.remove_permission(FunctionName="page", Qualifier="live", StatementId="ring")
    assert len(_statements(functions, FunctionName="page")) == 1


def _refused(call: Callable[[], Any]) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    response = refused.value.response
    error = response["Error"]
    return response["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


def test_an_id_is_taken_once_and_removed_once(functions: Any) -> None:
    """In AWS's words; a policy without statements is none."""
    functions.add_permission(FunctionName="page", **RING)

    assert _refused(lambda: functions.add_permission(FunctionName="page", **RING)) == (
        409,
        "ResourceConflictException",
        "The statement id (ring) provided already exists. Please provide a new statement id, or remove the existing statement.",
    )
    removed = functions.remove_permission(FunctionName="page", StatementId="ring")
    assert removed["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert _refused(lambda: functions.remove_permission(FunctionName="page", StatementId="ring")) == (
        404,
        "ResourceNotFoundException",
        "Statement ring is not found in resource policy.",
    )
    assert _refused(lambda: functions.get_policy(FunctionName="page")) == (
        404,
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )


def test_a_policy_may_not_grow_for_ever(functions: Any) -> None:
    """Its last statement is refused, and it stays as it was."""
    long = "x" * 9_000
    for id in ("a", "b"):
        functions.add_permission(
            FunctionName="page", **{**RING, "StatementId": id, "SourceArn": f"arn:aws:s3:::{long}"}
        )

    status, code, _ = _refused(
        lambda: functions.add_permission(
            FunctionName="page", **{**RING, "StatementId": "c", "SourceArn": f"arn:aws:s3:::{long}"}
        )
    )

    assert (status, code) == (400, "PolicyLengthExceededException")
    assert [statement["Sid"] for statement in _statements(functions, FunctionName="page")] == ["a", "b"]


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:lambda:eu-west-1:123456789012:function:page",
        "arn:aws:lambda:us-east-1:210987654321:function:page",
    ],
)
def test_another_regions_or_accounts_function_is_not_here(functions: Any, name: str) -> None:
    status, code, message = _refused(lambda: functions.add_permission(FunctionName=name, **RING))

    assert (status, code, message) == (404, "ResourceNotFoundException", f"Function not found: {name}")


def test_what_is_not_served_is_refused_by_name(functions: Any) -> None:
    """Operations and parameters."""
    assert _refused(functions.list_functions)[1:] == (
        "UnsupportedOperation",
        "inferwatch does not support the operation ListFunctions of lambda yet",
    )
    assert _refused(
        lambda: functions.add_permission(FunctionName="page", FunctionUrlAuthType="NONE", **RING)
    )[1:] == (
        "UnsupportedOperation",
        "inferwatch does not support the parameter FunctionUrlAuthType of AddPermission yet",
    )


def test_a_restart_brings_it_back(functions: Any, cloud: Cloud, clock: ManualClock, tmp_path: Path) -> None:
    cloud.journal = journal = Journal(tmp_path / "journal.sqlite")
    functions.add_permission(FunctionName="page", **RING)
    policy = functions.get_policy(FunctionName="page")["Policy"]

    again = Cloud(clock, account_id="123456789012")
    restore(again, journal)
    journal.close()

    assert client(again, "lambda").get_policy(FunctionName="page")["Policy"] == policy


def test_an_id_with_other_signs_is_refused(functions: Any) -> None:
    """As the model's pattern says."""
    status, code, message = _refused(
        lambda: functions.add_permission(FunctionName="page", **{**RING, "StatementId": "a:b"})
    )

    assert (status, code) == (400, "ValidationException")
    assert message.startswith("1 validation error detected: Value 'a:b' at 'statementId' failed to satisfy")


def test_a_path_that_is_none_is_refused_in_its_protocol(cloud: Cloud) -> None:
    request = Request("POST", "/2015-03-31/nothing", "", {}, b"")

    answer = respond(cloud, request, "id", "us-east-1")

    assert answer is not None
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "UnknownOperationException")
    assert json.loads(answer.body) == {
        "Type": "User",
        "Message": "No service answers to /2015-03-31/nothing.",
    }
