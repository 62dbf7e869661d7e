"""An OpenAI-compatible server on loopback: the model asked for says how it answers."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

sys.path.insert(
    0, str(Path(__file__).parent / "loopback")
)  # the provider is a package: other programs ask it too

USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 3,
    "total_tokens": 15,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 0},
}


@dataclass
class OpenAiStub:
    """Behaviour by model name:

    `plain`, `length`, `filtered`: answers · `stream`: three chunks, then a reason · `cut`: the connection
    breaks · `short`: ends without a reason · `held`: two chunks, then nothing until `release` · `silent`: no
    answer until `release` · `error-event`: an error inside the stream · `429`, `500`, `400`: always that ·
    `429-once`, `500-once`: only the first time.
    """

    base_url: str = ""
    requests: list[dict[str, object]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)

    def times_asked(self, model: str) -> int:
        return sum(request["model"] == model for request in self.requests)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: OpenAiStub

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.stub.requests.append(body)
        self.stub.asked.set()
        model = body["model"]
        if model == "silent":
            self.close_connection = True
            self.stub.release.wait(10)
            return
        status, _, times = model.partition("-")
        if status.isdigit() and (times != "once" or self.stub.times_asked(model) == 1):
            self.refuse(int(status))
        elif body.get("stream"):
            self.stream(model, bool(body.get("stream_options", {}).get("include_usage")))
        else:
            self.answer(model)

    def refuse(self, status: int) -> None:
        codes = {429: "rate_limit_exceeded", 400: "content_filter"}
        error = {"message": "secret words", "type": "server_error", "code": codes.get(status)}
        self.reply(status, {"error": error}, {"retry-after-ms": "1"})

    def answer(self, model: str) -> None:
        reason = {"length": "length", "filtered": "content_filter"}.get(model, "stop")
        message = {"role": "assistant", "content": "hello there"}
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        self.reply(200, completion("chat.completion", choices=[choice], usage=USAGE), {})

    def reply(self, status: int, payload: dict[str, object], headers: dict[str, str]) -> None:
        data = json.dumps(payload).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def stream(self, model: str, include_usage: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.event(delta({"role": "assistant", "content": ""}))
        for word in ("one", "two"):
            self.event(delta({"content": word}))
        if model == "cut":
            self.close_connection = True
            return
        if model == "held":
            self.close_connection = True
            self.stub.release.wait(10)
            return
        if model == "error-event":
            self.event({"error": {"message": "secret words", "type": "server_error", "code": "overloaded"}})
        elif model != "short":
            self.event(delta({"content": "three"}))
            self.event(delta({}, reason="stop"))
            if include_usage:
                self.event(completion("chat.completion.chunk", choices=[], usage=USAGE))
            self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def event(self, payload: dict[str, object]) -> None:
        self.chunk(b"data: " + json.dumps(payload).encode() + b"\n\n")

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()


def completion(kind: str, **members: object) -> dict[str, object]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_750_000_000, "model": "served-1", **members}


def delta(content: dict[str, object], reason: str | None = None) -> dict[str, object]:
    return completion(
        "chat.completion.chunk", choices=[{"index": 0, "delta": content, "finish_reason": reason}]
    )


@pytest.fixture
def stub(listen: Callable[[type[BaseHTTPRequestHandler]], str]) -> Iterator[OpenAiStub]:
    state = OpenAiStub()
    state.base_url = listen(type("BoundHandler", (Handler,), {"stub": state})) + "/v1"
    yield state
    state.release.set()
