"""Engines of each kind of store, and clients that speak a protocol botocore would not choose by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import botocore.parsers
import botocore.serialize
import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.journal import Journal
from inferwatch.engine.store.control import SealedRow
from inferwatch.engine.store.frame import Event, Key
from inferwatch.engine.store.sealer import answer
from inferwatch.engine.store.sealing import Sealed, Sealing
from inferwatch.engine.store.segment import HEADER_BYTES
from inferwatch.engine.store.store import Store
from inferwatch.engine.store.sweep import sealable
from inferwatch.engine.store.totals import Totals
from inferwatch.testing.aws import client_of
from inferwatch.wire.perform import keep, restore

OpenStore = Callable[[str], Store]
PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")


class _SealingHere(Sealing):
    """Seals in this process, at once."""

    def start(self, segment: int, path: Path, streams: Mapping[int, str], attempt: str) -> None:
        names = {str(stream_id): name for stream_id, name in streams.items()}
        self._answer = answer({"segment": str(path), "streams": names, "attempt": attempt})
        self.segment = segment

    def finished(self, *, timeout_s: float = 0) -> Sealed | None:
        if self.segment is None:
            return None
        segment, self.segment = self.segment, None
        return Sealed(segment, [SealedRow(*row) for row in self._answer["files"]], self._answer["error"])


class SealedStore(Store):
    """Every event is in a sealed file before it is read or counted, unless metrics still need its segment."""

    def seal_all(self) -> None:
        if self._active.end == HEADER_BYTES:
            return
        self._roll()
        self.sync()
        while self.seal():
            pass
        assert list(sealable(self._segments, self._active, self._added_from)) == []

    def scan(
        self, stream_ids: Collection[int], start: Key, end: Key, *, descending: bool = False
    ) -> Iterator[Event]:
        self.seal_all()
        return super().scan(stream_ids, start, end, descending=descending)

    def totals(self, stream_id: int) -> Totals | None:
        self.seal_all()
        return super().totals(stream_id)

    @classmethod
    def open_here(cls, path: Path) -> SealedStore:
        store = cls.open(path)
        store._archive._sealing = _SealingHere(path)
        return store


@pytest.fixture(params=["memory", "disk", "sealed"])
def open_each_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    """The test runs in memory, on disk, and with every event sealed into columns before it is read."""
    return _opening(request.param, tmp_path)


@pytest.fixture(params=["disk", "sealed"])
def open_each_durable_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    """As `open_each_store`, where a restart finds what was there."""
    return _opening(request.param, tmp_path)


def _opening(kind: str, folder: Path) -> OpenStore:
    ways: dict[str, OpenStore] = {
        "memory": lambda _: Store.in_memory(),
        "disk": lambda region: Store.open(folder / region),
        "sealed": lambda region: SealedStore.open_here(folder / region),
    }
    return ways[kind]


@pytest.fixture
def write(aws: Callable[[str], Any], clock: ManualClock, log_stream: tuple[str, str]) -> Callable[..., None]:
    """`write("one", "two")` puts messages into the log stream, as events of now."""

    def put(*messages: str) -> None:
        aws("logs").put_log_events(
            logGroupName=log_stream[0],
            logStreamName=log_stream[1],
            logEvents=[{"timestamp": clock.now_ms(), "message": message} for message in messages],
        )

    return put


@pytest.fixture
def topic(aws: Callable[[str], Any]) -> str:
    """The ARN of a topic named `alarms`."""
    arn: str = aws("sns").create_topic(Name="alarms")["TopicArn"]
    return arn


@pytest.fixture
def start(clock: ManualClock, tmp_path: Path) -> Iterator[Callable[[], Cloud]]:
    """Starts an engine on the journal in `tmp_path`, again and again; nothing tells the one before of its end."""
    numbers, opened = count(1), []

    def begin() -> Cloud:
        for before in opened:
            before.close()
        opened[:] = [Journal(tmp_path / "journal.sqlite")]
        cloud = Cloud(clock, account_id="123456789012", new_id=lambda: f"id-{next(numbers)}")
        restore(cloud, opened[0])
        keep(cloud, opened[0])
        return cloud

    yield begin
    for last in opened:
        last.close()


@pytest.fixture(scope="session")
def _speakers(_present: list[Cloud]) -> Callable[[str], Any]:
    @cache
    def make(protocol: str) -> Any:
        made = client_of(lambda: _present[0], "cloudwatch")
        made._serializer = botocore.serialize.create_serializer(protocol, include_validation=True)
        made._response_parser = botocore.parsers.create_parser(protocol)
        model = made.meta.service_model
        model.__dict__["metadata"] = {**model.metadata, "protocol": protocol}
        model.__dict__["resolved_protocol"] = protocol
        return made

    return make


@pytest.fixture
def speaking(cloud: Cloud, _speakers: Callable[[str], Any]) -> Callable[[str], Any]:
    """`speaking("query")` is a CloudWatch client of that protocol: botocore has no public switch for it."""
    return _speakers


@pytest.fixture(params=PROTOCOLS)
def aws_in_each_protocol(
    request: pytest.FixtureRequest, aws: Callable[[str], Any], speaking: Callable[[str], Any]
) -> Callable[[str], Any]:
    """As `aws`, with CloudWatch clients of each protocol in turn."""
    return lambda service: speaking(request.param) if service == "cloudwatch" else aws(service)


@pytest.fixture(params=PROTOCOLS)
def cloudwatch(request: pytest.FixtureRequest, speaking: Callable[[str], Any]) -> Any:
    """The test runs once in each protocol."""
    return speaking(request.param)
