"""The data folder: everything an engine must have again after a restart.

DIR/LOCK                one process at a time
DIR/journal.sqlite      alarms, dashboards, topics: what was asked, in order; what came of notifications; the
                        engine's and the account's id
DIR/logs/REGION/        the log store of a region: segments and control state; its metrics' checkpoint
DIR/mail/               what e-mail subscriptions were sent: one .eml file each, by time
DIR/accounts/ID/        another account, in a folder like this one
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Final

from inferwatch.engine.cloud import DEFAULT_ACCOUNT_ID, Cloud
from inferwatch.engine.database import in_plain_words
from inferwatch.engine.journal import Journal
from inferwatch.engine.metrics.checkpoint import FILE as CHECKPOINT_FILE
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.store.lock import FolderLock
from inferwatch.engine.store.store import Store
from inferwatch.model.errors import UsageError
from inferwatch.wire.mailbox import MailFolder
from inferwatch.wire.perform import keep, restore

ACCOUNTS: Final = "accounts"
_ROOM_BYTES: Final = 2**20


class DataFolder:
    """An account's folder, held by this process until `close`.

    Args:
        mail: Where mails go; into this folder where none is given.

    Raises:
        UsageError: Another process holds it, or it cannot be written.
    """

    def __init__(self, path: Path, mail: MailFolder | None = None) -> None:
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(path)
        except OSError as refused:
            raise _unwritable(path, str(refused.strerror)) from None
        self._path = path
        try:
            _find_room(path)
            self._journal = Journal(path / "journal.sqlite")
        except OSError as refused:
            self._lock.close()
            raise _unwritable(path, str(refused.strerror)) from None
        except sqlite3.OperationalError as refused:
            self._lock.close()
            raise _unwritable(path, in_plain_words(refused)) from None
        except sqlite3.DatabaseError as fault:
            self._lock.close()
            raise UsageError(
                f"{path / 'journal.sqlite'} is damaged ({fault}): put back a copy, "
                "or delete it to begin again without its alarms, dashboards and topics"
            ) from None
        self._cloud: Cloud | None = None
        self.mail = MailFolder(path / "mail") if mail is None else mail

    def open_store(self, region: str) -> Store:
        return Store.open(self._path / "logs" / region)

    def open_checkpoint(self, region: str) -> Checkpoint:
        """The region's store has made the folder."""
        return Checkpoint(self._path / "logs" / region / CHECKPOINT_FILE)

    def revive(self, cloud: Cloud) -> None:
        """Bring back what was there at the last end, and keep from now on what changes.

        Raises:
            UsageError: The disk refuses; something in the folder is damaged; it is another account's.
        """
        self._cloud = cloud
        try:
            self._check_owner(cloud.account_id)
            self._revive(cloud)
        except UsageError:
            self.close()
            raise
        except (OSError, sqlite3.OperationalError) as refused:
            with contextlib.suppress(OSError):
                self.close()
            why = in_plain_words(refused) if isinstance(refused, sqlite3.Error) else refused.strerror
            raise _unwritable(self._path, why or str(refused)) from None

    def _check_owner(self, account_id: str) -> None:
        """All ARNs in a folder name one account; before folders said so, there was one."""
        is_old = self._journal.find("engine_id") is not None
        owner = self._journal.keep("account_id", DEFAULT_ACCOUNT_ID if is_old else account_id)
        if owner != account_id:
            raise UsageError(
                f"{self._path} holds the account {owner}: start with --account-id {owner}, "
                f"or give {account_id} another folder"
            )

    def _revive(self, cloud: Cloud) -> None:
        cloud.engine_id = self._journal.keep("engine_id", cloud.engine_id)
        restore(cloud, self._journal)
        for folder in sorted((self._path / "logs").glob("*/")):
            cloud.engine(folder.name).reopen()
        keep(cloud, self._journal)
        cloud.mail_folder = self.mail.path

    def close(self) -> None:
        if self._cloud is not None:
            self._cloud.close()
        self._journal.close()
        self._lock.close()


def _find_room(path: Path) -> None:
    """Raises OSError, where the disk is read-only or full: what cannot be opened then is not damaged."""
    with tempfile.TemporaryFile(dir=path) as trial:
        trial.write(bytes(_ROOM_BYTES))
        trial.flush()
        os.fsync(trial.fileno())


def _unwritable(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} cannot be used as a data folder: {why}; make room on its disk, or make the folder writable, "
        "and start again: all that it holds is still there"
    )
