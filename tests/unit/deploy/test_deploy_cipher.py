"""Secrets are kept by Pulumi's own passphrase provider."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from inferwatch.deploy.cipher import Cipher, find_passphrase
from inferwatch.model.errors import UsageError


def test_a_secret_is_opened_again_with_its_salt() -> None:
    """Another process, the same passphrase."""
    first = Cipher(lambda: "correct horse")
    sealed = first.encrypt("hush")
    provider = first.secrets_provider
    assert provider is not None

    second = Cipher(lambda: "correct horse")
    second.use_salt(provider)

    assert sealed.startswith("v1:")
    assert provider["state"]["salt"].startswith("v1:")
    assert second.decrypt(sealed) == "hush"


def test_another_secrets_provider_is_refused_by_name() -> None:
    """A state exported from Pulumi Cloud."""
    with pytest.raises(UsageError, match="'service'"):
        Cipher(lambda: "").use_salt({"type": "service", "state": {}})


def test_the_users_passphrase_comes_first(tmp_path: Path) -> None:
    """Pulumi's own variables, text or file."""
    file = tmp_path / "secret.txt"
    file.write_text("from a file\n")
    keep = tmp_path / "kept"

    assert find_passphrase({"PULUMI_CONFIG_PASSPHRASE": ""}, keep_in=keep) == ""
    assert find_passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}, keep_in=keep) == "from a file"
    assert not keep.exists()


def test_without_one_a_passphrase_is_made_and_kept(tmp_path: Path) -> None:
    """Readable by its owner alone, and the same the next time."""
    keep = tmp_path / "state" / "passphrase"

    made = find_passphrase({}, keep_in=keep)

    assert len(made) >= 32
    assert find_passphrase({}, keep_in=keep) == made
    assert stat.S_IMODE(keep.stat().st_mode) == 0o600
