"""The accounts of one process: in memory, or each in a data folder of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from inferwatch.engine.accounts import Accounts, is_account_id
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.store.store import Store
from inferwatch.local.data import ACCOUNTS, DataFolder
from inferwatch.model.errors import UsageError
from inferwatch.wire.mailbox import MailFolder


class Holdings:
    """What a process holds until `close`.

    Args:
        make_cloud: `Cloud`, with everything given but what depends on the account.
        account_id: Of those who name none.
        data: The first account's folder, with those of the others in it; in memory where there is none.

    Raises:
        UsageError: The id is none; a folder cannot be used, or is another account's.
    """

    def __init__(self, make_cloud: Callable[..., Cloud], account_id: str, data: Path | None) -> None:
        if not is_account_id(account_id):
            raise UsageError(f'"{account_id}" is no account id: expected twelve digits, as 123456789012')
        self._make_cloud = make_cloud
        self._data = data
        self._folders: list[DataFolder] = []
        try:
            self.accounts = Accounts(self._open(account_id, data), self._open_other)
            for folder in sorted((data / ACCOUNTS).glob("*/")) if data is not None else ():
                if is_account_id(folder.name):
                    self.accounts.cloud(folder.name)
        except UsageError:
            self.close()
            raise

    @property
    def mail(self) -> MailFolder | None:
        """Where all accounts' mails go."""
        return self._folders[0].mail if self._folders else None

    def close(self) -> None:
        """Everything is on disk, and every folder free."""
        with contextlib.ExitStack() as ending:
            for folder in self._folders:
                ending.callback(folder.close)

    def _open_other(self, account_id: str) -> Cloud:
        return self._open(account_id, None if self._data is None else self._data / ACCOUNTS / account_id)

    def _open(self, account_id: str, path: Path | None) -> Cloud:
        if path is None:
            return self._make_cloud(account_id=account_id, open_store=_in_memory)
        folder = DataFolder(path, self.mail)
        cloud = self._make_cloud(
            account_id=account_id, open_store=folder.open_store, open_checkpoint=folder.open_checkpoint
        )
        folder.revive(cloud)
        self._folders.append(folder)
        return cloud


def _in_memory(_region: str) -> Store:
    return Store.in_memory()
