"""Commands that ask CloudWatch, here an engine in this process on the test's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from inferwatch.cli.app import app
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

Run = Callable[..., Any]


@pytest.fixture
def asked() -> list[tuple[str | None, str]]:
    """The endpoint and region of every client that a command made."""
    return []


@pytest.fixture
def inferwatch(
    cloud: Cloud, clock: ManualClock, asked: list[tuple[str | None, str]], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """`inferwatch("alarms", ..., width=60)` is the command in this process; what it raises is raised."""

    def make(service: str, endpoint_url: str | None, region: str) -> Any:
        asked.append((endpoint_url, region))
        return client(cloud, service, region=region)

    monkeypatch.setattr("inferwatch.deploy.clients.make_client", make)
    monkeypatch.setattr("inferwatch.model.process.wall_ms", clock.now_ms)

    def run(*arguments: str, width: int = 100) -> Any:
        result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": str(width)})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
