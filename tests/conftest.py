"""An engine on a clock that the test moves, and AWS clients that reach it without a socket."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.signing import SigningKey
from inferwatch.engine.store.store import Store
from inferwatch.testing.aws import client_of
from inferwatch.wire.request import Request
from inferwatch.wire.respond import respond

NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z


@pytest.fixture(scope="session")
def _fresh_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes empty folders: a `tmp_path` looks through those of all tests before it, which costs seconds."""
    base, numbers = tmp_path_factory.mktemp("fresh"), count(1)

    def make() -> Path:
        folder = base / str(next(numbers))
        folder.mkdir()
        return folder

    return make


@pytest.fixture(autouse=True)
def _no_aws_of_this_machine(monkeypatch: pytest.MonkeyPatch, _fresh_folder: Callable[[], Path]) -> None:
    """No credentials, endpoints or profiles of whoever runs the tests leak in, and no state leaks out."""
    folder = _fresh_folder()
    for name in [name for name in os.environ if name.startswith(("AWS_", "INFERWATCH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("INFERWATCH_STATE_DIR", str(folder / "state"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON_MS)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """`with full_disk():` the log store's disk takes the first bytes of a write, and not the last ones."""
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if len(data) > 30:
            return write(fd, data[:30])
        raise OSError(errno.ENOSPC, "No space left on device")

    @contextmanager
    def filled() -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setattr("inferwatch.engine.store.folder.os.write", full)
            yield

    return filled


@pytest.fixture
def open_store() -> Callable[[str], Store]:
    """Opens a region's log store: in memory, unless a test's file says otherwise."""
    return lambda _: Store.in_memory()


@pytest.fixture(scope="session")
def _present() -> list[Cloud]:
    """The one cloud of the test that runs: what clients that all tests share speak to."""
    return []


@pytest.fixture(scope="session")
def _signing_key() -> SigningKey:
    """Making one takes 0.1 s."""
    return SigningKey()


@pytest.fixture
def cloud(
    clock: ManualClock,
    open_store: Callable[[str], Store],
    _signing_key: SigningKey,
    _present: list[Cloud],
) -> Iterator[Cloud]:
    numbers = count(1)
    made = Cloud(
        clock,
        account_id="123456789012",
        region_label={"us-east-1": "US East (N. Virginia)"}.get,  # type: ignore[arg-type]
        base_url="http://127.0.0.1:4586",
        new_id=lambda: f"id-{next(numbers)}",
        open_store=open_store,
    )
    made.signing_key = _signing_key
    _present[:] = [made]
    yield made
    made.close()


@pytest.fixture(scope="session")
def _clients(_present: list[Cloud]) -> Callable[[str], Any]:
    return cache(lambda service: client_of(lambda: _present[0], service))


@pytest.fixture
def aws(cloud: Cloud, _clients: Callable[[str], Any]) -> Callable[[str], Any]:
    """`aws("logs")` is a boto3 client of the test's engine."""
    return _clients


@pytest.fixture
def advance(cloud: Cloud, clock: ManualClock) -> Callable[[int], None]:
    """Move the clock on by seconds, and let the engine do what became due."""

    def move(seconds: int) -> None:
        clock.move_to(clock.now_ms() + seconds * 1_000)
        cloud.run_due()

    return move


@pytest.fixture(scope="session")
def connect() -> Callable[..., Any]:
    """`connect(endpoint_url, "logs")` is a boto3 client of a running engine, in us-east-1 unless told."""

    def make(endpoint_url: str, service: str, region: str = "us-east-1") -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return make


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], list[dict[str, Any]]]:
    """Cases of one file in tests/vectors, many of them recorded from the real service."""
    folder = Path(__file__).parent / "vectors"

    def read(name: str) -> list[dict[str, Any]]:
        document = json.loads((folder / f"{name}.json").read_text())
        cases: list[dict[str, Any]] = document["cases"] if isinstance(document, dict) else document
        return cases

    return read


@pytest.fixture
def log_stream(aws: Callable[[str], Any]) -> tuple[str, str]:
    """A log group and stream, ready to be written to."""
    logs = aws("logs")
    logs.create_log_group(logGroupName="/inferwatch/app")
    logs.create_log_stream(logGroupName="/inferwatch/app", logStreamName="worker-1")
    return "/inferwatch/app", "worker-1"


@pytest.fixture
def post_json(cloud: Cloud) -> Callable[..., tuple[int, dict[str, Any]]]:
    """`post_json("logs", "PutLogEvents", {...})` is a bare JSON call, checked by no client: status and document."""
    targets = {"logs": "Logs_20140328", "cloudwatch": "GraniteServiceVersion20100801"}

    def post(service: str, operation: str, params: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        sent = {
            "x-amz-target": f"{targets[service]}.{operation}",
            "content-type": "application/x-amz-json-1.1",
        }
        body = params if isinstance(params, bytes) else json.dumps(params).encode()
        response = respond(cloud, Request("POST", "/", "", sent | headers, body), "request-1", "us-east-1")
        assert response is not None
        return response.status, json.loads(response.body or b"{}")

    return post


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The module of the console's fake engine, for its pages and for the browser's tests."""
    file = Path(__file__).parent / "console" / "fake_engine.py"
    spec = importlib.util.spec_from_file_location("console_fake_engine", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def png_size() -> Callable[[bytes], tuple[int, int]]:
    """Width and height of a PNG, as the file itself has them."""

    def size(png: bytes) -> tuple[int, int]:
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", png[16:24])
        return width, height

    return size
