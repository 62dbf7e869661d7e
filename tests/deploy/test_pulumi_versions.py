"""The examples with the oldest packages that the `infra` extra allows, and with the newest there are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# What uv says where it cannot reach packages at all.
UNREACHABLE = re.compile(
    r"dns error|error sending request|tcp connect error|operation timed out|Failed to fetch"
)


def _requirements() -> list[str]:
    """Of the package with the `infra` extra, as pyproject.toml has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *extras["cli"], *extras["infra"]]
    return [each for each in listed if not each.startswith("inferwatch")]


@pytest.fixture(scope="module", params=["lowest-direct", "highest"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that is resolved so."""
    folder = tmp_path_factory.mktemp(request.param)
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, timeout=120)
    install = [*uv, "pip", "install", "--quiet", "--python", str(folder), "--resolution", request.param]
    installed = subprocess.run(
        [*install, *_requirements()], capture_output=True, text=True, check=False, timeout=280
    )
    if UNREACHABLE.search(installed.stderr):
        pytest.skip(f"no packages can be reached: {installed.stderr.strip().splitlines()[-1]}")
    assert installed.returncode == 0, installed.stderr
    return folder / "bin" / "python"


@pytest.fixture
def run(python: Path, endpoint_url: str) -> Callable[..., Any]:
    """`run("up", "slo")` is that command in that environment: its counts, or what it refuses."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "AWS_ENDPOINT_URL": endpoint_url}

    def command(name: str, example: str) -> Any:
        done = subprocess.run(
            [python, "-m", "inferwatch", name, str(ROOT / "examples" / example), "--json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment,
        )
        if done.returncode:
            return done.stderr
        return {kind: count for kind, count in json.loads(done.stdout)["changes"].items() if count}

    return command


@pytest.mark.parametrize(("example", "total"), [("published", 12), ("quickstart", 51), ("bedrock", 46)])
def test_an_example_is_applied_once_and_removed_whole(
    example: str, total: int, run: Callable[..., Any]
) -> None:
    """Lookups, policies, alarms of every kind, a component."""
    assert run("up", example) == {"create": total}
    assert run("preview", example) == {"same": total}
    assert run("destroy", example) == {"delete": total}


def test_what_the_package_is_too_old_for_is_refused_by_name(run: Callable[..., Any], python: Path) -> None:
    """Mute rules came to pulumi-aws later than the oldest that is allowed."""
    version = subprocess.run(
        [python, "-c", "import importlib.metadata as m; print(m.version('pulumi-aws'))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.strip()

    answer = run("preview", "full")

    if version == "7.0.0":
        assert "mutes: the installed pulumi-aws has no AlarmMuteRule yet: pip install -U pulumi-aws" in answer
    else:
        assert set(answer) == {"create"}
