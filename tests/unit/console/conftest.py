"""A console over the fake engine, asked through ASGI without a socket."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.testclient import TestClient

from inferwatch.console import create_console

_FAKE = Path(__file__).parents[2] / "console" / "fake_engine.py"


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The fake engine's module, shared with the browser's tests."""
    spec = importlib.util.spec_from_file_location("console_fake_engine", _FAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
