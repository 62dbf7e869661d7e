"""Only an inferwatch engine on this computer is a target."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inferwatch.deploy.target import Target, find_target, state_file
from inferwatch.model.errors import UsageError


@pytest.fixture
def serve() -> Iterator[Callable[[int, bytes], str]]:
    """Starts a server on loopback that answers everything with one status and body."""
    servers: list[http.server.HTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Keep quiet."""

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_engine_says_who_it_is(serve: Callable[[int, bytes], str]) -> None:
    """Its id keys the state."""
    url = serve(200, b'{"status": "ok", "engine_id": "e-1", "version": "0"}')

    assert find_target(url + "/") == Target(url, "e-1")


@pytest.mark.parametrize(
    "url",
    [
        "https://logs.us-east-1.amazonaws.com",
        "http://10.0.0.1:4586",
        "http://127.0.0.1.example.com",
        "http://[2001:db8::1]",
    ],
)
def test_anything_but_loopback_is_refused(url: str) -> None:
    """AWS is `pulumi up`'s."""
    with pytest.raises(UsageError, match="is not on this computer: to apply a program to AWS, use pulumi up"):
        find_target(url)


@pytest.mark.parametrize("url", ["127.0.0.1:4586", "ftp://127.0.0.1", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    """With an example of one."""
    with pytest.raises(UsageError, match="is not an endpoint: expected something like"):
        find_target(url)


def test_nothing_listening_says_how_to_start(serve: Callable[[int, bytes], str]) -> None:
    """Port 1 of loopback is never served."""
    with pytest.raises(
        UsageError, match=r"nothing answers at http://127\.0\.0\.1:1: start an engine with `inferwatch local"
    ):
        find_target("http://127.0.0.1:1")


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b"<html>"), (200, b"{}"), (200, b"[]")])
def test_another_server_is_told_apart(serve: Callable[[int, bytes], str], status: int, body: bytes) -> None:
    """Something else has the port."""
    with pytest.raises(UsageError, match="is no inferwatch engine"):
        find_target(serve(status, body))


def test_an_engine_id_that_is_a_path_is_refused(serve: Callable[[int, bytes], str]) -> None:
    """It becomes a folder's name."""
    with pytest.raises(UsageError, match="cannot name a folder"):
        find_target(serve(200, b'{"engine_id": "../../etc"}'))


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"INFERWATCH_STATE_DIR": "/s", "XDG_STATE_HOME": "/x"}, "/s/stacks/e-1/chat/dev.json"),
        ({"XDG_STATE_HOME": "/x"}, "/x/inferwatch/stacks/e-1/chat/dev.json"),
        ({}, str(Path.home() / ".local/state/inferwatch/stacks/e-1/chat/dev.json")),
    ],
)
def test_where_state_is_kept(environment: dict[str, str], path: str) -> None:
    """By engine, project and stack."""
    target = Target("http://127.0.0.1:1", "e-1")

    assert str(state_file(target, project="chat", stack="dev", environment=environment)) == path
