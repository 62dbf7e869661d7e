"""The keys that `--require-auth` takes, from a file in the form of AWS's own, or from the environment.

    [ci]                                  any name
    aws_access_key_id = AKIAEXAMPLE
    aws_secret_access_key = …
    aws_session_token = …                 where it is a session's
    aws_account_id = 123456789012         where it is not the engine's own account

Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files", "Static credentials".
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from inferwatch.engine.accounts import is_account_id
from inferwatch.model.errors import UsageError
from inferwatch.wire.sigv4 import Key

Keys: TypeAlias = Mapping[str, Key]
"""By their ids."""

_ID, _SECRET, _TOKEN, _ACCOUNT = (
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_account_id",
)


def read_keys(file: Path | None, environment: Mapping[str, str]) -> Keys:
    """Keys by their ids: of the file, or the environment's `AWS_ACCESS_KEY_ID` and its fellows.

    Raises:
        UsageError: There is none; the file cannot be read, or a section lacks a part.
    """
    if file is None:
        section = {name: environment.get(name.upper(), "") for name in (_ID, _SECRET, _TOKEN, _ACCOUNT)}
        if not section[_ID] and not section[_SECRET]:
            raise UsageError(
                "--require-auth: there are no keys: give a credentials file with --keys, "
                "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        key = _key("the environment", section)
        return {key.id: key}
    keys = {key.id: key for key in _read(file)}
    if not keys:
        raise UsageError(f"--keys: {file} holds no keys: expected sections with {_ID} and {_SECRET}")
    return keys


def _read(file: Path) -> Iterator[Key]:
    parser = configparser.RawConfigParser(default_section="")
    try:
        parser.read_string(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--keys: cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    except configparser.Error as error:
        # Its text may quote a secret.
        raise UsageError(f"--keys: {file} is no credentials file ({type(error).__name__})") from None
    for name in parser.sections():
        yield _key(f"[{name}] of {file}", parser[name])


def _key(where: str, section: Mapping[str, str]) -> Key:
    for name in (_ID, _SECRET):
        if not section.get(name):
            raise UsageError(f"{where} lacks {name}")
    account = section.get(_ACCOUNT) or (section[_ID] if is_account_id(section[_ID]) else None)
    if account is not None and not is_account_id(account):
        raise UsageError(f'{where}: {_ACCOUNT} "{account}" is no account id: expected twelve digits')
    return Key(section[_ID], section[_SECRET], section.get(_TOKEN) or None, account)
