"""Clients that stop in the middle, or send too much, hold a connection for a while and nothing else."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inferwatch.local import LocalServer
from inferwatch.local.connection import HEAD_MAX_BYTES, Connection
from inferwatch.model.process import wall_ms

pytestmark = pytest.mark.slow
HEALTH = b"GET /_inferwatch/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CREATE = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"X-Amz-Target: Logs_20140328.CreateLogGroup\r\nContent-Length: 100\r\n\r\n"
)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(port=0) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, server: LocalServer) -> LocalServer:
    """A server that waits a tenth of a second."""
    for wait in ("head_s", "body_s", "write_s"):
        monkeypatch.setattr(Connection, wait, 0.1)
    return server


def _connect(server: LocalServer) -> socket.socket:
    return socket.create_connection(server._socket.getsockname(), timeout=30)


def _rest(connection: socket.socket) -> bytes:
    """All that comes, until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            received += part
    return received


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST", b"POST / HTTP/1.1\r\nHost: 127", CREATE, CREATE + b'{"logGroupName": "/half"}'],
    ids=["silent", "half a line", "half a header", "no body", "half a body"],
)
def test_who_stops_in_the_middle_is_let_go(impatient: LocalServer, sent: bytes) -> None:
    """With 408, and nothing of it is carried out."""
    with _connect(impatient) as connection:
        connection.sendall(sent)

        assert _rest(connection).startswith(b"HTTP/1.1 408 ")

    assert list(impatient.cloud.engine("us-east-1").logs) == []


def test_a_second_request_has_as_much_time_as_the_first(impatient: LocalServer) -> None:
    """Half a request on a connection that was kept alive."""
    with _connect(impatient) as connection:
        connection.sendall(HEALTH + b"\r\n" + b"GET / HT")
        answers = _rest(connection)

    assert answers.startswith(b"HTTP/1.1 200 ")
    assert answers.count(b"HTTP/1.1 408 ") == 1


@pytest.mark.timeout(60)
def test_line_breaks_between_requests_are_no_request(impatient: LocalServer) -> None:
    """The parser passes over them; who sends nothing else is let go."""
    with _connect(impatient) as connection:
        connection.sendall(HEALTH + b"\r\n")
        answered = connection.recv(65_536)
        connection.sendall(b"\r\n")
        end = _rest(connection)

    assert answered.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in end


def test_a_crowd_of_half_requests_holds_nobody(server: LocalServer, connect: Callable[..., Any]) -> None:
    """Others are answered meanwhile."""
    with contextlib.ExitStack() as crowd:
        for number in range(200):
            connection = crowd.enter_context(_connect(server))
            connection.sendall(CREATE[: 20 + number])

        connect(server.endpoint_url, "logs").create_log_group(logGroupName="/whole")

        assert [group.name for group in server.cloud.engine("us-east-1").logs] == ["/whole"]


@pytest.mark.timeout(60)
def test_who_does_not_read_the_answer_is_let_go(impatient: LocalServer, connect: Callable[..., Any]) -> None:
    """Six megabytes for a client that takes none of them."""
    logs = connect(impatient.endpoint_url, "logs")
    logs.create_log_group(logGroupName="/g")
    logs.create_log_stream(logGroupName="/g", logStreamName="s")
    now_ms = wall_ms()
    for _ in range(8):
        events = [{"timestamp": now_ms, "message": "\1" * 120_000}]
        logs.put_log_events(logGroupName="/g", logStreamName="s", logEvents=events)
    body = json.dumps({"logGroupName": "/g", "logStreamName": "s", "startFromHead": True}).encode()
    asked = CREATE.replace(b"CreateLogGroup", b"GetLogEvents").replace(b"100", str(len(body)).encode()) + body
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(impatient._socket.getsockname())
        deaf.sendall(asked)
        # Long before the end of a connection that is merely idle.
        for wanted in (2, 1):
            while len(impatient._server.server_state.connections) != wanted:
                logs.describe_log_groups()


@pytest.mark.parametrize(
    "head",
    [
        HEALTH + b"X-Long: " + b"x" * HEAD_MAX_BYTES,
        HEALTH + b"X-Long: " + b"x" * HEAD_MAX_BYTES + b"\r\n\r\n",
        HEALTH + b"".join(b"X-%d: x\r\n" % number for number in range(20_000)) + b"\r\n",
        b"GET /" + b"x" * HEAD_MAX_BYTES + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /" + b"x" * 1_000_000,
    ],
    ids=["no end", "one", "many", "address", "endless address"],
)
def test_a_head_beyond_64_kib_is_refused(server: LocalServer, head: bytes) -> None:
    """With 431; nothing is kept of it."""
    with _connect(server) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(head)

        assert _rest(connection).startswith(b"HTTP/1.1 431 ")


def test_a_head_of_60_kib_is_taken(server: LocalServer) -> None:
    """In two parts, so that it is counted across them, and twice, so that it is counted anew."""
    head = HEALTH + b"X-Long: " + b"x" * 60_000
    with _connect(server) as connection:
        for ending in (b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"):
            connection.sendall(head)
            connection.sendall(ending)

        assert _rest(connection).count(b"HTTP/1.1 200 ") == 2
