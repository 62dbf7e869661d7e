"""`examples/published/push.py --from-stdin`, as a process: what a bad line costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inferwatch.local.server import LocalServer

pytestmark = pytest.mark.slow
PUSH = Path(__file__).parents[2] / "examples" / "published" / "push.py"
Push = Callable[[bytes], subprocess.CompletedProcess[bytes]]


@pytest.fixture
def endpoint_url() -> Iterator[str]:
    with LocalServer(port=0) as server:
        yield server.endpoint_url


@pytest.fixture
def logs(endpoint_url: str, connect: Callable[..., Any]) -> Any:
    """A client of an engine that has the group `/g` and the stream `s`."""
    client = connect(endpoint_url, "logs")
    client.create_log_group(logGroupName="/g")
    client.create_log_stream(logGroupName="/g", logStreamName="s")
    return client


@pytest.fixture
def push(endpoint_url: str, logs: Any) -> Push:
    def run(text: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, str(PUSH), "--log-group", "/g", "--log-stream", "s", "--from-stdin"],
            input=text,
            env={**os.environ, "AWS_ENDPOINT_URL": endpoint_url, "AWS_REGION": "us-east-1"},
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.parametrize("text", ["nan", "inf", "1e999"])
def test_an_option_that_json_cannot_hold_is_refused(text: str) -> None:
    """Before anything is sent."""
    options = ["--log-group", "/g", "--log-stream", "s", "--duration-ms", text]

    refused = subprocess.run(
        [sys.executable, str(PUSH), *options], capture_output=True, timeout=60, check=False
    )

    assert refused.returncode == 2
    assert refused.stderr.decode().endswith(
        f"push.py: error: argument --duration-ms: invalid finite_number value: '{text}'\n"
    )


def _sent(logs: Any) -> list[Any]:
    return [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="/g")["events"]]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"n": 3 4}', "not JSON at column 9: Expecting ',' delimiter"),
        (b"[1, 2]", "not a JSON object but [1, 2]"),
        (b'{"n": NaN}', "NaN is not JSON"),
        (b'{"n": -1e999}', "-1e999 is too large a number"),
        (b'{"n": "\xff"}', "byte 8 is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_named_and_what_stands_before_it_is_sent(
    push: Push, logs: Any, line: bytes, fault: str
) -> None:
    """One sentence with the line's number, an empty line counted; exit 2; nothing after it is sent."""
    done = push(b'{"n": 1}\n\n{"n": 2}\n' + line + b'\n{"n": 4}\n')

    assert done.returncode == 2
    assert done.stderr.decode() == f"push.py: line 4: {fault}; sent 2 before it, nothing after it\n"
    assert done.stdout == b"sent 2 to /g, stream s\n"
    assert _sent(logs) == [{"n": 1}, {"n": 2}]


def test_a_bad_first_line_sends_nothing(push: Push, logs: Any) -> None:
    """And says so."""
    done = push(b"hello\n")

    assert (done.returncode, _sent(logs)) == (2, [])
    assert done.stderr.startswith(b"push.py: line 1: not JSON at column 1: ")
    assert done.stderr.endswith(b"; sent 0 before it, nothing after it\n")


def test_good_lines_are_sent(push: Push, logs: Any) -> None:
    """The last needs no newline."""
    done = push(b'{"n": 1}\n{"n": 2}')

    assert (done.returncode, done.stderr) == (0, b"")
    assert _sent(logs) == [{"n": 1}, {"n": 2}]
