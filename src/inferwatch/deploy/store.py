"""A stack's state on disk: a snapshot written by rename, a journal beside it, and a lock around both.

Every step appends one line to the journal and syncs it, so a step costs the same in a large stack as in a
small one; `close` folds the journal into a new snapshot. After a crash, reading the snapshot and then the
journal gives the state as of the last whole line; replaying lines already folded in changes nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from inferwatch.deploy.cipher import Cipher
from inferwatch.deploy.state import (
    Operation,
    Resource,
    Snapshot,
    from_document,
    resource_from_json,
    resource_to_json,
    to_document,
)
from inferwatch.model.errors import UsageError


class Store(Protocol):
    """Where a deployment keeps what it did."""

    @property
    def snapshot(self) -> Snapshot: ...

    def begin(self, kind: str, resource: Resource) -> None:
        """Remember a call that is about to be made."""
        ...

    def commit(self, *, put: Sequence[Resource] = (), drop: Sequence[str] = (), end: str = "") -> None:
        """Drop the records with these keys, put others and forget the call begun on URN `end`."""
        ...


class MemoryStore:
    """A store that forgets: for previews."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._resources = {resource.key: resource for resource in snapshot.resources}
        self._operations = {operation.resource.urn: operation for operation in snapshot.operations}

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(tuple(self._resources.values()), tuple(self._operations.values()))

    def begin(self, kind: str, resource: Resource) -> None:
        self._operations[resource.urn] = Operation(kind, resource)

    def commit(self, *, put: Sequence[Resource] = (), drop: Sequence[str] = (), end: str = "") -> None:
        for key in drop:
            self._resources.pop(key, None)
        for resource in put:
            self._resources[resource.key] = resource
        self._operations.pop(end, None)


class FileStore(MemoryStore):
    """One stack's files, held under its lock from `open_store` on."""

    def __init__(self, path: Path, cipher: Cipher, snapshot: Snapshot, *, now: Callable[[], str]) -> None:
        super().__init__(snapshot)
        self._path = path
        self._cipher = cipher
        self._now = now
        # Folded at once: a line torn by a crash must not stay in front of new ones.
        self._fold()
        self._journal: BinaryIO | None = None

    def begin(self, kind: str, resource: Resource) -> None:
        super().begin(kind, resource)
        self._append({"begin": kind, "put": [self._json(resource)]})

    def commit(self, *, put: Sequence[Resource] = (), drop: Sequence[str] = (), end: str = "") -> None:
        super().commit(put=put, drop=drop, end=end)
        self._append(
            {
                "put": [self._json(resource) for resource in put],
                "drop": list(drop),
                "end": end,
            }
        )

    def close(self) -> None:
        """Fold the journal into the snapshot; a stack with nothing left leaves no file."""
        if self._journal is not None:
            self._journal.close()
        self._fold()

    def _fold(self) -> None:
        snapshot = self.snapshot
        if snapshot.resources or snapshot.operations:
            document = to_document(snapshot, time=self._now(), encrypt=self._cipher.encrypt)
            # Asked for only now: the first secret of a stack makes its salt.
            if (provider := self._cipher.secrets_provider) is not None:
                document["deployment"]["secrets_providers"] = provider
            _write(self._path, json.dumps(document, indent=4) + "\n")
        else:
            self._path.unlink(missing_ok=True)
        _journal_path(self._path).unlink(missing_ok=True)

    def _json(self, resource: Resource) -> dict[str, Any]:
        return resource_to_json(resource, self._cipher.encrypt)

    def _append(self, entry: dict[str, Any]) -> None:
        # The salt goes with the first line that needs it, or its secrets could not be read again.
        line = json.dumps(entry | {"secrets_provider": self._cipher.secrets_provider}) + "\n"
        if self._journal is None:
            self._journal = open(_journal_path(self._path), "ab")  # noqa: SIM115 - closed by `close`
        self._journal.write(line.encode())
        self._journal.flush()
        os.fsync(self._journal.fileno())


def read_snapshot(path: Path, cipher: Cipher) -> Snapshot:
    """The state as of the last whole step; empty when there is none."""
    snapshot = Snapshot()
    with contextlib.suppress(FileNotFoundError):
        try:
            document = json.loads(path.read_text())
        except ValueError as error:
            raise UsageError(f"{path}: not a state file ({error}); move it away to begin anew") from error
        cipher.use_salt((document.get("deployment") or {}).get("secrets_providers"))
        snapshot = from_document(document, where=str(path), decrypt=cipher.decrypt)
    replayed = MemoryStore(snapshot)
    for entry in _journal_entries(_journal_path(path)):
        cipher.use_salt(entry["secrets_provider"])
        resources = [resource_from_json(item, cipher.decrypt) for item in entry["put"]]
        if kind := entry.get("begin"):
            replayed.begin(kind, resources[0])
            continue
        replayed.commit(put=resources, drop=entry["drop"], end=entry["end"])
    return replayed.snapshot


@contextlib.contextmanager
def open_store(path: Path, cipher: Cipher, *, now: Callable[[], str]) -> Iterator[FileStore]:
    """Hold a stack's files; nobody else can while the block runs, and a crash lets go of them.

    Raises:
        UsageError: another deployment of this stack is running.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock_path = path.with_suffix(".lock")
    with open(lock_path, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _busy(path) from error
        # The one before may have removed the file between our opening and our locking it.
        if not lock_path.exists() or not os.path.samestat(os.fstat(lock.fileno()), lock_path.stat()):
            raise _busy(path)
        store = FileStore(path, cipher, read_snapshot(path, cipher), now=now)
        try:
            yield store
        finally:
            store.close()
            if not path.exists():
                lock_path.unlink()
                # Engines in memory come and go: leave no folder of one that has nothing any more.
                with contextlib.suppress(OSError):
                    path.parent.rmdir()
                    path.parent.parent.rmdir()


def _busy(path: Path) -> UsageError:
    return UsageError(
        f"stack {path.stem!r} is being changed by another inferwatch process: wait until it is done"
    )


def _journal_path(path: Path) -> Path:
    return path.with_suffix(".journal")


def _journal_entries(path: Path) -> Iterator[dict[str, Any]]:
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_bytes().splitlines(keepends=True):
            # The last line of a process that was killed may be torn; its step was never acknowledged.
            if line.endswith(b"\n"):
                yield json.loads(line)


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
