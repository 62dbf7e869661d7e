"""A few ends of an API, asked by whatever version of its SDK is installed: the records, as JSON.

python -m loopback_provider.majors chat
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import inferwatch
from inferwatch.testing import recording
from loopback_provider.drivers import DRIVERS, Driver
from loopback_provider.server import Provider

ENDS = ("plain", "429-once", "500")
STREAMED_ENDS = ("plain", "cut", "short")
LEFT = "held"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken connections are part of it."""


@contextlib.contextmanager
def serving(driver: Driver) -> Iterator[str]:
    """The URL of a provider of the driver's API."""
    provider = Provider(driver.wire())
    server = _Server(("127.0.0.1", 0), provider.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    provider.release.set()
    server.shutdown()
    server.server_close()


def ask_all(driver: Driver, client: Any) -> None:
    """Every end, in order."""
    for model in ENDS:
        with contextlib.suppress(Exception):
            driver.ask(client, model)
    for model in STREAMED_ENDS:
        with contextlib.suppress(Exception):
            list(driver.stream(client, model))
    stream = driver.stream(client, LEFT)
    next(iter(stream))
    stream.close()


async def ask_all_async(driver: Driver, client: Any) -> None:
    """The same, on an async client."""
    for model in ENDS:
        with contextlib.suppress(Exception):
            await driver.ask(client, model, asynchronous=True)
    for model in STREAMED_ENDS:
        with contextlib.suppress(Exception):
            stream = await driver.stream(client, model, asynchronous=True)
            _ = [chunk async for chunk in stream]
    stream = await driver.stream(client, LEFT, asynchronous=True)
    await anext(aiter(stream))
    await (stream.aclose() if hasattr(stream, "aclose") else stream.close())
    await asyncio.sleep(0)


def main(api: str) -> None:
    """Print the records of sync calls, then those of async ones; the second half by class."""
    driver = DRIVERS[api]
    with recording(raise_faults=True) as records:
        with serving(driver) as url:
            ask_all(driver, inferwatch.instrument(driver.client(url)))
        if driver.is_async:
            inferwatch.instrument()
            with serving(driver) as url:
                asyncio.run(ask_all_async(driver, driver.client(url, asynchronous=True)))
    sys.stdout.write(json.dumps(records))


if __name__ == "__main__":
    main(sys.argv[1])
