"""Every end of a call, for every API of every client, sync and async: one honest record each, from one table."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback_provider.drivers import DRIVERS, Driver
from loopback_provider.server import SECRET, Provider
from loopback_provider.wires import TOOLS

import inferwatch
from inferwatch.testing import recording

TOKENS = {
    "input_tokens": 12,
    "output_tokens": 3,
    "total_tokens": 15,
    "cache_read_tokens": 4,
    "usage_source": "provider",
}
UNCOUNTED = {"input_tokens": None, "usage_source": "none"}
ONE_ATTEMPT = {"attempts": 1, "throttle_count": None, "retry_wait_ms": None}
RETRIED = {"attempts": 2, "throttle_count": 1, "attempt_errors": ["429"]}
THROTTLED = {"status": "throttled", "http_status": 429, "attempts": 2, "throttle_count": 2}
FAILED = {"status": "error", "http_status": 500}

# model asked for, what the application does, what the record says
ENDS: list[tuple[str, str, dict[str, object]]] = [
    ("plain", "ask", {"status": "ok", "finish_reason": "stop", **TOKENS, **ONE_ATTEMPT}),
    ("length", "ask", {"status": "ok", "finish_reason": "length", **TOKENS}),
    ("filtered", "ask", {"status": "blocked", "finish_reason": "content_filter", **TOKENS}),
    ("tools", "ask", {"status": "ok", "tool_calls": 2, "tool_names": list(TOOLS)}),
    ("bare", "ask", {"status": "ok", **UNCOUNTED}),
    ("429-once", "ask", {"status": "ok", **RETRIED, **TOKENS}),
    ("429", "ask", THROTTLED),
    ("500", "ask", FAILED),
    ("reset", "ask", {"status": "error", "http_status": None}),
    ("silent", "cancel", {"status": "cancelled", "attempts": 1}),
    ("plain", "read", {"status": "ok", "finish_reason": "stop", "chunks": 3, **TOKENS, **ONE_ATTEMPT}),
    ("length", "read", {"status": "ok", "finish_reason": "length", **TOKENS}),
    ("filtered", "read", {"status": "blocked", "finish_reason": "content_filter", **TOKENS}),
    ("tools", "read", {"status": "ok", "tool_calls": 2, "tool_names": list(TOOLS)}),
    ("cut", "read", {"status": "cut", "chunks": 2, "finish_reason": None}),
    ("half", "read", {"status": "cut", "finish_reason": None}),
    ("short", "read", {"status": "cut", "error_type": "stream_ended"}),
    ("error-event", "read", {"status": "error", "chunks": 2}),
    ("429-once", "read", {"status": "ok", **RETRIED, **TOKENS}),
    ("429", "read", THROTTLED),
    ("500", "read", FAILED),
    ("held", "leave", {"status": "abandoned", "finish_reason": None, "output_tokens": None}),
    ("held", "drop", {"status": "abandoned", "chunks": 0, "ttft_ms": None}),
    ("held", "cancel in stream", {"status": "cancelled"}),
]
pytestmark = pytest.mark.slow

CLIENTS = [
    (api, asynchronous)
    for api, driver in DRIVERS.items()
    for asynchronous in (False, True)
    if driver.is_async or not asynchronous
]
CASES = [
    pytest.param(api, asynchronous, *end, id=f"{api}-{'async' if asynchronous else 'sync'}-{end[0]}-{end[1]}")
    for api, asynchronous in CLIENTS
    for end in ENDS
    if asynchronous or not end[1].startswith("cancel")
]

Use = Callable[[Driver, Any, Provider, str], Any]


@pytest.fixture
def provide(listen: Callable[..., str]) -> Iterator[Callable[[Driver], Provider]]:
    """`provide(driver)` is a running provider of its API."""
    running: list[Provider] = []

    def start(driver: Driver) -> Provider:
        provider = Provider(driver.wire())
        provider.url = listen(provider.handler())
        running.append(provider)
        return provider

    yield start
    for provider in running:
        provider.release.set()


def ask(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    driver.ask(client, model)


def read(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    with contextlib.closing(driver.stream(client, model)) as stream:
        for _ in stream:
            pass


def leave(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    stream = driver.stream(client, model)
    next(iter(stream))
    stream.close()


def drop(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # botocore leaves the socket to the collector
        driver.stream(client, model)
        gc.collect()


async def ask_async(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    await driver.ask(client, model, asynchronous=True)


async def read_async(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    async for _ in await driver.stream(client, model, asynchronous=True):
        pass


async def leave_async(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    stream = await driver.stream(client, model, asynchronous=True)
    await anext(aiter(stream))
    await (stream.aclose() if hasattr(stream, "aclose") else stream.close())


async def drop_async(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    await driver.stream(client, model, asynchronous=True)
    gc.collect()


async def cancel(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    task = asyncio.create_task(ask_async(driver, client, provider, model))
    await asyncio.to_thread(provider.asked.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancel_in_stream(driver: Driver, client: Any, provider: Provider, model: str) -> None:
    stream = aiter(await driver.stream(client, model, asynchronous=True))
    await anext(stream)
    waiting = asyncio.Event()

    async def rest() -> None:
        waiting.set()
        while True:
            await anext(stream)

    task = asyncio.create_task(rest())
    await waiting.wait()
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


SYNC: dict[str, Use] = {"ask": ask, "read": read, "leave": leave, "drop": drop}
ASYNC: dict[str, Use] = {
    "ask": ask_async,
    "read": read_async,
    "leave": leave_async,
    "drop": drop_async,
    "cancel": cancel,
    "cancel in stream": cancel_in_stream,
}


def run(driver: Driver, provider: Provider, model: str, way: str, *, asynchronous: bool) -> None:
    """Let the application do it; what the SDK raises is its own."""
    client = inferwatch.instrument(driver.client(provider.url, asynchronous=asynchronous))
    if asynchronous:
        asyncio.run(_run(driver, client, provider, model, way))
        return
    with contextlib.suppress(Exception):
        SYNC[way](driver, client, provider, model)
    client.close()


async def _run(driver: Driver, client: Any, provider: Provider, model: str, way: str) -> None:
    with contextlib.suppress(Exception):
        await ASYNC[way](driver, client, provider, model)
    await driver.aclose(client)


@pytest.mark.parametrize(("api", "asynchronous", "model", "way", "expected"), CASES)
def test_one_honest_record_whatever_the_end(provide, api, asynchronous, model, way, expected):
    """The table above; an absent field is None here."""
    driver = DRIVERS[api]
    provider = provide(driver)

    with recording(raise_faults=True) as records:
        run(driver, provider, model, way, asynchronous=asynchronous)

    if api == "generate_content" and way == "drop":
        assert (records, provider.asked_for) == ([], [])  # a generator that is not iterated asks nothing
        return
    (record,) = records
    assert {name: record.get(name) for name in expected} == expected
    assert (record["api"], record["model"]) == (api, model)
    assert SECRET not in repr(records)
    assert "hello" not in repr(records)
