"""One account's roles and policies: IAM knows no regions."""

from __future__ import annotations

from collections.abc import Callable

from inferwatch.engine.identity.policies import Policies
from inferwatch.engine.identity.roles import Roles


class Identity:
    """What every region's engine of an account shares.

    Args:
        new_id: Makes unique ids.
    """

    def __init__(self, account_id: str, new_id: Callable[[], str]) -> None:
        self.policies = Policies(account_id, new_id)
        self.roles = Roles(account_id, self.policies, new_id)

    def delete_policy(self, arn: str) -> None:
        """Raises AwsError: NoSuchEntityException; DeleteConflictException while something holds on to it."""
        self.policies.delete(arn, is_attached=bool(self.roles.attached_to(arn)))
