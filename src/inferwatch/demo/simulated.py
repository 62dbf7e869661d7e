"""A stand-in for an LLM: OpenAI's chat completions on loopback, at a fixed speed, saying nothing of worth.

It exists for machines without the `demo` extra. Its latencies are slept, and the screen says so.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

MODEL: Final = "simulated"
TOKENS_PER_SECOND: Final = 65.0
_WORDS = ("the", "service", "answers", "in", "time", "and", "says", "so")


class SimulatedServer:
    """Serves from a thread until closed."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, name="simulated-llm", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        words = list(itertools.islice(itertools.cycle(_WORDS), int(body.get("max_tokens") or 16)))
        if body.get("stream"):
            self._stream(words)
        else:
            time.sleep(len(words) / TOKENS_PER_SECOND)  # a model takes its time: latency is what is shown
            message = {"role": "assistant", "content": " ".join(words)}
            choice = {"index": 0, "message": message, "finish_reason": "length"}
            self._send(_document("chat.completion", choice) | {"usage": _usage(words)})

    def _send(self, document: dict[str, Any]) -> None:
        payload = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self, words: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in _chunks(words):
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not worth a line: the demo shows them."""


def _chunks(words: list[str]) -> Iterator[dict[str, Any]]:
    for word in words:
        time.sleep(1 / TOKENS_PER_SECOND)  # a token at a time, as a model does
        delta = {"role": "assistant", "content": f"{word} "}
        yield _document("chat.completion.chunk", {"index": 0, "delta": delta, "finish_reason": None})
    yield _document("chat.completion.chunk", {"index": 0, "delta": {}, "finish_reason": "length"})
    yield _document("chat.completion.chunk") | {"usage": _usage(words)}


def _document(kind: str, *choices: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-simulated",
        "object": kind,
        "created": int(time.time()),
        "model": MODEL,
        "choices": list(choices),
    }


def _usage(words: list[str]) -> dict[str, int]:
    prompt = 12
    return {
        "prompt_tokens": prompt,
        "completion_tokens": len(words),
        "total_tokens": prompt + len(words),
    }
