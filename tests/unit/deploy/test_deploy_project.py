"""A Pulumi project is read as the real CLI reads it, or refused by name."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from inferwatch.deploy.cipher import Cipher
from inferwatch.deploy.project import Project, load_project
from inferwatch.deploy.template import write_project
from inferwatch.deploy.values import Secret
from inferwatch.infra.plan.check import NAME
from inferwatch.model.errors import UsageError


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write(tmp_path, "Pulumi.yaml", "name: chat\nruntime: python\n")
    write(tmp_path, "__main__.py", "")
    return tmp_path


def write(directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text)


def load(
    directory: Path, stack: str = "dev", environment: dict[str, str] | None = None, **overrides: str
) -> Project:
    return load_project(directory, stack=stack, overrides=overrides, environment=environment or {})


def test_config_comes_from_project_stack_and_caller_in_this_order(directory: Path) -> None:
    """The later wins; a key without a colon is the project's; values are text."""
    write(
        directory,
        "Pulumi.yaml",
        "name: chat\nruntime: {name: python}\nconfig:\n  a: 1\n  b: {type: string, default: two}\n  c: 3\n",
    )
    write(
        directory,
        "Pulumi.dev.yaml",
        "config:\n  chat:c: four\n  aws:region: eu-west-1\n  flag: true\n  d: {e: [1]}\n",
    )

    project = load(directory, a="five")

    assert dict(project.config) == {
        "chat:a": "five",
        "chat:b": "two",
        "chat:c": "four",
        "chat:d": '{"e": [1]}',
        "chat:flag": "true",
        "aws:region": "eu-west-1",
    }
    assert (project.name, project.main, project.region) == ("chat", directory, "eu-west-1")


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({}, "us-east-1"),
    ],
)
def test_a_region_set_nowhere_comes_from_the_environment(
    directory: Path, environment: dict[str, str], region: str
) -> None:
    """The program reads it as `aws:region` all the same."""
    assert load(directory, environment=environment).config["aws:region"] == region


def test_a_region_that_aws_has_not_is_refused(directory: Path) -> None:
    """Before anything is made there."""
    with pytest.raises(UsageError, match='aws:region of stack dev: AWS has no region "mars-1"'):
        load(directory, environment={"AWS_REGION": "mars-1"})


def test_secret_config_is_opened_with_the_passphrase(directory: Path) -> None:
    """As `pulumi config set --secret` wrote it."""
    cipher = Cipher(lambda: "correct horse")
    sealed = cipher.encrypt("hush")
    provider = cipher.secrets_provider
    assert provider is not None
    write(
        directory,
        "Pulumi.dev.yaml",
        f"encryptionsalt: {provider['state']['salt']}\nconfig:\n  chat:key:\n    secure: {sealed}\n",
    )

    project = load(directory, environment={"PULUMI_CONFIG_PASSPHRASE": "correct horse"})

    assert project.config["chat:key"] == "hush"
    assert project.secret_keys == frozenset({"chat:key"})
    with pytest.raises(UsageError, match="has secrets: set PULUMI_CONFIG_PASSPHRASE"):
        load(directory)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: chat\nruntime: nodejs\n", "does not support the runtime 'nodejs' yet"),
        ("runtime: python\n", "expected a project name"),
        ("name: [\n", "not YAML"),
        ("- a\n", "expected a mapping, got list"),
        ("name: chat\nruntime: python\nconfig: {k: {type: string}}\n", "no value for the config key 'k'"),
        (
            "name: chat\nruntime: python\nconfig: {k: {type: integer, default: 1.5}}\n",
            "config key 'k' is declared as integer, and is not",
        ),
        (
            "name: chat\nruntime: python\nconfig: {k: {type: boolean, default: 'yes'}}\n",
            "config key 'k' is declared as boolean, and is not",
        ),
        (
            "name: chat\nruntime: python\nconfig: {k: {type: array, default: a}}\n",
            "config key 'k' is declared as array, and is not",
        ),
    ],
)
def test_a_project_that_is_refused(directory: Path, text: str, problem: str) -> None:
    """One sentence, with the file in it or what to give."""
    write(directory, "Pulumi.yaml", text)

    with pytest.raises(UsageError, match=problem):
        load(directory)


def test_config_of_its_declared_type_is_taken(directory: Path) -> None:
    """From the command line too, where all is text."""
    write(
        directory,
        "Pulumi.yaml",
        "name: chat\nruntime: python\nconfig:\n  n: {type: integer}\n  b: {type: boolean, default: true}\n"
        "  l: {type: array, default: [1]}\n  s: {type: string, default: 1}\n",
    )

    config = load(directory, n="7").config

    assert (config["chat:n"], config["chat:b"], config["chat:l"], config["chat:s"]) == (
        "7",
        "true",
        "[1]",
        "1",
    )


def test_config_declared_secret_is_secret(directory: Path) -> None:
    """Even where the stack has it in clear."""
    declared = "config: {k: {type: string, secret: true, default: hush}}"
    write(directory, "Pulumi.yaml", f"name: chat\nruntime: python\n{declared}\n")

    assert load(directory).secret_keys == frozenset({"chat:k"})


def test_all_aws_config_is_the_default_providers(directory: Path) -> None:
    """Nothing is dropped, so that what is not supported can be refused; secrets stay secret."""
    write(
        directory,
        "Pulumi.yaml",
        "name: chat\nruntime: python\nconfig: {'aws:secretKey': {type: string, secret: true, default: hush}}\n",
    )
    write(
        directory, "Pulumi.dev.yaml", "config:\n  aws:region: eu-west-1\n  aws:defaultTags: {tags: {a: b}}\n"
    )

    assert load(directory).provider_config == {
        "region": "eu-west-1",
        "defaultTags": '{"tags": {"a": "b"}}',
        "secretKey": Secret("hush"),
    }


@pytest.mark.parametrize(
    ("virtualenv", "warned"), [("venv", True), (sys.prefix, False)], ids=["another", "this one"]
)
def test_a_virtualenv_that_is_not_used_is_warned_of(directory: Path, virtualenv: str, warned: bool) -> None:
    """The program may find other packages than it would with the real CLI."""
    options = f"options: {{virtualenv: '{virtualenv}'}}"
    write(directory, "Pulumi.yaml", f"name: chat\nruntime: {{name: python, {options}}}\n")

    warnings = load(directory).warnings

    assert [f"not of the project's virtualenv {virtualenv!r}" in warning for warning in warnings] == (
        [True] if warned else []
    )


def test_a_program_that_is_not_there_is_refused_only_when_it_must_run(directory: Path) -> None:
    """A stack can be destroyed without its program."""
    write(directory, "Pulumi.yaml", "name: chat\nruntime: python\nmain: absent.py\n")

    project = load(directory)

    with pytest.raises(UsageError, match=r"the program .*absent\.py does not exist"):
        project.require_program()


def test_a_directory_without_a_project_is_refused(tmp_path: Path) -> None:
    """The most common mistake: the wrong directory."""
    with pytest.raises(UsageError, match=r"has no Pulumi\.yaml: give the directory of a Pulumi project"):
        load(tmp_path)


def test_a_stack_whose_name_is_a_path_is_refused(directory: Path) -> None:
    """It becomes a file's name."""
    with pytest.raises(UsageError, match=r"stack '\.\./dev'"):
        load(directory, stack="../dev")


def test_an_esc_environment_is_refused_by_name(directory: Path) -> None:
    """Its values would silently be missing."""
    write(directory, "Pulumi.dev.yaml", "environment: [prod]\n")

    with pytest.raises(UsageError, match="does not support Pulumi ESC environments yet"):
        load(directory)


@pytest.mark.parametrize("folder", ["_chat", "a" * 200, "...", "my chat", "9-lives_"])
def test_a_new_projects_name_fits_all_that_is_named_after_it(folder: str, tmp_path: Path) -> None:
    """With the stack's name behind it; a folder may be called anything."""
    files = write_project(tmp_path / folder)

    program = files[1].read_text()
    (name,) = re.findall(r'LlmMonitoring\("(.*)"\)', program)
    assert re.fullmatch(NAME, f"{name}-production")
    assert f'name: "{name}"\n' in files[0].read_text()
