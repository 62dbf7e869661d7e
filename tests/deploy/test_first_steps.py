"""A stranger's first steps: init, up --start; and the way to the real CLI."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from inferwatch import deploy
from inferwatch.deploy import Changes
from inferwatch.deploy.template import write_project

pytestmark = pytest.mark.slow

Inferwatch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def free_url() -> str:
    """An address on which nothing answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def end_engines() -> Iterator[list[int]]:
    """Process ids to end when the test is over."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        os.kill(pid, signal.SIGTERM)


def test_init_writes_a_project_that_applies(
    tmp_path: Path, endpoint_url: str, inferwatch: Inferwatch
) -> None:
    """What it exports is what `env` needs; a second init changes nothing."""
    directory = tmp_path / "my chat"

    said = inferwatch("init", str(directory))
    program = (directory / "__main__.py").read_text()
    applied = deploy.up(directory, endpoint_url=endpoint_url)
    environment = deploy.environment(directory, endpoint_url=endpoint_url)
    (directory / "__main__.py").write_text("mine")
    again = inferwatch("init", str(directory))
    deploy.destroy(directory, endpoint_url=endpoint_url)

    assert said.stdout.splitlines()[-1] == f"next: inferwatch up --start '{directory}'"
    assert len(program.splitlines()) == 9
    assert applied.changes == Changes(create=51)
    assert environment["INFERWATCH_LOG_GROUP"] == "/inferwatch/my-chat-dev"
    assert applied.outputs["dashboard_url"] == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards:name=my-chat-dev"
    )
    assert (again.returncode, "Pulumi.yaml is there already" in again.stderr) == (2, True)
    assert (directory / "__main__.py").read_text() == "mine"


def test_up_starts_an_engine_where_none_answers(
    tmp_path: Path, free_url: str, end_engines: list[int]
) -> None:
    """In the background, kept in the folder one is in; the next `up` finds it there."""
    write_project(tmp_path / "chat")
    command = [
        *(sys.executable, "-m", "inferwatch", "up", "chat"),
        *("--start", "--json", "--endpoint-url", free_url),
    ]

    first, second = (
        subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
        for _ in range(2)
    )
    said = re.fullmatch(
        r"started the embedded CloudWatch at (\S+)   \(kill (\d+) ends it; log: (\S+)\)\n", first.stderr
    )
    assert said is not None
    end_engines.append(int(said[2]))
    with urllib.request.urlopen(f"{free_url}/_inferwatch/health") as health:
        status = json.load(health)["status"]

    assert (said[1], status) == (free_url, "ok")
    assert json.loads(first.stdout)["changes"]["create"] == 51
    assert (json.loads(second.stdout)["changes"]["same"], second.stderr) == (51, "")
    assert (tmp_path / ".inferwatch" / "journal.sqlite").is_file()


def test_start_says_why_no_engine_came_up(tmp_path: Path, free_url: str) -> None:
    """Its folder cannot be used."""
    write_project(tmp_path / "chat")
    (tmp_path / ".inferwatch").write_text("a file")
    command = [*(sys.executable, "-m", "inferwatch", "up", "chat", "--start"), "--endpoint-url", free_url]

    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    assert run.returncode == 2
    assert run.stderr.startswith("inferwatch: --start: no engine came up: inferwatch: .inferwatch cannot be")
    assert "Traceback" not in run.stderr


def test_the_real_clis_settings_are_taken_by_up_too(stack: Any, inferwatch: Inferwatch) -> None:
    """One stack file for both; each key once, one element of endpoints."""
    printed = inferwatch("pulumi-config", "--region", "eu-west-1")
    (stack.directory / "Pulumi.dev.yaml").write_text(printed.stdout)
    stack.write("pulumi.export('arn', aws.sns.Topic('t', name='t').arn)")

    arn = stack.up().outputs["arn"]
    wrong = inferwatch("pulumi-config", "--region", "mars")

    config = yaml.safe_load(printed.stdout)["config"]
    (endpoints,) = config["aws:endpoints"]
    assert endpoints.keys() == {"logs", "cloudwatch", "sns", "iam", "sts", "lambda"}
    assert set(endpoints.values()) == {stack.endpoint_url}
    assert config | {"aws:endpoints": None} == {
        "aws:region": "eu-west-1",
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:skipCredentialsValidation": "true",
        "aws:skipRequestingAccountId": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:skipRegionValidation": "true",
        "aws:endpoints": None,
    }
    assert arn == "arn:aws:sns:eu-west-1:000000000000:t"
    assert (wrong.returncode, "mars" in wrong.stderr) == (2, True)


def test_an_exported_stack_is_a_deployment_the_real_cli_takes(stack: Any, inferwatch: Inferwatch) -> None:
    """Its rules hold, and what is secret stays encrypted."""
    none = inferwatch("stack", "export", str(stack.directory))
    stack.write("""
        topic = aws.sns.Topic("topic", display_name=pulumi.Output.secret("hush"))
        aws.sns.TopicSubscription("hook", topic=topic.arn, protocol="http", endpoint="http://127.0.0.1:9/")
        """).up()

    exported = inferwatch("stack", "export", str(stack.directory))

    assert (none.returncode, "apply it with `inferwatch up " in none.stderr) == (2, True)
    document = json.loads(exported.stdout)
    deployment = document["deployment"]
    manifest = deployment["manifest"]
    urns = [resource["urn"] for resource in deployment["resources"]]
    assert document["version"] == 3
    assert manifest["magic"] == hashlib.sha256(manifest["version"].encode()).hexdigest()
    assert len(urns) == len(set(urns)) == 4
    for resource in deployment["resources"]:
        needs = [*resource.get("dependencies", []), resource.get("provider", "").rpartition("::")[0]]
        before = urns[: urns.index(resource["urn"])]
        assert set(filter(None, [*needs, resource.get("parent")])) <= set(before)
    assert deployment["secrets_providers"]["type"] == "passphrase"
    assert "hush" not in exported.stdout
