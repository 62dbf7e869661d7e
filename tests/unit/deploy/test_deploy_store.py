"""A stack's state survives a crash, keeps Pulumi's format and one writer at a time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from inferwatch.deploy.cipher import Cipher
from inferwatch.deploy.state import Operation, Resource
from inferwatch.deploy.store import open_store, read_snapshot
from inferwatch.deploy.values import Secret
from inferwatch.model.errors import UsageError

PROVIDER = Resource("urn:p", "pulumi:providers:aws", custom=True, id="p1")
GROUP = Resource(
    "urn:g",
    "aws:cloudwatch/logGroup:LogGroup",
    custom=True,
    id="g-0000001",
    inputs={"name": "g-0000001", "__defaults": ["name"]},
    outputs={"arn": "arn:g"},
    provider="urn:p::p1",
    protect=True,
    created="2026-11-24T00:00:00Z",
)
STREAM = Resource(
    "urn:s",
    "aws:cloudwatch/logStream:LogStream",
    custom=True,
    id="s",
    provider="urn:p::p1",
    dependencies=("urn:g",),
    property_dependencies={"logGroupName": ("urn:g",)},
)


def no_cipher() -> Cipher:
    def ask() -> str:
        raise AssertionError("no secret here")

    return Cipher(ask)


def now() -> str:
    return "2026-11-24T00:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine" / "project" / "dev.json"


def test_what_is_committed_is_read_again(path: Path) -> None:
    """Every field of a record comes back."""
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[PROVIDER, GROUP, STREAM])

    assert read_snapshot(path, no_cipher()).resources == (PROVIDER, GROUP, STREAM)


def test_the_file_is_pulumis(path: Path) -> None:
    """Version 3; the magic is the version's SHA-256; what is needed comes first."""
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[STREAM, GROUP, PROVIDER])

    document = json.loads(path.read_text())
    deployment = document["deployment"]
    assert document["version"] == 3
    assert (
        deployment["manifest"]["magic"]
        == hashlib.sha256(deployment["manifest"]["version"].encode()).hexdigest()
    )
    assert [resource["urn"] for resource in deployment["resources"]] == ["urn:p", "urn:g", "urn:s"]
    assert deployment["resources"][1]["protect"] is True
    assert deployment["resources"][2]["propertyDependencies"] == {"logGroupName": ["urn:g"]}


def test_each_step_is_on_disk_before_the_next(path: Path) -> None:
    """A crash after a commit loses nothing: another process sees it already."""
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[PROVIDER, GROUP])
        store.begin("creating", STREAM)

        seen = read_snapshot(path, no_cipher())

    assert seen.resources == (PROVIDER, GROUP)
    assert seen.operations == (Operation("creating", STREAM),)


def test_a_torn_last_line_is_passed_over_and_not_built_on(path: Path) -> None:
    """A process killed while it wrote: its last step was never acknowledged."""
    path.parent.mkdir(parents=True)
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[PROVIDER])
        journal = path.with_suffix(".journal").read_bytes()
    path.with_suffix(".journal").write_bytes(journal + b'{"put": [{"urn": "urn:x"')

    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[GROUP])
        seen = read_snapshot(path, no_cipher())

    assert seen.resources == (PROVIDER, GROUP)


def test_a_journal_folded_in_already_changes_nothing(path: Path) -> None:
    """A crash between writing the snapshot and removing the journal."""
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[PROVIDER, GROUP])
        store.commit(put=[STREAM], drop=["urn:g"])
        journal = path.with_suffix(".journal").read_bytes()
    path.with_suffix(".journal").write_bytes(journal)

    assert read_snapshot(path, no_cipher()).resources == (PROVIDER, STREAM)


def test_a_replaced_resource_stands_beside_its_replacement(path: Path) -> None:
    """One live record to a URN, and any number that are still to be deleted."""
    condemned = Resource("urn:g", GROUP.type, custom=True, id="g-old", delete=True)
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[GROUP, condemned])

    ids = [(resource.id, resource.delete) for resource in read_snapshot(path, no_cipher()).resources]
    assert ids == [("g-0000001", False), ("g-old", True)]


def test_references_to_what_is_gone_are_not_written(path: Path) -> None:
    """Pulumi refuses a state file with a dangling dependency."""
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[PROVIDER, STREAM])

    stream = read_snapshot(path, no_cipher()).resources[1]
    assert (stream.dependencies, dict(stream.property_dependencies)) == ((), {})


def test_a_second_writer_is_refused(path: Path) -> None:
    """Two deployments of a stack at once would each undo the other."""
    with (
        open_store(path, no_cipher(), now=now),
        pytest.raises(UsageError, match="stack 'dev' is being changed by another inferwatch process"),
        open_store(path, no_cipher(), now=now),
    ):
        pass


def test_a_stack_with_nothing_left_leaves_no_file(path: Path, tmp_path: Path) -> None:
    """Neither state, nor journal, nor lock, nor the folders of its engine."""
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(put=[PROVIDER])
    with open_store(path, no_cipher(), now=now) as store:
        store.commit(drop=["urn:p"])

    assert list(tmp_path.rglob("*")) == []


def test_secrets_are_encrypted_on_disk(path: Path) -> None:
    """In the journal as in the snapshot; the salt travels with them, as Pulumi keeps it."""
    secret = Resource("urn:g", GROUP.type, custom=True, outputs={"key": Secret("hush")})
    with open_store(path, Cipher(lambda: "passphrase"), now=now) as store:
        store.commit(put=[secret])
        journal = path.with_suffix(".journal").read_text()

    text = path.read_text()
    assert "hush" not in text + journal
    assert json.loads(text)["deployment"]["secrets_providers"]["type"] == "passphrase"
    assert read_snapshot(path, Cipher(lambda: "passphrase")).resources == (secret,)
    with pytest.raises(UsageError, match="incorrect passphrase"):
        read_snapshot(path, Cipher(lambda: "another"))


def test_a_file_of_another_version_is_refused(path: Path) -> None:
    """It is named, and left alone."""
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 4, "deployment": {}}')

    with pytest.raises(UsageError, match=r"dev\.json: expected a Pulumi deployment of version 3"):
        read_snapshot(path, no_cipher())
