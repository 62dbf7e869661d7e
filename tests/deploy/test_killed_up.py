"""`up` killed at the calls it makes, before the engine hears of one and after: the next continues."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from inferwatch import deploy
from inferwatch.deploy import Changes

pytestmark = pytest.mark.slow

PROGRAM = """
    import json
    topic = aws.sns.Topic("topic")
    group = aws.cloudwatch.LogGroup("group", retention_in_days=7)
    aws.cloudwatch.LogMetricFilter("filter", log_group_name=group.name, pattern="x",
        metric_transformation={"name": "N", "namespace": "NS", "value": "1"})
    aws.cloudwatch.QueryDefinition("query", query_string="fields @message", log_group_names=[group.name])
    alarm = aws.cloudwatch.MetricAlarm("alarm", namespace="NS", metric_name="N", statistic="Sum", period=60,
        evaluation_periods=1, comparison_operator="GreaterThanThreshold", threshold=1, alarm_actions=[topic.arn])
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": "sts:AssumeRole"}]}
    role = aws.iam.Role("role", assume_role_policy=trust)
    writes = {"Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}
    policy = aws.iam.Policy("policy", policy=json.dumps(writes))
    aws.iam.RolePolicyAttachment("attached", role=role.name, policy_arn=policy.arn)
"""
RESOURCES = 8
# Of about 25: makings, a reading back between two of them, the last ones.
CALLS = (1, 5, 9, 16, 22)


class Gate:
    """Stands before an engine and, at the n-th AWS call, kills the caller: before it is passed on, or after."""

    def __init__(self, engine_url: str) -> None:
        self.calls = 0
        self._at: tuple[int, bool] = (0, False)
        self._kill: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._forward(None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with gate._lock:
                    gate.calls += 1
                    number, after = gate._at
                    if gate.calls == number and not after:
                        gate._kill()
                        return
                    self._forward(body, silently=gate.calls == number)
                    if gate.calls == number:
                        gate._kill()

            def _forward(self, body: bytes | None, *, silently: bool = False) -> None:
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                request = urllib.request.Request(engine_url + self.path, data=body, headers=headers)
                try:
                    answer = urllib.request.urlopen(request)
                except urllib.error.HTTPError as error:
                    answer = error
                with answer:
                    content = answer.read()
                    if silently:
                        return
                    self.send_response(answer.status)
                    for name in ("content-type", "x-amzn-requestid", "smithy-protocol"):
                        if answer.headers.get(name):
                            self.send_header(name, answer.headers[name])
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def arm(self, number: int, *, after: bool, kill: Callable[[], None]) -> None:
        self.calls, self._at, self._kill = 0, (number, after), kill

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gate(endpoint_url: str) -> Iterator[Gate]:
    made = Gate(endpoint_url)
    yield made
    made.close()


def _killed_up(stack: Any, gate: Gate, number: int, *, after: bool) -> bool:
    """Whether it was killed, and did not end before."""
    command = [sys.executable, "-m", "inferwatch", "up", str(stack.directory), "--endpoint-url", gate.url]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        gate.arm(number, after=after, kill=lambda: os.killpg(running.pid, signal.SIGKILL))
        return running.wait() == -signal.SIGKILL


def _there(client: Callable[..., Any]) -> list[str]:
    logs, cloudwatch, sns, iam = (client(name) for name in ("logs", "cloudwatch", "sns", "iam"))
    return [
        *(group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]),
        *(found["name"] for found in logs.describe_query_definitions()["queryDefinitions"]),
        *(alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]),
        *(topic["TopicArn"] for topic in sns.list_topics()["Topics"]),
        *(role["RoleName"] for role in iam.list_roles()["Roles"]),
        *(policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]),
    ]


@pytest.mark.parametrize("after", [False, True], ids=["unheard", "unanswered"])
def test_a_killed_up_is_continued_by_the_next(
    stack: Any, gate: Gate, client: Callable[..., Any], after: bool
) -> None:
    """Whichever call it was killed at: nothing is made twice, nothing is left over, nothing is left out."""
    stack.write(PROGRAM)
    for number in CALLS:
        assert _killed_up(stack, gate, number, after=after), number

        stack.up()

        assert len(_there(client)) == 6, number
        assert stack.preview().changes == Changes(same=RESOURCES), number
        assert stack.destroy().changes == Changes(delete=RESOURCES), number
        assert _there(client) == [], number


def test_a_killed_destroy_is_continued_by_the_next(
    stack: Any, gate: Gate, client: Callable[..., Any]
) -> None:
    """What is deleted already is no error."""
    stack.write(PROGRAM).up()
    command = [
        sys.executable,
        "-m",
        "inferwatch",
        "destroy",
        str(stack.directory),
        "--endpoint-url",
        gate.url,
    ]
    with subprocess.Popen(command, start_new_session=True) as running:
        gate.arm(5, after=True, kill=lambda: os.killpg(running.pid, signal.SIGKILL))
        status = running.wait()
    between = len(_there(client))

    deploy.destroy(stack.directory, endpoint_url=stack.endpoint_url)

    assert status == -signal.SIGKILL
    assert 0 < between < 6
    assert _there(client) == []
