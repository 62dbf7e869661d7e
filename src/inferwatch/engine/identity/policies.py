"""The managed policies of one account. Source: IAM API reference, "CreatePolicy", "CreatePolicyVersion"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from inferwatch.engine.identity.documents import check_permissions_policy
from inferwatch.engine.identity.nouns import ManagedPolicy, Version, unique_id
from inferwatch.model.errors import AwsError

_VERSIONS_MAX: Final = 5
_OF_AWS: Final = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/[\w+=,.@/-]{1,512}", re.ASCII)


class Policies:
    """Managed policies by ARN.

    Differs: which policies AWS itself manages is not known here, so any well-formed ARN of one may be
    attached; none can be read.
    """

    def __init__(self, account_id: str, new_id: Callable[[], str]) -> None:
        self._account_id = account_id
        self._new_id = new_id
        self._policies: dict[str, ManagedPolicy] = {}

    def create(
        self,
        name: str,
        document: str,
        now_ms: int,
        *,
        path: str = "/",
        description: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> ManagedPolicy:
        """Raises AwsError: EntityAlreadyExistsException, MalformedPolicyDocumentException."""
        if any(known.name.lower() == name.lower() for known in self._policies.values()):
            raise AwsError(
                "EntityAlreadyExistsException",
                f"A policy called {name} already exists. Duplicate names are not allowed.",
            )
        check_permissions_policy(document)
        arn = f"arn:aws:iam::{self._account_id}:policy{path}{name}"
        id = unique_id("ANPA", self._new_id())
        policy = ManagedPolicy(name, arn, id, path, now_ms, now_ms, description, dict(tags or {}))
        _add_version(policy, document, now_ms, is_default=True)
        self._policies[arn] = policy
        return policy

    def get(self, arn: str) -> ManagedPolicy:
        """Raises AwsError: NoSuchEntityException."""
        policy = self._policies.get(arn)
        if policy is None:
            raise AwsError("NoSuchEntityException", f"Policy {arn} was not found.")
        return policy

    def all(self) -> list[ManagedPolicy]:
        """By ARN."""
        return [self._policies[arn] for arn in sorted(self._policies)]

    def require(self, arn: str) -> None:
        """Raises AwsError (NoSuchEntityException) for what cannot be attached."""
        if arn not in self._policies and not _OF_AWS.fullmatch(arn):
            raise AwsError("NoSuchEntityException", f"Policy {arn} does not exist or is not attachable.")

    def delete(self, arn: str, *, is_attached: bool) -> None:
        """Raises AwsError: NoSuchEntityException; DeleteConflictException while something holds on to it."""
        policy = self.get(arn)
        if is_attached:
            raise AwsError("DeleteConflictException", "Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise AwsError(
                "DeleteConflictException",
                "This policy has more than one version. Before you delete a policy, you must delete the "
                "policy's versions. The default version is deleted with the policy.",
            )
        del self._policies[arn]

    def add_version(self, arn: str, document: str, now_ms: int, *, is_default: bool) -> Version:
        """Raises AwsError: NoSuchEntity-, MalformedPolicyDocument-, LimitExceededException."""
        policy = self.get(arn)
        check_permissions_policy(document)
        if len(policy.versions) >= _VERSIONS_MAX:
            raise AwsError(
                "LimitExceededException",
                f"A managed policy can have up to {_VERSIONS_MAX} versions. Before you create a new version, "
                "you must delete an existing version.",
            )
        return _add_version(policy, document, now_ms, is_default=is_default)

    def version(self, arn: str, id: str) -> Version:
        """Raises AwsError: NoSuchEntityException."""
        version = self.get(arn).versions.get(id)
        if version is None:
            raise AwsError(
                "NoSuchEntityException",
                f"Policy {arn} version {id} does not exist or is not attachable.",
            )
        return version

    def set_default(self, arn: str, id: str) -> None:
        """Raises AwsError: NoSuchEntityException."""
        self.version(arn, id)
        self.get(arn).default_version = id

    def delete_version(self, arn: str, id: str) -> None:
        """Raises AwsError: NoSuchEntityException; DeleteConflictException for the one that holds."""
        self.version(arn, id)
        policy = self.get(arn)
        if id == policy.default_version:
            raise AwsError("DeleteConflictException", "Cannot delete the default version of a policy.")
        del policy.versions[id]


def _add_version(policy: ManagedPolicy, document: str, now_ms: int, *, is_default: bool) -> Version:
    policy.made_versions += 1
    version = Version(f"v{policy.made_versions}", document, now_ms)
    policy.versions[version.id] = version
    policy.updated_ms = now_ms
    if is_default:
        policy.default_version = version.id
    return version
