"""A CloudWatch Logs that does as it is told, on loopback."""

from __future__ import annotations

import datetime
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target


@dataclass
class LogsStub:
    """Answers each PutLogEvents with the next of `script`, else 200.

    A script entry is `reset`, `hang` (until `release`), `html`, a status, a pair of status and error code, or
    a `rejectedLogEventsInfo`. A batch that holds the word poison is refused. With `exists` false, group and
    stream have to be created first; groups in `taken` are made by another in the same moment. What comes as
    gzip gets `gzip_answer`, where there is one. A signature more than five minutes off its clock is refused.
    """

    url: str = ""
    script: list[object] = field(default_factory=list)
    exists: bool = True
    gives_ids: bool = True
    clock_s: Callable[[], float] = time.time
    gzip_answer: tuple[int, bytes] | None = None
    taken: set[str] = field(default_factory=set)
    created: list[tuple[str, str]] = field(default_factory=list)
    delivered: list[dict[str, object]] = field(default_factory=list)
    batches: list[dict[str, object]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)

    def records(self) -> list[dict[str, object]]:
        return [json.loads(event["message"]) for event in self.delivered]

    def numbers(self) -> list[object]:
        """Each record's `n`."""
        return [record["n"] for record in self.records()]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: LogsStub

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.stub.clock_s() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        stub = self.stub
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip" and stub.gzip_answer is not None:
            stub.headers.append(dict(self.headers))
            self.reply(*stub.gzip_answer)
            return
        body = json.loads(gzip.decompress(sent) if self.headers["Content-Encoding"] == "gzip" else sent)
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        stub.operations.append(operation)
        stub.headers.append(dict(self.headers))
        stub.asked.set()
        if operation == "PutLogEvents":
            self.put(body)
        else:
            self.create(operation, body)

    def put(self, body: dict[str, object]) -> None:
        stub = self.stub
        stub.batches.append(body)
        step = stub.script.pop(0) if stub.script else 200
        sent_at = datetime.datetime.strptime(self.headers["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
        if abs(sent_at.timestamp() - stub.clock_s()) > 300:
            self.error(400, "InvalidSignatureException")
        elif step == "reset":
            # An RST, and not a FIN, is what a crashed proxy leaves.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif step == "hang":
            stub.release.wait(10)
            self.close_connection = True
        elif step == "html":
            self.reply(200, b"<html>please log in</html>")
        elif isinstance(step, tuple):
            self.error(*step)
        elif isinstance(step, int) and step != 200:
            self.reply(step, b"")
        elif not stub.exists:
            self.error(400, "ResourceNotFoundException")
        elif any("poison" in event["message"] for event in body["logEvents"]):
            self.error(400, "InvalidParameterException")
        else:
            stub.delivered += body["logEvents"]
            answer = {"nextSequenceToken": "1"}
            if isinstance(step, dict):
                answer["rejectedLogEventsInfo"] = step
            self.reply(200, json.dumps(answer).encode())

    def create(self, operation: str, body: dict[str, str]) -> None:
        stub = self.stub
        groups = {name for kind, name in stub.created if kind == "CreateLogGroup"}
        if operation == "CreateLogStream" and body["logGroupName"] not in groups:
            self.error(400, "ResourceNotFoundException")
            return
        if operation == "CreateLogGroup" and body["logGroupName"] in stub.taken:
            stub.created.append((operation, body["logGroupName"]))
            self.error(400, "ResourceAlreadyExistsException")
            return
        stub.created.append((operation, body.get("logStreamName", body["logGroupName"])))
        stub.exists = operation == "CreateLogStream"
        self.reply(200, b"")

    def error(self, status: int, code: str) -> None:
        self.reply(status, json.dumps({"__type": code, "message": "as told"}).encode())

    def reply(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        if self.stub.gives_ids:
            self.send_header("x-amzn-RequestId", "r-1")
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(autouse=True)
def aws_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")


@pytest.fixture
def logs(listen: Callable[[type[BaseHTTPRequestHandler]], str]) -> Iterator[LogsStub]:
    state = LogsStub()
    state.url = listen(type("BoundHandler", (Handler,), {"stub": state}))
    yield state
    state.release.set()


@pytest.fixture
def target(logs: LogsStub) -> Target:
    return Target(log_group="/app", region="eu-west-1", service="app", log_stream="s", endpoint_url=logs.url)


@pytest.fixture
def shipper(target: Target) -> Iterator[Shipper]:
    """Retries at once; lingers so long that only a flush or a full batch sends."""
    shipper = Shipper(target, linger_s=60, chance=lambda: 0.0)
    yield shipper
    shipper.close(0.1)
