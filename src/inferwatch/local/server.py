"""One loopback port for everything, in this thread or in one of its own."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from inferwatch.console.app import create_console
from inferwatch.engine.clock import Clock, RealClock
from inferwatch.engine.cloud import DEFAULT_ACCOUNT_ID, Cloud
from inferwatch.engine.notify.signing import SigningKey
from inferwatch.local.connection import IDLE_S, Connection
from inferwatch.local.holdings import Holdings
from inferwatch.local.keys import Keys
from inferwatch.local.listening import LOOPBACK_HOST, address, check_reach, listen
from inferwatch.model.errors import UsageError
from inferwatch.model.limits import LOCAL_PORT
from inferwatch.wire.api import InProcessApi
from inferwatch.wire.app import WireApp
from inferwatch.wire.guard import TOKEN, Guard
from inferwatch.wire.models import region_label
from inferwatch.wire.own import DEFAULT_REGION
from inferwatch.wire.post import carrier, http_poster

_START_TIMEOUT_S = 10.0
_GRACE_S = 2


class _Server(uvicorn.Server):
    """uvicorn, told what only we know: pages' event streams never end by themselves."""

    def __init__(self, console: Starlette, prepare_console: bool, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._console = console
        self._prepare_console = prepare_console

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._prepare_console:
            self._console.state.bundle.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._console.state.events.close()
        await super().shutdown(sockets)


class LocalServer:
    """The embedded CloudWatch on one port, of loopback unless told.

    Use it as a context manager to serve from a thread, or call `serve` to serve from this one until a signal.
    The port is bound at once, so `endpoint_url` is known from the start.

    Args:
        port: 0 picks a free one.
        host: Where to listen; elsewhere than on loopback only with `keys`.
        keys: What AWS calls have to be signed with, by id; the console needs the token of `console_url` then.
        data: The folder that outlives it; in memory only where there is none.
        account_id: Of those whose access key id is none.
        addresses: URL by destination ARN, for subscription filters.
        prepare_console: Make the browser's script now, not at the first page: 2 s of another process, once.
        keeps_time: Alarm rounds and notifications happen by themselves; else the caller sees to them.

    Raises:
        UsageError: The port is taken, or the folder is; the account id is none; the host
            would let anybody in.
    """

    def __init__(
        self,
        *,
        port: int = LOCAL_PORT,
        host: str = LOOPBACK_HOST,
        keys: Keys | None = None,
        data: Path | None = None,
        account_id: str = DEFAULT_ACCOUNT_ID,
        addresses: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        keeps_time: bool = True,
        prepare_console: bool = False,
    ) -> None:
        check_reach(host, is_guarded=keys is not None)
        self._socket = listen(host, port)
        self.endpoint_url = address(host, self._socket.getsockname()[1])
        self._token = None if keys is None else secrets.token_urlsafe(24)
        with contextlib.ExitStack() as undo:
            undo.callback(self._socket.close)
            make_cloud = partial(
                Cloud,
                clock or RealClock(),
                region_label=region_label,
                base_url=self.endpoint_url,
                addresses=addresses,
                signing_key=SigningKey(),
            )
            self._holdings = Holdings(make_cloud, account_id, data)
            undo.pop_all()
        guard = None if keys is None or self._token is None else Guard(keys, self._token, _wall_clock)
        accounts = self._holdings.accounts
        self.cloud = accounts.default
        mail = self._holdings.mail
        console = create_console(InProcessApi(self.cloud), default_region=DEFAULT_REGION)
        self._server = _Server(
            console,
            prepare_console,
            uvicorn.Config(
                WireApp(
                    accounts,
                    behind=console,
                    carry=carrier(http_poster(), None if mail is None else mail.write),
                    keeps_time=keeps_time,
                    guard=guard,
                ),
                http=Connection,
                ws="none",
                timeout_keep_alive=IDLE_S,
                log_config=None,
                log_level="error",
                access_log=False,
                lifespan="on",
                server_header=False,
                date_header=True,
                timeout_graceful_shutdown=_GRACE_S,
            ),
        )
        self._thread: threading.Thread | None = None

    @property
    def console_url(self) -> str:
        """Where the console is; with the token that opens it, where keys are required."""
        return f"{self.endpoint_url}/" + ("" if self._token is None else f"?{TOKEN}={self._token}")

    def serve(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGINT or SIGTERM; `on_ready` is called, from another thread, once it answers."""
        threading.Thread(target=self._tell_when_ready, args=(on_ready,), daemon=True).start()
        self._run()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="inferwatch-local", daemon=True)
        self._thread.start()
        self._wait_until_started()
        return self

    def _run(self) -> None:
        try:
            with contextlib.suppress(
                KeyboardInterrupt
            ):  # uvicorn raises the signal again after its clean end
                self._server.run(sockets=[self._socket])
        finally:
            self._holdings.close()

    def _tell_when_ready(self, on_ready: Callable[[], None]) -> None:
        self._wait_until_started()
        on_ready()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()

    def _wait_until_started(self) -> None:
        """The socket listens already: one answered request means that the application is up.

        Raises:
            UsageError: It did not come up.
        """
        try:
            with socket.create_connection(self._socket.getsockname()[:2], timeout=_START_TIMEOUT_S) as probe:
                probe.sendall(
                    b"GET /_inferwatch/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                )
                started = probe.recv(16).startswith(b"HTTP/1.1 200")
        except OSError:
            started = False
        if not started:
            raise UsageError("the embedded CloudWatch did not start: see its log")


def _wall_clock() -> datetime:
    return datetime.now(UTC)
