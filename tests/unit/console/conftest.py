"""A console over the fake engine, asked through ASGI without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.testclient import TestClient

from inferwatch.console import create_console


@pytest.fixture
def engine(fake: ModuleType) -> Any:
    return fake.FakeEngine()


@pytest.fixture
def client(engine: Any, tmp_path: Path) -> Iterator[TestClient]:
    """A reader of the console; the chart library is a stand-in already in the cache."""
    console = create_console(engine, default_region="us-east-1", cache_dir=tmp_path)
    (tmp_path / f"vega.{console.state.bundle.version}.js").write_text("window.vegaEmbed = null;")
    with TestClient(console) as reader:
        yield reader
