"""Policy documents: given as objects, and put together by `aws.iam.get_policy_document`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inferwatch.deploy.policydocument import make_policy_document
from inferwatch.deploy.resources import HANDLERS
from inferwatch.deploy.values import UNKNOWN, Secret

ROLE = HANDLERS["aws:iam/role:Role"]


def _document(**arguments: Any) -> Any:
    return json.loads(make_policy_document(arguments)["json"])


def test_a_statement_is_written_as_the_provider_writes_it() -> None:
    """One text alone, several backwards; principals by type; a variable is not the language's own."""
    statement = {
        "sid": "one",
        "effect": "Deny",
        "actions": ["logs:A", "logs:B"],
        "resources": ["arn:aws:s3:::home/&{aws:username}"],
        "principals": [
            {"type": "Service", "identifiers": ["b.amazonaws.com"]},
            {"type": "AWS", "identifiers": ["1", "2"]},
        ],
        "conditions": [
            {"test": "StringLike", "variable": "s3:prefix", "values": ["b", "a"]},
            {"test": "StringLike", "variable": "aws:SourceArn", "values": ["x"]},
        ],
    }

    made = make_policy_document({"statements": [statement], "policyId": "p"})

    assert (
        json.loads(made["json"])
        == json.loads(made["minifiedJson"])
        == {
            "Version": "2012-10-17",
            "Id": "p",
            "Statement": [
                {
                    "Sid": "one",
                    "Effect": "Deny",
                    "Action": ["logs:B", "logs:A"],
                    "Resource": "arn:aws:s3:::home/${aws:username}",
                    "Principal": {"AWS": ["2", "1"], "Service": "b.amazonaws.com"},
                    "Condition": {"StringLike": {"aws:SourceArn": "x", "s3:prefix": ["b", "a"]}},
                }
            ],
        }
    )


def test_everybody_is_a_star() -> None:
    """As IAM's own examples write it."""
    everybody = [{"type": "*", "identifiers": ["*"]}]

    (statement,) = _document(statements=[{"actions": ["a:b"], "principals": everybody}])["Statement"]

    assert statement == {"Effect": "Allow", "Action": "a:b", "Principal": "*"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"sourceJson": "{}"}, "does not support the argument sourceJson yet"),
        ({"statements": [{"effect": "Perhaps"}]}, "effect: expected Allow or Deny, got 'Perhaps'"),
        ({"statements": [{"sid": "a"}, {"sid": "a"}]}, "two statements have the sid 'a'"),
        (
            {"version": "2008-10-17", "statements": [{"actions": ["&{x}"]}]},
            "policies of version 2008-10-17 have no variables",
        ),
    ],
)
def test_what_would_be_wrong_or_ignored_is_refused(arguments: dict[str, Any], problem: str) -> None:
    """In a sentence."""
    with pytest.raises(ValueError, match=problem):
        make_policy_document(arguments)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"Statement": []}, '{"Statement": []}'),
        ({"Statement": [{"Resource": UNKNOWN}]}, UNKNOWN),
        ({"Statement": [{"Sid": Secret("s")}]}, Secret('{"Statement": [{"Sid": "s"}]}')),
    ],
)
def test_a_document_may_be_given_as_an_object(given: Any, taken: Any) -> None:
    """It is text then; unknown or secret where a part of it is."""
    checked = ROLE.check({"assumeRolePolicy": given}, None, name="r", suffix=lambda: "abc1234")

    assert checked.problems == ()
    assert checked.inputs["assumeRolePolicy"] == taken


def test_a_document_that_is_no_json_is_refused() -> None:
    """Before anything is sent."""
    checked = ROLE.check({"assumeRolePolicy": "{"}, None, name="r", suffix=lambda: "abc1234")

    (problem,) = checked.problems
    assert str(problem).startswith("assume_role_policy: not JSON")
