"""IAM through the wire: roles, their policies, and what IAM refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

Aws = Callable[[str], Any]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
WRITE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:*:*"}],
}
ROLE_ARN = "arn:aws:iam::123456789012:role/apps/writer"
POLICY_ARN = "arn:aws:iam::123456789012:policy/write"


@pytest.fixture
def iam(aws: Aws) -> Any:
    return aws("iam")


def _make_role(iam: Any, **more: Any) -> Any:
    named = {"RoleName": "writer", "Path": "/apps/", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    return iam.create_role(**(named | more))["Role"]


def _refused(call: Callable[[], Any]) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as refusal:
        call()
    error = refusal.value.response
    return (
        error["Error"]["Code"],
        error["Error"]["Message"],
        error["ResponseMetadata"]["HTTPStatusCode"],
    )


def test_a_role_comes_back_as_it_was_made(iam: Any) -> None:
    """Its trust policy is the one given, its id is one of IAM's form."""
    _make_role(iam, Description="writes", MaxSessionDuration=7_200, Tags=[{"Key": "team", "Value": "ml"}])

    role = iam.get_role(RoleName="writer")["Role"]

    assert (role["Arn"], role["Path"], role["Description"]) == (ROLE_ARN, "/apps/", "writes")
    assert (role["AssumeRolePolicyDocument"], role["MaxSessionDuration"]) == (TRUST, 7_200)
    assert role["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert (role["RoleId"][:4], len(role["RoleId"])) == ("AROA", 21)


def test_a_role_changes_in_place(iam: Any) -> None:
    """Trust, description, length of a session, tags."""
    _make_role(iam, Tags=[{"Key": "team", "Value": "ml"}])
    other = json.loads(json.dumps(TRUST).replace("lambda", "ec2"))

    iam.update_assume_role_policy(RoleName="writer", PolicyDocument=json.dumps(other))
    iam.update_role(RoleName="writer", MaxSessionDuration=3_600)
    described = iam.update_role_description(RoleName="writer", Description="new")["Role"]
    iam.tag_role(RoleName="writer", Tags=[{"Key": "stage", "Value": "dev"}])
    iam.untag_role(RoleName="writer", TagKeys=["team"])

    assert (described["AssumeRolePolicyDocument"], described["Description"]) == (other, "new")
    assert iam.list_role_tags(RoleName="writer")["Tags"] == [{"Key": "stage", "Value": "dev"}]
    assert iam.list_instance_profiles_for_role(RoleName="writer")["InstanceProfiles"] == []


def test_a_role_holds_inline_and_attached_policies(iam: Any) -> None:
    """It cannot go while it has either."""
    _make_role(iam)
    iam.put_role_policy(RoleName="writer", PolicyName="inline", PolicyDocument=json.dumps(WRITE))
    iam.create_policy(PolicyName="write", PolicyDocument=json.dumps(WRITE))
    of_aws = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
    for arn in (POLICY_ARN, of_aws, POLICY_ARN):
        iam.attach_role_policy(RoleName="writer", PolicyArn=arn)

    inline = iam.get_role_policy(RoleName="writer", PolicyName="inline")["PolicyDocument"]
    attached = iam.list_attached_role_policies(RoleName="writer")["AttachedPolicies"]
    with_inline = _refused(lambda: iam.delete_role(RoleName="writer"))
    iam.delete_role_policy(RoleName="writer", PolicyName="inline")
    with_attached = _refused(lambda: iam.delete_role(RoleName="writer"))
    while_attached = _refused(lambda: iam.delete_policy(PolicyArn=POLICY_ARN))
    for arn in (POLICY_ARN, of_aws):
        iam.detach_role_policy(RoleName="writer", PolicyArn=arn)
    iam.delete_role(RoleName="writer")

    assert inline == WRITE
    assert [item["PolicyArn"] for item in attached] == [POLICY_ARN, of_aws]
    assert with_inline == ("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
    assert with_attached == (
        "DeleteConflict",
        "Cannot delete entity, must detach all policies first.",
        409,
    )
    assert while_attached[0] == "DeleteConflict"
    assert _refused(lambda: iam.get_role(RoleName="writer")) == (
        "NoSuchEntity",
        "The role with name writer cannot be found.",
        404,
    )


def test_a_managed_policy_has_up_to_five_versions(iam: Any) -> None:
    """One of them holds, and is not deleted alone."""
    iam.create_policy(PolicyName="write", PolicyDocument=json.dumps(WRITE), Description="d")
    for _ in range(4):
        iam.create_policy_version(PolicyArn=POLICY_ARN, PolicyDocument=json.dumps(WRITE), SetAsDefault=True)

    sixth = _refused(
        lambda: iam.create_policy_version(PolicyArn=POLICY_ARN, PolicyDocument=json.dumps(WRITE))
    )
    iam.set_default_policy_version(PolicyArn=POLICY_ARN, VersionId="v4")
    iam.set_default_policy_version(PolicyArn=POLICY_ARN, VersionId="v5")
    default = _refused(lambda: iam.delete_policy_version(PolicyArn=POLICY_ARN, VersionId="v5"))
    with_versions = _refused(lambda: iam.delete_policy(PolicyArn=POLICY_ARN))
    for version in ("v1", "v2", "v3", "v4"):
        iam.delete_policy_version(PolicyArn=POLICY_ARN, VersionId=version)
    policy = iam.get_policy(PolicyArn=POLICY_ARN)["Policy"]
    version = iam.get_policy_version(PolicyArn=POLICY_ARN, VersionId="v5")["PolicyVersion"]
    listed = iam.list_policy_versions(PolicyArn=POLICY_ARN)["Versions"]
    iam.delete_policy(PolicyArn=POLICY_ARN)

    assert (sixth[0], default[0], with_versions[0]) == ("LimitExceeded", "DeleteConflict", "DeleteConflict")
    assert (policy["DefaultVersionId"], policy["Description"], policy["AttachmentCount"]) == ("v5", "d", 0)
    assert (version["Document"], version["IsDefaultVersion"]) == (WRITE, True)
    assert [item["VersionId"] for item in listed] == ["v5"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "This policy contains invalid Json"),
        ("[]", "Syntax errors in policy."),
        ('{"Version": "2012-10-17"}', "Syntax errors in policy."),
        ('{"Version": "2020-01-01", "Statement": []}', "The policy must contain a valid version string"),
        ('{"Statement": [{"Effect": "Maybe", "Action": "a:b"}]}', "Syntax errors in policy."),
        ('{"Statement": [{"Effect": "Allow"}]}', "Policy statement must contain actions."),
        ('{"Statement": {"Effect": "Allow", "Action": []}}', "Syntax errors in policy."),
        ('{"Statement": {"Effect": "Allow", "Action": "a:b"}}', "Missing required field Principal"),
        (
            '{"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": "*", "Resource": "*"}}',
            "Has prohibited field Resource",
        ),
    ],
)
def test_a_trust_policy_keeps_the_grammar(iam: Any, document: str, message: str) -> None:
    """The role is not made."""
    refused = _refused(lambda: _make_role(iam, AssumeRolePolicyDocument=document))

    assert refused == ("MalformedPolicyDocument", message, 400)
    assert _refused(lambda: iam.get_role(RoleName="writer"))[0] == "NoSuchEntity"


def test_a_permissions_policy_names_resources_and_no_principal(iam: Any) -> None:
    """Inline or managed."""
    no_resource = {"Statement": {"Effect": "Allow", "Action": "a:b"}}
    with_principal = {"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*", "Principal": "*"}}

    refused = [
        _refused(
            lambda document=document: iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(document))
        )
        for document in (no_resource, with_principal)
    ]

    assert refused == [
        ("MalformedPolicyDocument", "Policy statement must contain resources.", 400),
        ("MalformedPolicyDocument", "Policy document should not specify a principal.", 400),
    ]


def test_names_are_held_to_iams_rules(iam: Any) -> None:
    """Their letters, and that no two are alike in any case."""
    _make_role(iam)

    twice = _refused(lambda: _make_role(iam, RoleName="Writer"))
    odd = _refused(lambda: _make_role(iam, RoleName="a b"))
    absent = _refused(lambda: iam.attach_role_policy(RoleName="writer", PolicyArn=POLICY_ARN))

    assert twice == ("EntityAlreadyExists", "Role with name Writer already exists.", 409)
    assert (odd[0], odd[1].startswith("1 validation error detected: Value 'a b' at 'roleName'")) == (
        "ValidationError",
        True,
    )
    assert absent == ("NoSuchEntity", f"Policy {POLICY_ARN} does not exist or is not attachable.", 404)


def test_roles_and_policies_are_listed_under_a_path(iam: Any) -> None:
    """A page at a time; policies that AWS manages are not known here."""
    _make_role(iam)
    _make_role(iam, RoleName="other", Path="/")
    iam.create_policy(PolicyName="write", PolicyDocument=json.dumps(WRITE))

    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1})
    of_apps = iam.list_roles(PathPrefix="/apps/")["Roles"]
    policies = iam.list_policies(Scope="Local")["Policies"]
    everybodys = _refused(iam.list_policies)

    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [["other"], ["writer"]]
    assert [role["Arn"] for role in of_apps] == [ROLE_ARN]
    assert [policy["Arn"] for policy in policies] == [POLICY_ARN]
    assert "listing the policies that AWS manages" in everybodys[1]


def test_what_is_not_served_is_refused_by_name(iam: Any) -> None:
    """An operation, and a member."""
    boundary = _refused(lambda: _make_role(iam, PermissionsBoundary=POLICY_ARN))
    user = _refused(lambda: iam.create_user(UserName="u"))

    assert "the parameter PermissionsBoundary of CreateRole" in boundary[1]
    assert "the operation CreateUser of iam" in user[1]


def test_all_regions_share_an_accounts_roles(cloud: Cloud, iam: Any) -> None:
    """IAM knows no regions."""
    _make_role(iam)

    assert client(cloud, "iam", region="eu-west-1").get_role(RoleName="writer")["Role"]["Arn"] == ROLE_ARN


def test_roles_and_policies_outlive_a_restart(start: Callable[[], Cloud]) -> None:
    """With the same ids."""
    iam = client(start(), "iam")
    made = _make_role(iam)
    iam.create_policy(PolicyName="write", PolicyDocument=json.dumps(WRITE))
    iam.attach_role_policy(RoleName="writer", PolicyArn=POLICY_ARN)

    iam = client(start(), "iam")

    assert iam.get_role(RoleName="writer")["Role"]["RoleId"] == made["RoleId"]
    assert iam.list_attached_role_policies(RoleName="writer")["AttachedPolicies"] == [
        {"PolicyName": "write", "PolicyArn": POLICY_ARN}
    ]
