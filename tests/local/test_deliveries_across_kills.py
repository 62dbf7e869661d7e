"""Notifications of a real engine that is killed with -9: each transition is told once, as one message."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "inferwatch", "local", "--port", "0", "--json", "--data"]
ALARM = {
    "AlarmName": "slow",
    "Namespace": "NS",
    "MetricName": "Latency",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 2_000.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "ignore",
}
WAIT_S = 60
Connect = Callable[..., Any]


class Engine:
    """`inferwatch local` on one folder."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen([*COMMAND, str(folder)], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url: str = json.loads(self._process.stdout.readline())["endpoint_url"]

    def deliveries(self) -> list[dict[str, Any]]:
        """As the engine shows them, oldest first."""
        with urlopen(f"{self.url}/_inferwatch/deliveries?region=us-east-1", timeout=WAIT_S) as answer:
            found: list[dict[str, Any]] = json.load(answer)["deliveries"][::-1]
        return found

    def wait_for(self, is_reached: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Look until the deliveries are as awaited; the engine shows a change within its tick."""
        for _ in range(10_000):
            if is_reached(found := self.deliveries()):
                return found
        raise AssertionError(found)

    def kill(self) -> None:
        """With -9, and waited for."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Receiver:
    """A webhook that keeps what it gets, and answers once it is told what."""

    def __init__(self) -> None:
        self.got: queue.Queue[dict[str, Any]] = queue.Queue()
        self.status: int | None = 200
        self._let_go = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.put(json.loads(body))
                if receiver.status is None:
                    receiver._let_go.wait(WAIT_S)
                    return
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def close(self) -> None:
        self._let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    with ExitStack() as ends:

        def begin() -> Engine:
            engine = Engine(tmp_path / "data")
            ends.callback(engine.kill)
            return engine

        yield begin


def _prepare(engine: Engine, connect: Connect, receiver: Receiver) -> None:
    """An alarm whose webhook has confirmed."""
    sns, cloudwatch = connect(engine.url, "sns"), connect(engine.url, "cloudwatch")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
    with urlopen(receiver.got.get(timeout=WAIT_S)["SubscribeURL"], timeout=WAIT_S) as answer:
        assert answer.status == 200
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[topic], OKActions=[topic])
    engine.wait_for(lambda found: found[0]["status"] == "delivered")


def _enter(engine: Engine, connect: Connect, state: str) -> None:
    connect(engine.url, "cloudwatch").set_alarm_state(AlarmName="slow", StateValue=state, StateReason="r")


def _told(message: dict[str, Any]) -> str:
    state: str = json.loads(message["Message"])["NewStateValue"]
    return state


def test_a_message_that_nobody_answered_comes_again_after_the_restart(
    start: Callable[[], Engine], connect: Connect, receiver: Receiver
) -> None:
    """The engine was killed while it waited for the answer: the same message, once more."""
    engine = start()
    _prepare(engine, connect, receiver)
    receiver.status = None
    _enter(engine, connect, "ALARM")
    lost = receiver.got.get(timeout=WAIT_S)
    engine.kill()
    receiver.status = 200

    engine = start()
    again = receiver.got.get(timeout=WAIT_S)
    engine.wait_for(lambda found: found[1]["status"] == "delivered")
    _enter(engine, connect, "OK")
    after = receiver.got.get(timeout=WAIT_S)

    assert (lost["MessageId"], _told(lost)) == (again["MessageId"], "ALARM")
    assert _told(after) == "OK"
    assert receiver.got.empty()


def test_a_receiver_that_was_down_gets_the_message_after_the_restart(
    start: Callable[[], Engine], connect: Connect, receiver: Receiver
) -> None:
    """Its first attempt failed before the kill: what is left of the attempts goes on, with the same id."""
    engine = start()
    _prepare(engine, connect, receiver)
    receiver.status = 503
    _enter(engine, connect, "ALARM")
    lost = receiver.got.get(timeout=WAIT_S)
    engine.wait_for(lambda found: found[1]["attempts"] == 1)
    engine.kill()
    receiver.status = 200

    engine = start()
    (known,) = [one for one in engine.deliveries() if one["kind"] == "Notification"]
    again = receiver.got.get(timeout=WAIT_S)
    engine.wait_for(lambda found: found[1]["status"] == "delivered")

    assert (known["attempts"], known["last_error"]) == (1, "HTTP 503")
    assert (lost["MessageId"], _told(lost)) == (again["MessageId"], _told(again))
    assert receiver.got.empty()


def test_what_was_delivered_is_not_told_again(
    start: Callable[[], Engine], connect: Connect, receiver: Receiver
) -> None:
    """Killed after the answer, twice: the next message is the next transition's."""
    engine = start()
    _prepare(engine, connect, receiver)
    _enter(engine, connect, "ALARM")
    first = receiver.got.get(timeout=WAIT_S)
    engine.wait_for(lambda found: found[1]["status"] == "delivered")
    for _ in range(2):
        engine.kill()
        engine = start()

    _enter(engine, connect, "OK")
    second = receiver.got.get(timeout=WAIT_S)

    assert (_told(first), _told(second)) == ("ALARM", "OK")
    assert receiver.got.empty()
    assert [one["status"] for one in engine.wait_for(lambda found: found[2]["status"] == "delivered")] == [
        "delivered"
    ] * 3


def test_a_mail_is_one_file_across_a_kill(
    start: Callable[[], Engine], connect: Connect, tmp_path: Path
) -> None:
    """Invited, confirmed from the file, told once."""
    engine, folder = start(), tmp_path / "data" / "mail"
    sns = connect(engine.url, "sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    engine.wait_for(lambda found: found[0]["status"] == "delivered")
    (invitation,) = folder.iterdir()
    (link,) = [line for line in invitation.read_text().splitlines() if "/confirmation.html?" in line]
    with urlopen(link, timeout=WAIT_S) as answer:
        assert answer.status == 200
    connect(engine.url, "cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[topic])
    _enter(engine, connect, "ALARM")
    engine.wait_for(lambda found: len(found) == 2 and found[1]["status"] == "delivered")
    engine.kill()

    engine = start()
    sns = connect(engine.url, "sns")
    sns.publish(TopicArn=topic, Subject="after", Message="m")
    engine.wait_for(lambda found: len(found) == 3 and found[2]["status"] == "delivered")

    files = sorted(folder.iterdir())
    assert files[0] == invitation
    assert [message_from_bytes(file.read_bytes())["Subject"] for file in files] == [
        "AWS Notification - Subscription Confirmation",
        'ALARM: "slow" in US East (N. Virginia)',
        "after",
    ]
