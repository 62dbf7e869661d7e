"""The roles of one account. Source: IAM API reference, "CreateRole", "DeleteRole", "AttachRolePolicy"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from inferwatch.engine.identity.documents import check_permissions_policy, check_trust_policy
from inferwatch.engine.identity.nouns import DEFAULT_SESSION_S, Role, unique_id
from inferwatch.engine.identity.policies import Policies
from inferwatch.model.errors import AwsError

_ATTACHED_MAX: Final = 10


class Roles:
    """Roles by name; names differ in more than case.

    Args:
        policies: Those of the account, to attach.
        new_id: Makes unique ids.
    """

    def __init__(self, account_id: str, policies: Policies, new_id: Callable[[], str]) -> None:
        self._account_id = account_id
        self._policies = policies
        self._new_id = new_id
        self._roles: dict[str, Role] = {}

    def create(
        self,
        name: str,
        trust: str,
        now_ms: int,
        *,
        path: str = "/",
        description: str | None = None,
        max_session_s: int = DEFAULT_SESSION_S,
        tags: dict[str, str] | None = None,
    ) -> Role:
        """Raises AwsError: EntityAlreadyExistsException, MalformedPolicyDocumentException."""
        if name.lower() in self._roles:
            raise AwsError("EntityAlreadyExistsException", f"Role with name {name} already exists.")
        check_trust_policy(trust)
        arn = f"arn:aws:iam::{self._account_id}:role{path}{name}"
        id = unique_id("AROA", self._new_id())
        role = Role(name, arn, id, path, trust, now_ms, description, max_session_s, dict(tags or {}))
        self._roles[name.lower()] = role
        return role

    def get(self, name: str) -> Role:
        """Raises AwsError: NoSuchEntityException."""
        role = self._roles.get(name.lower())
        if role is None:
            raise AwsError("NoSuchEntityException", f"The role with name {name} cannot be found.")
        return role

    def delete(self, name: str) -> None:
        """Raises AwsError: NoSuchEntityException; DeleteConflictException while it has policies."""
        role = self.get(name)
        if role.inline:
            raise AwsError("DeleteConflictException", "Cannot delete entity, must delete policies first.")
        if role.attached:
            raise AwsError("DeleteConflictException", "Cannot delete entity, must detach all policies first.")
        del self._roles[name.lower()]

    def trust(self, name: str, document: str) -> None:
        """Raises AwsError: NoSuchEntityException, MalformedPolicyDocumentException."""
        role = self.get(name)
        check_trust_policy(document)
        role.trust = document

    def put_inline(self, name: str, policy: str, document: str) -> None:
        """Raises AwsError: NoSuchEntityException, MalformedPolicyDocumentException."""
        role = self.get(name)
        check_permissions_policy(document)
        role.inline[policy] = document

    def inline(self, name: str, policy: str) -> str:
        """Raises AwsError: NoSuchEntityException."""
        document = self.get(name).inline.get(policy)
        if document is None:
            raise _no_inline(policy)
        return document

    def delete_inline(self, name: str, policy: str) -> None:
        """Raises AwsError: NoSuchEntityException."""
        if self.get(name).inline.pop(policy, None) is None:
            raise _no_inline(policy)

    def attach(self, name: str, arn: str) -> None:
        """One that is attached already stays so.

        Raises:
            AwsError: NoSuchEntityException, LimitExceededException.
        """
        role = self.get(name)
        self._policies.require(arn)
        if arn in role.attached:
            return
        if len(role.attached) >= _ATTACHED_MAX:
            raise AwsError(
                "LimitExceededException", f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED_MAX}"
            )
        role.attached.append(arn)

    def detach(self, name: str, arn: str) -> None:
        """Raises AwsError: NoSuchEntityException."""
        role = self.get(name)
        if arn not in role.attached:
            raise AwsError("NoSuchEntityException", f"Policy {arn} was not found.")
        role.attached.remove(arn)

    def all(self) -> list[Role]:
        """By name."""
        return [self._roles[name] for name in sorted(self._roles)]

    def attached_to(self, arn: str) -> list[Role]:
        """Every role that has a managed policy."""
        return [role for role in self._roles.values() if arn in role.attached]


def _no_inline(policy: str) -> AwsError:
    return AwsError("NoSuchEntityException", f"The role policy with name {policy} cannot be found.")
