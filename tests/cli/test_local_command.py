"""`inferwatch local` as a process, and how the command line refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "inferwatch"]


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture
def engine() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A running engine, and the line it printed when it was ready."""
    process = subprocess.Popen(
        [*COMMAND, "local", "--memory", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    yield process, ready
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_says_where_it_is_and_ends_cleanly_at_sigterm(
    engine: tuple[subprocess.Popen[str], dict[str, str]], connect: Callable[..., Any]
) -> None:
    """One JSON line, then service until SIGTERM, then exit 0."""
    process, ready = engine
    logs = connect(ready["endpoint_url"], "logs")
    logs.create_log_group(logGroupName="/a")

    process.send_signal(signal.SIGTERM)

    assert set(ready) == {"endpoint_url", "console_url"}
    assert process.wait(timeout=10) == 0


def test_health_names_the_engine(engine: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    """`up` keys its state by the engine's id."""
    _, ready = engine

    with urlopen(f"{ready['endpoint_url']}/_inferwatch/health", timeout=5) as answer:
        health: dict[str, Any] = json.load(answer)

    assert health["status"] == "ok"
    assert len(health["engine_id"]) == 36


def test_a_name_that_was_pointed_here_is_refused(
    engine: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    """A page elsewhere cannot reach the engine through a name of its own (DNS rebinding)."""
    _, ready = engine
    request = Request(f"{ready['endpoint_url']}/_inferwatch/health", headers={"Host": "evil.example:80"})

    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=5)

    assert refused.value.code == 403
    refused.value.close()


def test_a_body_over_the_limit_is_refused(engine: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    """413, and the engine lives on."""
    _, ready = engine
    headers = {"X-Amz-Target": "Logs_20140328.PutLogEvents"}

    with pytest.raises(HTTPError) as refused:
        urlopen(Request(ready["endpoint_url"], data=b" " * (33 * 1024 * 1024), headers=headers), timeout=20)
    refused.value.close()

    assert refused.value.code == 413
    with urlopen(f"{ready['endpoint_url']}/_inferwatch/health", timeout=5) as answer:
        assert answer.status == 200


def test_a_webhook_is_confirmed_and_told_over_real_sockets(
    engine: tuple[subprocess.Popen[str], dict[str, str]], connect: Callable[..., Any]
) -> None:
    """The server's own clockwork carries deliveries."""
    from inferwatch.demo.webhook import Webhook

    _, ready = engine
    webhook = Webhook()
    sns = connect(ready["endpoint_url"], "sns")
    topic = sns.create_topic(Name="t")["TopicArn"]

    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
    confirmed = webhook.confirmed.wait(10)

    webhook.close()
    assert confirmed


def test_a_taken_port_is_one_clear_sentence() -> None:
    """What is wrong, and what to do; no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refused = _run("local", "--memory", "--port", str(port))

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        f"inferwatch: port {port} on 127.0.0.1 cannot be used (Address already in use): stop what listens "
        "there, or choose another with --port\n"
    )


def test_its_data_are_in_a_folder_beside_where_it_was_started(tmp_path: Path) -> None:
    """`.inferwatch` unless told otherwise; nothing with --memory."""
    for arguments in ([], ["--memory"]):
        folder = tmp_path / f"run{len(arguments)}"
        folder.mkdir()
        process = subprocess.Popen(
            [*COMMAND, "local", "--port", "0", "--json", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        process.wait(timeout=15)
        process.stdout.close()

    assert sorted(path.name for path in tmp_path.glob("run0/.inferwatch/*")) == ["LOCK", "journal.sqlite"]
    assert list(tmp_path.glob("run1/*")) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["local", "--data", ""], "--data: expected a folder, found an empty name"),
        (["local", "--data", "  ", "--port", "0"], "--data: expected a folder, found an empty name"),
        (["local", "--data", "there", "--memory"], "--data and --memory: choose one"),
        (["local", "--memory", "--data", ".inferwatch"], "--data and --memory: choose one"),
        (["nonsense"], "No such command 'nonsense'."),
        (["local", "--port", "x"], "Invalid value for '--port'"),
        (["local", "--port", "70000"], "Invalid value for '--port'"),
        (["up", "nowhere", "--endpoint-url", "http://127.0.0.1:9"], "inferwatch local --memory"),
        (["up", "examples/published", "--endpoint-url", "https://logs.eu-west-1.amazonaws.com"], "pulumi up"),
    ],
)
def test_misuse_is_a_sentence_and_exit_2(arguments: list[str], sentence: str) -> None:
    """On stderr, without a traceback."""
    refused = _run(*arguments)

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_debug_shows_the_traceback() -> None:
    """For whoever wants to know where."""
    refused = _run("up", "nowhere", "--endpoint-url", "http://127.0.0.1:9", "--debug")

    assert refused.returncode == 1
    assert "Traceback" in refused.stderr


def test_help_is_quick_to_import() -> None:
    """`--help` reads none of the heavy packages."""
    script = (
        "import sys; from inferwatch.cli import app; "
        "print(sorted({'boto3', 'botocore', 'pulumi', 'uvicorn', 'starlette', 'openai'} & set(sys.modules)))"
    )

    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )

    assert found.stdout == "[]\n"
