"""Clients that we did not write, each in an environment of its own, before an engine that wants signatures.

An environment is made once, below pytest's cache, and skipped with its reason where it cannot be installed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.local import LocalServer
from inferwatch.model.process import wall_ms
from inferwatch.wire.sigv4 import Key

PROGRAMS = Path(__file__).parent / "programs"
KEY = Key("AKIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/session+token==")
REGION = "eu-west-1"
MINUTES_MS = 3 * 60_000


@dataclass(frozen=True, slots=True)
class Served:
    """A running engine whose time moves when the test says so."""

    server: LocalServer
    clock: ManualClock

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.server.endpoint_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY.id,
            "AWS_SECRET_ACCESS_KEY": KEY.secret,
            "AWS_SESSION_TOKEN": KEY.token or "",
        }

    def let_minutes_pass(self) -> None:
        """Alarms look at what was written."""
        self.clock.move_to(wall_ms() + MINUTES_MS)
        self.server.cloud.run_due()


@pytest.fixture
def served() -> Iterator[Served]:
    clock = ManualClock(wall_ms())
    with LocalServer(port=0, clock=clock, keeps_time=False, keys={KEY.id: KEY}) as server:
        yield Served(server, clock)


@pytest.fixture
def run(served: Served) -> Callable[..., Any]:
    """`run(command…)` in a client's environment: what it printed."""

    def execute(*command: str | Path, cwd: Path | None = None, **more: str) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            env={**os.environ, **served.environment, **more},
            cwd=cwd,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return execute


@pytest.fixture
def tell(run: Callable[..., str]) -> Callable[..., Any]:
    """As `run`, of a program in `programs`: the JSON that its last line is."""

    def execute(interpreter: str | Path, program: str, *arguments: str, **more: str) -> Any:
        return json.loads(run(interpreter, PROGRAMS / program, *arguments, **more).splitlines()[-1])

    return execute


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One test process at a time makes an environment."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _installed(folder: Path, packages: tuple[str, ...], commands: list[list[str]]) -> Path:
    """The folder, with the packages in it; the test is skipped where they cannot be had."""
    ready = folder / "ready"
    with _alone(folder):
        if ready.exists() and ready.read_text() == " ".join(packages):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
            if done.returncode:
                said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
                pytest.skip(f"{' '.join(packages)} cannot be installed here: {said[-1]}")
        ready.write_text(" ".join(packages))
    return folder


@pytest.fixture(scope="session")
def environments(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return Path(pytestconfig.cache.mkdir("clients"))


@pytest.fixture(scope="session")
def python_with(environments: Path) -> Callable[..., Path]:
    """`python_with("awscli==1.46.3")`: the `bin` folder of an environment with that package."""

    def make(*packages: str) -> Path:
        folder = environments / packages[0].partition("==")[0]
        made = folder / "venv"
        uv = Path(sys.executable).with_name("uv")
        pip = [str(uv), "pip"] if uv.exists() else [str(made / "bin" / "python"), "-m", "pip"]
        target = ["--python", str(made / "bin" / "python")] if uv.exists() else []
        commands = [
            [sys.executable, "-m", "venv", *(["--without-pip"] if uv.exists() else []), str(made)],
            [*pip, "install", "--quiet", *target, *packages],
        ]
        return _installed(folder, packages, commands) / "venv" / "bin"

    return make


@pytest.fixture(scope="session")
def node_with(environments: Path) -> Callable[..., Path]:
    """As `python_with`, for Node: the folder that has `node_modules`."""

    def make(*packages: str) -> Path:
        if shutil.which("npm") is None:
            pytest.skip("Node is not installed here")
        folder = environments / "node"
        command = [
            "npm",
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(folder),
            *packages,
        ]
        return _installed(folder, packages, [command])

    return make
