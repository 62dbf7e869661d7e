"""Every account of one process: a cloud each, made when first spoken to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from inferwatch.engine.cloud import Cloud
from inferwatch.model.errors import UsageError

_ACCOUNT_ID: Final = re.compile(r"\d{12}", re.ASCII)


def is_account_id(text: str) -> bool:
    """Is this what AWS's account ids look like: twelve digits?"""
    return _ACCOUNT_ID.fullmatch(text) is not None


class Accounts:
    """Clouds by account id.

    Args:
        default: Whose account a request means that names none.
        open_cloud: Makes the cloud of another account; raises UsageError where its data cannot be opened.
    """

    def __init__(self, default: Cloud, open_cloud: Callable[[str], Cloud]) -> None:
        self.default = default
        self._open_cloud = open_cloud
        self._clouds = {default.account_id: default}

    def __iter__(self) -> Iterator[Cloud]:
        return iter(list(self._clouds.values()))

    def cloud(self, account_id: str) -> Cloud:
        """The account's cloud, made where there was none. Raises UsageError: see `open_cloud`."""
        cloud = self._clouds.get(account_id)
        if cloud is None:
            cloud = self._clouds[account_id] = self._open_cloud(account_id)
        return cloud

    def find(self, account_id: str) -> Cloud | None:
        """The cloud of an account that has been spoken to."""
        return self._clouds.get(account_id)

    def reset(self) -> None:
        """Begin again with nothing, as another engine.

        Raises:
            UsageError: What there is outlives the process: a data folder keeps it.
        """
        if self.default.journal is not None:
            raise UsageError(
                "this engine keeps a data folder: only one that was started with --memory is emptied"
            )
        for cloud in self:
            cloud.reset()
        self._clouds = {self.default.account_id: self.default}

    @property
    def is_dirty(self) -> bool:
        """As `Cloud.is_dirty`, of any."""
        return any(cloud.is_dirty for cloud in self)

    def sync(self) -> None:
        """As `Cloud.sync`, of all."""
        for cloud in self:
            cloud.sync()

    @property
    def has_queries_running(self) -> bool:
        """As `Cloud.has_queries_running`, of any."""
        return any(cloud.has_queries_running for cloud in self)

    def step_queries(self) -> bool:
        """As `Cloud.step_queries`, of all."""
        stepped = [cloud.step_queries() for cloud in self]
        return any(stepped)

    @property
    def has_checkpoints_due(self) -> bool:
        """As `Cloud.has_checkpoints_due`, of any."""
        return any(cloud.has_checkpoints_due for cloud in self)

    def save(self) -> None:
        """As `Cloud.save`, of all."""
        for cloud in self:
            cloud.save()
