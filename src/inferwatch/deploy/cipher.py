"""Pulumi's passphrase secrets provider: AES-256-GCM, key by PBKDF2-SHA256 with 1,000,000 rounds.

A salt reads `v1:SALT:v1:NONCE:TEXT`, the last part being the word `pulumi` encrypted, to tell a wrong
passphrase; a ciphertext reads `v1:NONCE:TEXT`. All in base64.
Source: pulumi `pkg/secrets/passphrase/manager.go`, `sdk/go/common/resource/config/crypt.go`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from inferwatch.model.errors import UsageError

_ROUNDS: Final = 1_000_000
_PROBE: Final = "pulumi"
_SALT_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


class Cipher:
    """Encrypts one stack's secrets; deriving the key takes a good part of a second, so only when one is met.

    Args:
        passphrase: Asked for at the first secret.
        salt: As a state or config file holds it; empty for a stack that has no secrets yet.
    """

    def __init__(self, passphrase: Callable[[], str], *, salt: str = "") -> None:
        self._passphrase = passphrase
        self._salt = salt
        self._key: bytes | None = None

    @property
    def secrets_provider(self) -> dict[str, Any] | None:
        """What the state file says about it; `None` while no secret was met."""
        return {"type": "passphrase", "state": {"salt": self._salt}} if self._salt else None

    def use_salt(self, provider: Mapping[str, Any] | None) -> None:
        """Take over the salt of a state file.

        Raises:
            UsageError: the file's secrets are kept by another secrets provider.
        """
        if not provider:
            return
        if provider.get("type") != "passphrase":
            raise UsageError(f"inferwatch does not support the secrets provider {provider.get('type')!r} yet")
        salt = provider["state"]["salt"]
        if salt != self._salt:
            self._salt, self._key = salt, None

    def encrypt(self, text: str) -> str:
        """One secret's text, encrypted with a nonce of its own."""
        return _seal(self._derived(), text)

    def decrypt(self, sealed: str) -> str:
        """One secret's text.

        Raises:
            UsageError: the passphrase is not the one it was encrypted with.
        """
        return _open(self._derived(), sealed)

    def _derived(self) -> bytes:
        if self._key is not None:
            return self._key
        if not self._salt:
            salt = os.urandom(_SALT_BYTES)
            self._key = _derive(self._passphrase(), salt)
            self._salt = f"v1:{base64.b64encode(salt).decode()}:{_seal(self._key, _PROBE)}"
            return self._key
        _, salt_text, probe = self._salt.split(":", 2)
        key = _derive(self._passphrase(), base64.b64decode(salt_text))
        if _open(key, probe) != _PROBE:
            raise UsageError(_WRONG_PASSPHRASE)
        self._key = key
        return key


_WRONG_PASSPHRASE: Final = (
    "incorrect passphrase for this stack's secrets: set PULUMI_CONFIG_PASSPHRASE to the one it was made with"
)


def find_passphrase(environment: Mapping[str, str], *, keep_in: Path) -> str:
    """The user's passphrase, or one made for this computer and kept, readable by its owner alone."""
    if (given := given_passphrase(environment)) is not None:
        return given
    keep_in.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(keep_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(_KEY_BYTES))
    return keep_in.read_text()


def given_passphrase(environment: Mapping[str, str]) -> str | None:
    """The passphrase as Pulumi's own variables give it."""
    if (given := environment.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
        return given
    if file := environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise UsageError(
                f"PULUMI_CONFIG_PASSPHRASE_FILE: cannot read {file}: {error.strerror}"
            ) from error
    return None


def _derive(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS, _KEY_BYTES)


def _seal(key: bytes, text: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _aes(key).encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(key: bytes, sealed: str) -> str:
    from cryptography.exceptions import InvalidTag

    try:
        version, nonce, text = sealed.split(":")
        if version != "v1":
            raise UsageError(f"inferwatch does not support secrets of format {version!r} yet")
        opened = _aes(key).decrypt(base64.b64decode(nonce), base64.b64decode(text), None)
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise UsageError(_WRONG_PASSPHRASE) from error
    return str(opened, "utf-8")


def _aes(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise UsageError(
            'secrets need the package `cryptography`: pip install "inferwatch[local]"'
        ) from error
    return AESGCM(key)
