"""Somebody's incident tool: a loopback endpoint that confirms its subscription and keeps what it hears."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import urlopen

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Notification:
    """An alarm's message as SNS delivered it; `alarm` is the JSON inside."""

    subject: str
    alarm: dict[str, Any]


class Webhook:
    """Serves from a thread until closed."""

    def __init__(self) -> None:
        self.notifications: list[Notification] = []
        self.confirmed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/incidents"
        threading.Thread(target=self._server.serve_forever, name="webhook", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def receive(self, envelope: dict[str, Any]) -> None:
        """What an endpoint owes SNS: visit the link once, then listen."""
        if envelope["Type"] == "SubscriptionConfirmation":
            with urlopen(envelope["SubscribeURL"], timeout=_TIMEOUT_S) as answer:
                answer.read()
            self.confirmed.set()
        elif envelope["Type"] == "Notification":
            self.notifications.append(
                Notification(envelope.get("Subject", ""), json.loads(envelope["Message"]))
            )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                webhook.receive(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """The demo prints notifications itself."""

        return Handler
