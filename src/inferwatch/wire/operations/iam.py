"""IAM: the calls that the roles and policies of a monitoring stack need.

Source: IAM API reference; documents come back URL-encoded (RFC 3986).
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from inferwatch.engine.engine import Engine
from inferwatch.engine.identity.nouns import DEFAULT_SESSION_S, ManagedPolicy, Role, Version
from inferwatch.model.errors import AwsError, Unsupported
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import numbered_page
from inferwatch.wire.operations.tags import describe_tags, tags_of, untag

_PAGE = 100


def _create_role(engine: Engine, params: Params) -> Params:
    role = engine.identity.roles.create(
        params["RoleName"],
        params["AssumeRolePolicyDocument"],
        engine.now_ms,
        path=params.get("Path", "/"),
        description=params.get("Description"),
        max_session_s=params.get("MaxSessionDuration", DEFAULT_SESSION_S),
        tags=tags_of(params),
    )
    return {"Role": _role(role)}


def _get_role(engine: Engine, params: Params) -> Params:
    return {"Role": _role(_find(engine, params))}


def _list_roles(engine: Engine, params: Params) -> Params:
    prefix = params.get("PathPrefix", "/")
    found = [role for role in engine.identity.roles.all() if role.path.startswith(prefix)]
    # Without tags. Source: API reference, "ListRoles".
    listed = [{key: value for key, value in _role(role).items() if key != "Tags"} for role in found]
    return _page("Roles", listed, params)


def _update_role(engine: Engine, params: Params) -> Params:
    role = _find(engine, params)
    role.description = params.get("Description", role.description)
    role.max_session_s = params.get("MaxSessionDuration", role.max_session_s)
    return {}


def _update_description(engine: Engine, params: Params) -> Params:
    role = _find(engine, params)
    role.description = params["Description"]
    return {"Role": _role(role)}


def _update_trust(engine: Engine, params: Params) -> Params:
    engine.identity.roles.trust(params["RoleName"], params["PolicyDocument"])
    return {}


def _delete_role(engine: Engine, params: Params) -> Params:
    engine.identity.roles.delete(params["RoleName"])
    return {}


def _tag_role(engine: Engine, params: Params) -> Params:
    _find(engine, params).tags |= tags_of(params)
    return {}


def _untag_role(engine: Engine, params: Params) -> Params:
    untag(_find(engine, params).tags, params)
    return {}


def _list_role_tags(engine: Engine, params: Params) -> Params:
    tags = describe_tags(_find(engine, params).tags)["Tags"]
    return _page("Tags", tags, params)


def _list_instance_profiles(engine: Engine, params: Params) -> Params:
    """Nobody can make an instance profile here, so no role has one."""
    _find(engine, params)
    return _page("InstanceProfiles", [], params)


def _put_inline(engine: Engine, params: Params) -> Params:
    engine.identity.roles.put_inline(params["RoleName"], params["PolicyName"], params["PolicyDocument"])
    return {}


def _get_inline(engine: Engine, params: Params) -> Params:
    name, policy = params["RoleName"], params["PolicyName"]
    document = engine.identity.roles.inline(name, policy)
    return {"RoleName": name, "PolicyName": policy, "PolicyDocument": quote(document)}


def _list_inline(engine: Engine, params: Params) -> Params:
    return _page("PolicyNames", sorted(_find(engine, params).inline), params)


def _delete_inline(engine: Engine, params: Params) -> Params:
    engine.identity.roles.delete_inline(params["RoleName"], params["PolicyName"])
    return {}


def _attach(engine: Engine, params: Params) -> Params:
    engine.identity.roles.attach(params["RoleName"], params["PolicyArn"])
    return {}


def _detach(engine: Engine, params: Params) -> Params:
    engine.identity.roles.detach(params["RoleName"], params["PolicyArn"])
    return {}


def _list_attached(engine: Engine, params: Params) -> Params:
    attached = [
        {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in _find(engine, params).attached
    ]
    return _page("AttachedPolicies", attached, params)


def _create_policy(engine: Engine, params: Params) -> Params:
    policy = engine.identity.policies.create(
        params["PolicyName"],
        params["PolicyDocument"],
        engine.now_ms,
        path=params.get("Path", "/"),
        description=params.get("Description"),
        tags=tags_of(params),
    )
    return {"Policy": _policy(engine, policy)}


def _get_policy(engine: Engine, params: Params) -> Params:
    return {"Policy": _policy(engine, engine.identity.policies.get(params["PolicyArn"]))}


def _list_policies(engine: Engine, params: Params) -> Params:
    if params.get("Scope", "All") != "Local":
        raise Unsupported(
            "listing the policies that AWS manages", "give Scope=Local", code="InvalidInputException"
        )
    prefix = params.get("PathPrefix", "/")
    found = [
        _policy(engine, policy) for policy in engine.identity.policies.all() if policy.path.startswith(prefix)
    ]
    # Without descriptions and tags. Source: API reference, "ListPolicies".
    listed = [
        {key: value for key, value in policy.items() if key not in ("Description", "Tags")}
        for policy in found
    ]
    return _page("Policies", listed, params)


def _delete_policy(engine: Engine, params: Params) -> Params:
    engine.identity.delete_policy(params["PolicyArn"])
    return {}


def _tag_policy(engine: Engine, params: Params) -> Params:
    engine.identity.policies.get(params["PolicyArn"]).tags |= tags_of(params)
    return {}


def _untag_policy(engine: Engine, params: Params) -> Params:
    untag(engine.identity.policies.get(params["PolicyArn"]).tags, params)
    return {}


def _create_version(engine: Engine, params: Params) -> Params:
    policy = engine.identity.policies.get(params["PolicyArn"])
    version = engine.identity.policies.add_version(
        policy.arn, params["PolicyDocument"], engine.now_ms, is_default=params.get("SetAsDefault", False)
    )
    return {"PolicyVersion": _version(policy, version, with_document=False)}


def _get_version(engine: Engine, params: Params) -> Params:
    policy = engine.identity.policies.get(params["PolicyArn"])
    version = engine.identity.policies.version(policy.arn, params["VersionId"])
    return {"PolicyVersion": _version(policy, version, with_document=True)}


def _list_versions(engine: Engine, params: Params) -> Params:
    policy = engine.identity.policies.get(params["PolicyArn"])
    newest_first = reversed(policy.versions.values())
    return _page("Versions", [_version(policy, one, with_document=False) for one in newest_first], params)


def _set_default(engine: Engine, params: Params) -> Params:
    engine.identity.policies.set_default(params["PolicyArn"], params["VersionId"])
    return {}


def _delete_version(engine: Engine, params: Params) -> Params:
    engine.identity.policies.delete_version(params["PolicyArn"], params["VersionId"])
    return {}


def _find(engine: Engine, params: Params) -> Role:
    return engine.identity.roles.get(params["RoleName"])


def _page(member: str, items: list[Any], params: Params) -> Params:
    shown, marker = numbered_page(
        items,
        params.get("Marker"),
        params.get("MaxItems", _PAGE),
        lambda: AwsError("InvalidInputException", "Invalid Marker."),
    )
    return {member: list(shown), "IsTruncated": marker is not None, "Marker": marker}


def _role(role: Role) -> Params:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created_ms,
        "AssumeRolePolicyDocument": quote(role.trust),
        "Description": role.description,
        "MaxSessionDuration": role.max_session_s,
        "Tags": describe_tags(role.tags)["Tags"],
    }


def _policy(engine: Engine, policy: ManagedPolicy) -> Params:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": len(engine.identity.roles.attached_to(policy.arn)),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "Description": policy.description,
        "CreateDate": policy.created_ms,
        "UpdateDate": policy.updated_ms,
        "Tags": describe_tags(policy.tags)["Tags"],
    }


def _version(policy: ManagedPolicy, version: Version, *, with_document: bool) -> Params:
    return {
        "Document": quote(version.document) if with_document else None,
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default_version,
        "CreateDate": version.created_ms,
    }


OPERATIONS: Final = {
    "CreateRole": Operation(
        _create_role,
        "Path RoleName AssumeRolePolicyDocument Description MaxSessionDuration Tags",
        is_kept=True,
    ),
    "GetRole": Operation(_get_role, "RoleName"),
    "ListRoles": Operation(_list_roles, "PathPrefix Marker MaxItems"),
    "UpdateRole": Operation(_update_role, "RoleName Description MaxSessionDuration", is_kept=True),
    "UpdateRoleDescription": Operation(_update_description, "RoleName Description", is_kept=True),
    "UpdateAssumeRolePolicy": Operation(_update_trust, "RoleName PolicyDocument", is_kept=True),
    "DeleteRole": Operation(_delete_role, "RoleName", is_kept=True),
    "TagRole": Operation(_tag_role, "RoleName Tags", is_kept=True),
    "UntagRole": Operation(_untag_role, "RoleName TagKeys", is_kept=True),
    "ListRoleTags": Operation(_list_role_tags, "RoleName Marker MaxItems"),
    "ListInstanceProfilesForRole": Operation(_list_instance_profiles, "RoleName Marker MaxItems"),
    "PutRolePolicy": Operation(_put_inline, "RoleName PolicyName PolicyDocument", is_kept=True),
    "GetRolePolicy": Operation(_get_inline, "RoleName PolicyName"),
    "ListRolePolicies": Operation(_list_inline, "RoleName Marker MaxItems"),
    "DeleteRolePolicy": Operation(_delete_inline, "RoleName PolicyName", is_kept=True),
    "AttachRolePolicy": Operation(_attach, "RoleName PolicyArn", is_kept=True),
    "DetachRolePolicy": Operation(_detach, "RoleName PolicyArn", is_kept=True),
    "ListAttachedRolePolicies": Operation(_list_attached, "RoleName Marker MaxItems"),
    "CreatePolicy": Operation(
        _create_policy, "PolicyName Path PolicyDocument Description Tags", is_kept=True
    ),
    "GetPolicy": Operation(_get_policy, "PolicyArn"),
    "ListPolicies": Operation(_list_policies, "Scope PathPrefix Marker MaxItems"),
    "DeletePolicy": Operation(_delete_policy, "PolicyArn", is_kept=True),
    "TagPolicy": Operation(_tag_policy, "PolicyArn Tags", is_kept=True),
    "UntagPolicy": Operation(_untag_policy, "PolicyArn TagKeys", is_kept=True),
    "CreatePolicyVersion": Operation(_create_version, "PolicyArn PolicyDocument SetAsDefault", is_kept=True),
    "GetPolicyVersion": Operation(_get_version, "PolicyArn VersionId"),
    "ListPolicyVersions": Operation(_list_versions, "PolicyArn Marker MaxItems"),
    "SetDefaultPolicyVersion": Operation(_set_default, "PolicyArn VersionId", is_kept=True),
    "DeletePolicyVersion": Operation(_delete_version, "PolicyArn VersionId", is_kept=True),
}
