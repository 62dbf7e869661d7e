"""A Pulumi project on disk: its name, its program and its config.

Differs: a program runs in the Python that runs inferwatch, so `runtime.options` (virtualenv, toolchain,
typechecker) are not followed; where the virtualenv is another one, a warning says so.

Differs: a value the project declares `secret` is kept secret even where the stack has it in clear; the real
CLI refuses that.

Source: Pulumi documentation, "Pulumi project file reference", "Stack settings file reference", read 2026-11.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from inferwatch.deploy.cipher import Cipher, given_passphrase
from inferwatch.deploy.values import Properties, Secret
from inferwatch.model.errors import UsageError
from inferwatch.model.region import check_region

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml")


@dataclass(frozen=True, slots=True)
class Project:
    """A project as one of its stacks sees it; `config` has full keys (`aws:region`).

    `main` is the program: a file, or a directory with a `__main__.py`.
    """

    name: str
    stack: str
    directory: Path
    main: Path
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    warnings: tuple[str, ...] = ()

    @property
    def region(self) -> str:
        """The AWS region its resources live in."""
        return self.config["aws:region"]

    @property
    def provider_config(self) -> Properties:
        """What the config sets for the AWS provider that is used where a program names none."""
        return {
            key.removeprefix("aws:"): Secret(value) if key in self.secret_keys else value
            for key, value in self.config.items()
            if key.startswith("aws:")
        }

    def require_program(self) -> None:
        """Refuse a project whose program is not there.

        Raises:
            UsageError: where it should be.
        """
        program = self.main if self.main.suffix == ".py" else self.main / "__main__.py"
        if not program.is_file():
            raise UsageError(f"{self.directory}: the program {program} does not exist")


def load_project(
    directory: Path, *, stack: str, overrides: Mapping[str, str], environment: Mapping[str, str]
) -> Project:
    """Read a project and a stack's settings.

    Args:
        overrides: Config that wins over the files; a key without a colon belongs to the project.

    Raises:
        UsageError: no project there, not a Python one, or settings that cannot be carried out.
    """
    if not _NAME.fullmatch(stack):
        raise UsageError(f"stack {stack!r}: a stack's name is 1-100 letters, digits, '.', '-' and '_'")
    directory = directory.resolve()
    file = next((directory / name for name in _PROJECT_FILES if (directory / name).is_file()), None)
    if file is None:
        raise UsageError(f"{directory} has no Pulumi.yaml: give the directory of a Pulumi project")
    document = _read_yaml(file)
    name = document.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(
            f"{file}: expected a project name of letters, digits, '.', '-' and '_', got {name!r}"
        )
    runtime = document.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        raise UsageError(f"{file}: inferwatch does not support the runtime {language!r} yet; it runs python")
    main = (directory / str(document.get("main") or ".")).resolve()
    config, secret_keys = _config(file, document, stack=stack, project=name, environment=environment)
    config |= {_full_key(key, name): value for key, value in overrides.items()}
    if not config.get("aws:region"):
        config["aws:region"] = (
            environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
        )
    try:
        check_region(config["aws:region"])
    except LookupError as unknown:
        raise UsageError(f"aws:region of stack {stack}: {unknown}") from None
    declared = _mapping(document.get("config"), file)
    secret_keys |= _check_declared(declared, config, project=name, stack=stack)
    warnings = _runtime_warnings(runtime, directory)
    return Project(name, stack, directory, main, config, frozenset(secret_keys), warnings)


def _runtime_warnings(runtime: object, directory: Path) -> tuple[str, ...]:
    options = runtime.get("options") if isinstance(runtime, dict) else None
    wanted = options.get("virtualenv") if isinstance(options, dict) else None
    if not isinstance(wanted, str) or (directory / wanted).resolve() == Path(sys.prefix).resolve():
        return ()
    warning = (
        f"the program runs with the packages of {sys.prefix}, not of the project's virtualenv {wanted!r}: "
        f"for those, install inferwatch there and run it from there"
    )
    return (warning,)


def _config(
    file: Path, document: Mapping[str, Any], *, stack: str, project: str, environment: Mapping[str, str]
) -> tuple[dict[str, str], set[str]]:
    config: dict[str, str] = {}
    for key, declared in _mapping(document.get("config"), file).items():
        value = declared.get("value", declared.get("default")) if isinstance(declared, dict) else declared
        if value is not None:
            config[_full_key(key, project)] = _text(value)

    secret_keys = set()
    folder = file.parent / str(document.get("stackConfigDir") or ".")
    settings_file = folder / f"Pulumi.{stack}{file.suffix}"
    if settings_file.is_file():
        settings = _read_yaml(settings_file)
        if "environment" in settings:
            raise UsageError(f"{settings_file}: inferwatch does not support Pulumi ESC environments yet")
        reveal = _Reveal(settings_file, str(settings.get("encryptionsalt") or ""), environment)
        for key, value in _mapping(settings.get("config"), settings_file).items():
            opened, secret = reveal(value)
            config[_full_key(key, project)] = _text(opened)
            if secret:
                secret_keys.add(_full_key(key, project))
    return config, secret_keys


class _Reveal:
    """Opens the `secure:` values of a stack's settings file."""

    def __init__(self, file: Path, salt: str, environment: Mapping[str, str]) -> None:
        self._file = file
        self._environment = environment
        self._cipher = Cipher(self._passphrase, salt=salt)
        self._salt = salt

    def __call__(self, value: Any) -> tuple[Any, bool]:
        if isinstance(value, dict) and value.keys() == {"secure"}:
            if not self._salt:
                raise UsageError(
                    f"{self._file}: its secrets are kept by a service; inferwatch opens those of a passphrase"
                )
            return self._cipher.decrypt(value["secure"]), True
        if isinstance(value, dict):
            opened = {key: self(item) for key, item in value.items()}
            return {key: item for key, (item, _) in opened.items()}, any(
                secret for _, secret in opened.values()
            )
        if isinstance(value, list):
            items = [self(item) for item in value]
            return [item for item, _ in items], any(secret for _, secret in items)
        return value, False

    def _passphrase(self) -> str:
        given = given_passphrase(self._environment)
        if given is None:
            raise UsageError(f"{self._file} has secrets: set PULUMI_CONFIG_PASSPHRASE to their passphrase")
        return given


def _check_declared(
    declared: Mapping[str, Any], config: Mapping[str, str], *, project: str, stack: str
) -> set[str]:
    """Hold the config to what the project declares of it; the full keys of what it declares secret."""
    secret_keys = set()
    for key, rule in declared.items():
        if not isinstance(rule, dict) or "type" not in rule:
            continue
        full_key = _full_key(key, project)
        if full_key not in config:
            raise UsageError(
                f"stack {stack!r} has no value for the config key {key!r}: give --config {key}=VALUE"
            )
        if not _is_of_type(config[full_key], rule):
            # The value may be secret.
            raise UsageError(
                f"stack {stack!r}: the config key {key!r} is declared as {rule['type']}, and is not"
            )
        if rule.get("secret") is True:
            secret_keys.add(full_key)
    return secret_keys


def _is_of_type(text: str, rule: Mapping[str, Any]) -> bool:
    """Whether a value in its text form is of a declared type; a string may be anything."""
    if rule["type"] == "string":
        return True
    try:
        value = json.loads(text)
    except ValueError:
        return False
    match rule["type"]:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case _:
            return True


def _full_key(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str)


def _mapping(value: Any, file: Path) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"{file}: expected `config` to be a mapping, got {value!r}")
    return {str(key): item for key, item in value.items()}


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        raise UsageError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError(f"{file}: expected a mapping, got {type(document).__name__}")
    return document
