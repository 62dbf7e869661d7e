"""Notifications over real sockets, to endpoints that answer badly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from inferwatch.engine.notify.envelope import Post
from inferwatch.wire.post import http_poster

Answer = Callable[[socket.socket], None]


@pytest.fixture
def listen() -> Iterator[Callable[[Answer], str]]:
    """`listen(answer)` is the URL of an endpoint that reads one request's head and answers so."""
    opened: list[socket.socket] = []

    def start(answer: Answer) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/"

    yield start
    for server in opened:
        server.close()


def test_the_status_is_all_that_is_read(listen: Callable[[Answer], str]) -> None:
    """A body that never ends is not waited for, nor kept."""
    told = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 400000000\r\n\r\nbegins")
        told.wait(30)

    status = http_poster()(Post(listen(answer), {"content-type": "text/plain"}, b"{}"))
    told.set()

    assert status == 200


def test_a_redirect_is_not_followed(listen: Callable[[Answer], str]) -> None:
    """Its status is the answer."""
    url = listen(lambda connection: connection.sendall(b"HTTP/1.1 301 Moved\r\nlocation: /\r\n\r\n"))

    assert http_poster()(Post(url, {}, b"{}")) == 301


def test_no_answer_is_an_os_error(listen: Callable[[Answer], str]) -> None:
    """Whatever the library calls it."""
    with pytest.raises(OSError, match=r"\w"):
        http_poster()(Post(listen(lambda _: None), {}, b"{}"))
