"""What the SQLite files of an engine have in common: of one version, whole when opened, written at once."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from inferwatch.model.errors import UsageError

_PLAIN: Final = {
    sqlite3.SQLITE_FULL: os.strerror(errno.ENOSPC),
    sqlite3.SQLITE_READONLY: os.strerror(errno.EROFS),
}


def in_plain_words(fault: sqlite3.Error) -> str:
    """What the disk said, as the operating system words it where SQLite has words of its own."""
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    return _PLAIN.get(code, str(fault))


def prepare(database: sqlite3.Connection, where: str, version: int, tables: str) -> None:
    """Look through a file that is there, and make the tables of a new one.

    Args:
        where: What people call the file.

    Raises:
        UsageError: It is of a newer version; it is closed.
        sqlite3.DatabaseError: It is damaged, or no database.
    """
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    (health,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise sqlite3.DatabaseError(health)
    (found,) = database.execute("PRAGMA user_version").fetchone()
    if found > version:
        database.close()
        raise UsageError(
            f"{where} was written by a newer inferwatch (version {found}): use that one, or another folder"
        )
    if found == 0:
        database.executescript(f"BEGIN; {tables} PRAGMA user_version = {version}; COMMIT;")


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """What is done within is on disk when this ends, or, where SQLite refuses any of it, nothing is.

    Raises:
        sqlite3.Error: It refused.
    """
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    except sqlite3.Error:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
