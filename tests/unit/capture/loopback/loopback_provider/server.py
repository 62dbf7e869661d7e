"""The server: the model asked for says how it answers, whatever the API.

`plain`, `length`, `filtered`, `tools`: answers and streams · `bare`: no usage · `absurd`: impossible usage ·
`cut`: the connection breaks · `half`: it breaks inside a frame · `short`: the stream ends without a reason ·
`held`: two words, then nothing until `release` · `silent`: no answer until `release` · `reset`: the connection
is reset instead of an answer · `error-event`: an error inside the stream · `429`, `500`: always that ·
`429-once`: only the first time.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from loopback_provider.wires import Wire

SECRET = "secret words"


@dataclass
class Provider:
    """One wire API, and what was asked through it."""

    wire: Wire
    url: str = ""
    asked_for: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """What an HTTP server needs to be this provider."""
        return type("BoundHandler", (_Handler,), {"provider": self})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider = self.provider
        model, is_stream = provider.wire.asked(self.path, body)
        provider.asked_for.append(model)
        provider.asked.set()
        status, _, times = model.partition("-")
        if model == "silent":
            self._leave(provider.release)
        elif model == "reset":
            self._reset()
        elif status.isdigit() and (times != "once" or provider.asked_for.count(model) == 1):
            self._refuse(int(status))
        elif is_stream:
            self._stream(model)
        else:
            self._reply(200, *provider.wire.answer(model))

    def _leave(self, until: threading.Event) -> None:
        self.close_connection = True
        until.wait(10)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _refuse(self, status: int) -> None:
        payload, headers = self.provider.wire.refusal(status, SECRET)
        self._reply(status, payload, {"retry-after-ms": "1", **headers})

    def _reply(self, status: int, payload: dict[str, object], headers: dict[str, str]) -> None:
        data = json.dumps(payload).encode()
        self.send_response(status)
        sent = {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, model: str) -> None:
        wire = self.provider.wire
        self.send_response(200)
        self.send_header("Content-Type", wire.media)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for frame in (*wire.opening(), wire.word("one"), wire.word("two")):
            self._chunk(frame)
        if model == "held":
            self._leave(self.provider.release)
        elif model in ("cut", "half"):
            if model == "half":
                self._chunk(wire.word("three")[:-9])
            self.close_connection = True
        else:
            frames = [] if model == "short" else self._closing(model)
            for frame in frames:
                self._chunk(frame)
            self._chunk(b"")

    def _closing(self, model: str) -> list[bytes]:
        wire = self.provider.wire
        if model == "error-event":
            return [wire.failure(SECRET)]
        tools = wire.tools() if model == "tools" else []
        return [wire.word("three"), *tools, *wire.closing(model)]

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()
