"""One client's connection: what it may send, and how long it may take.

uvicorn waits as long as a client likes for the rest of a request. Each wait has an end here, so that clients
which stop in the middle, or send a byte now and then, hold a connection for a while and nothing else.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_MAX_BYTES: Final = 64 * 1024
IDLE_S: Final = 75
_HEAD_S: Final = 10.0
_BODY_S: Final = 60.0
_WRITE_S: Final = 60.0


class _HeadTooLargeError(Exception):
    """Raised into the parser, which ends the connection."""


class Connection(HttpToolsProtocol):
    """uvicorn's, with an end to every wait.

    head_s: From the connection, or a request's first byte, to the last of its headers.
    body_s: From there to the last byte of its body.
    write_s: How long a client may leave an answer unread.
    """

    head_s = _HEAD_S
    body_s = _BODY_S
    write_s = _WRITE_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._in_head = True
        self._received = self._head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._received += len(data)
        super().data_received(data)
        # A header that has no end is never told by the parser.
        if self._in_head and self._received > HEAD_MAX_BYTES and not self.transport.is_closing():
            self._end(431)
        # Line breaks before a request begin none, and are not idleness either.
        if self._in_head and self._reading is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(self.head_s)

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._wait(self.head_s)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wait(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._received = True, 0
        self._wait(None)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._head_bytes > HEAD_MAX_BYTES:
            self._end(431)
        else:
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing = self.loop.call_later(self.write_s, self.transport.abort)

    def resume_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        if self.flow is not None:
            super().resume_writing()

    def _count(self, size_bytes: int) -> None:
        self._head_bytes += size_bytes
        if self._head_bytes > HEAD_MAX_BYTES:
            raise _HeadTooLargeError

    def _wait(self, seconds: float | None) -> None:
        """The rest of what is being read has this long from now; `None`: nothing is."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = None if seconds is None else self.loop.call_later(seconds, self._end, 408)

    def _end(self, status: int) -> None:
        """Say why, where nothing was said yet, and close."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
