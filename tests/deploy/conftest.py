"""A running engine, and a Pulumi project that is applied to it by `inferwatch.deploy`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from inferwatch import deploy
from inferwatch.deploy import Event, Result

DESTINATION = "arn:aws:lambda:us-east-1:000000000000:function:sink=http://127.0.0.1:9/"
INFERWATCH = [sys.executable, "-m", "inferwatch"]


@pytest.fixture(scope="module")
def endpoint_url() -> Iterator[str]:
    """An engine in memory, in a process of its own."""
    command = [*INFERWATCH, "local", "--memory", "--port", "0", "--json", "--destination", DESTINATION]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        try:
            yield str(json.loads(engine.stdout.readline())["endpoint_url"])
        finally:
            engine.terminate()


@pytest.fixture
def state_folder() -> Path:
    return Path(os.environ["INFERWATCH_STATE_DIR"])


@pytest.fixture
def client(endpoint_url: str, connect: Callable[..., Any]) -> Callable[..., Any]:
    """`client("logs")`, in us-east-1 unless a region is given."""
    return partial(connect, endpoint_url)


class Stack:
    """A project in a temporary folder, applied to the engine."""

    def __init__(self, directory: Path, endpoint_url: str) -> None:
        self.directory = directory
        self.endpoint_url = endpoint_url
        self.events: list[Event] = []
        (directory / "Pulumi.yaml").write_text(f"name: {directory.name}\nruntime: python\n")

    def write(self, program: str, name: str = "__main__.py") -> Stack:
        text = textwrap.dedent(program)
        (self.directory / name).write_text(f"import pulumi\nimport pulumi_aws as aws\n{text}")
        return self

    def up(self, **options: Any) -> Result:
        return self._told(deploy.up, options)

    def preview(self, **options: Any) -> Result:
        return self._told(deploy.preview, options)

    def refresh(self, **options: Any) -> Result:
        return self._told(deploy.refresh, options)

    def _told(self, operation: Callable[..., Result], options: dict[str, Any]) -> Result:
        self.events.clear()
        return operation(
            self.directory, endpoint_url=self.endpoint_url, on_event=self.events.append, **options
        )

    def destroy(self, **options: Any) -> Result:
        return deploy.destroy(self.directory, endpoint_url=self.endpoint_url, **options)

    def told(self) -> list[str]:
        """What the last run said of resources that did not stay as they were."""
        return [f"{event.kind} {event.name}" for event in self.events if event.type and event.kind != "same"]

    def differences(self) -> list[tuple[str, object, object]]:
        """Property, old and new value, of every change of the last run."""
        return [
            (difference.property, difference.old, difference.new)
            for event in self.events
            for difference in event.differences
        ]


@pytest.fixture
def new_stack(
    tmp_path: Path, endpoint_url: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Stack]]:
    """Makes projects; each is destroyed at the end."""
    made: list[Stack] = []

    def make(name: str = "") -> Stack:
        directory = tmp_path / f"{request.node.originalname}{name}".replace("_", "-")
        directory.mkdir()
        made.append(Stack(directory, endpoint_url))
        return made[-1]

    yield make
    for stack in made:
        stack.destroy()


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    return new_stack()


@pytest.fixture
def inferwatch(endpoint_url: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`inferwatch("up", "DIR")` is that command, against the engine."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*INFERWATCH, *arguments]
        environment = os.environ | {"AWS_ENDPOINT_URL": endpoint_url}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env=environment
        )

    return run
