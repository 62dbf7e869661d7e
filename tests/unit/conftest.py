"""Servers on loopback, for stubs of what the application and the sender talk to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Listen = Callable[[type[BaseHTTPRequestHandler]], str]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave early and broken connections are what some tests are about."""


@pytest.fixture
def listen() -> Iterator[Listen]:
    """`listen(handler)` is the URL of a server that lives as long as the test."""
    running: list[tuple[_Server, threading.Thread]] = []

    def start(handler: type[BaseHTTPRequestHandler]) -> str:
        server = _Server(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()
