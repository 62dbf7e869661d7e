"""The ASGI application: AWS calls, the few calls of ours, and whatever stands behind them.

It also keeps the engine's time: alarm rounds when they are due, deliveries as soon as they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from importlib.metadata import version
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from inferwatch.drawing.painting import Painter, PaintingError
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.delivery import Dispatch
from inferwatch.engine.notify.envelope import CERTIFICATE_PATH
from inferwatch.model.errors import AwsError
from inferwatch.model.loopback import is_loopback
from inferwatch.model.text import whole_text
from inferwatch.wire.commit import GroupCommit
from inferwatch.wire.deliveries import describe_deliveries
from inferwatch.wire.mailpages import visit
from inferwatch.wire.post import Carrier, in_daemon_thread
from inferwatch.wire.request import BODY_MAX_BYTES, Request
from inferwatch.wire.respond import Response, Unpainted, begin, failure

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOGGER = logging.getLogger("inferwatch.wire")
DEFAULT_REGION: Final = "us-east-1"
_TICK_S = 0.2
_GRACE_S = 2.0
# How often a query that another process runs is asked for.
_QUERY_WAIT_S = 0.005


class WireApp:
    """AWS's protocols over one cloud.

    Args:
        behind: Answers what is no AWS call: the console.
        carry: Carries notifications, and what subscription filters forward.
        keeps_time: Hold alarm rounds and send notifications as they become due; else the caller does.
    """

    def __init__(self, cloud: Cloud, *, behind: App, carry: Carrier, keeps_time: bool = True) -> None:
        self._keeps_time = keeps_time
        self._cloud = cloud
        self._commit = GroupCommit(lambda: cloud.is_dirty, cloud.sync)
        self._behind = behind
        self._carry = carry
        self._painter = Painter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._saving: asyncio.Task[None] | None = None
        self._querying: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        keeping = asyncio.create_task(self._keep_time()) if self._keeps_time else None
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        await self._end_deliveries()
        self._painter.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _end_deliveries(self) -> None:
        """Let those under way end, so that what came of them is kept; the grace over, they count as lost."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _keep_time(self) -> None:
        while True:
            try:
                self._cloud.run_due()
                for delivery in (*self._cloud.due_deliveries(), *self._cloud.due_forwards()):
                    self._start(self._deliver(delivery))
                if self._cloud.has_checkpoints_due and (self._saving is None or self._saving.done()):
                    self._saving = self._start(self._save())
            except Exception:
                _LOGGER.exception("a round failed; the next one comes in %s s", _TICK_S)
            await asyncio.sleep(_TICK_S)

    async def _query(self) -> None:
        """Run queries slice by slice; whatever else there is to do comes between two slices."""
        while self._cloud.has_queries_running:
            works_here = self._cloud.step_queries()
            await asyncio.sleep(0 if works_here else _QUERY_WAIT_S)

    async def _save(self) -> None:
        """Make the checkpoints that are due, once what they count is on disk."""
        with contextlib.suppress(OSError):  # whoever wrote it hears of it; this comes again
            await self._commit.wait()
            await in_daemon_thread(self._cloud.save)

    async def _deliver(self, delivery: Dispatch) -> None:
        status, error = None, None
        try:
            status = await in_daemon_thread(lambda: self._carry(delivery.parcel))
        except Exception as failed:  # noqa: BLE001 (whatever a poster raises, the delivery has failed)
            error = whole_text(f"{type(failed).__name__}: {failed}")
        self._cloud.answered(delivery, status, error)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        if not is_loopback(headers.get("host", "")):
            # A page elsewhere may have pointed a name of its own here (DNS rebinding).
            await _reply(send, _json(403, {"message": f"Host {headers.get('host')} is not this engine's"}))
            return
        path, method, query = scope["path"], scope["method"], scope["query_string"].decode("latin-1")
        if path.startswith("/_inferwatch/"):
            await _reply(send, self._own(path, query))
            return
        page = visit(self._cloud, Request(method, path, query, headers, b""), DEFAULT_REGION)
        if page is not None:
            await _reply(send, page)
            return
        may_be_aws = "x-amz-target" in headers or path == "/" or path.startswith("/service/")
        if not may_be_aws or (method in ("GET", "HEAD") and "Action=" not in query):
            await self._behind(scope, receive, send)
            return
        if _is_foreign(headers) and not _is_message_link(method, query):
            await _reply(send, _json(403, {"message": "another site's page may not call this engine"}))
            return
        try:
            body = await _read(receive)
        except ClientDisconnect:
            return
        if body is None:
            await _reply(send, _json(413, {"message": f"the body exceeds {BODY_MAX_BYTES} bytes"}))
            return
        request = Request(method, path, query, headers, body)
        answer = begin(self._cloud, request, self._cloud.new_id(), DEFAULT_REGION)
        if self._cloud.has_queries_running and (self._querying is None or self._querying.done()):
            self._querying = self._start(self._query())
        response = await self._painted(answer) if isinstance(answer, Unpainted) else answer
        try:
            await self._commit.wait()
        except OSError as refused:
            _LOGGER.error("the disk refuses log events: %s", refused)
            error = AwsError("ServiceUnavailableException", f"not on disk: {refused}", status=500)
            response = failure(request, error, self._cloud.new_id())
        if response is None:
            response = _json(400, {"message": "this is neither an AWS call nor a page of the console"})
        await _reply(send, response)

    async def _painted(self, answer: Unpainted) -> Response:
        try:
            return answer.finish(await self._painter.paint(answer.picture))
        except PaintingError as failed:
            return answer.finish(failed)

    def _own(self, path: str, query: str) -> Response:
        """The calls that AWS does not have: see `own_call`."""
        if path == CERTIFICATE_PATH:
            certificate = self._cloud.signing_key.certificate_pem
            return Response(200, {"content-type": "application/x-pem-file"}, certificate)
        document = own_call(self._cloud, f"{path}?{query}")
        if document is None:
            known = "/_inferwatch/health and /_inferwatch/deliveries"
            return _json(404, {"message": f"there is no {path}; there are {known}"})
        return _json(200, document)


def own_call(cloud: Cloud, path: str) -> dict[str, Any] | None:
    """`/_inferwatch/health` and `/_inferwatch/deliveries?region=R`; `None` for any other path.

    Deliveries are notifications, forwards what subscription filters sent on; newest first.
    """
    name, _, query = path.partition("?")
    if name == "/_inferwatch/health":
        return {
            "status": "ok",
            "engine_id": cloud.engine_id,
            "version": version("inferwatch"),
            "now_ms": cloud.clock.now_ms(),
            "regions": cloud.regions,
        }
    if name == "/_inferwatch/deliveries":
        return describe_deliveries(cloud, dict(parse_qsl(query)).get("region", DEFAULT_REGION))
    return None


def _is_foreign(headers: Mapping[str, str]) -> bool:
    """Did a browser send this for a page of another site? AWS clients send neither header."""
    origin = headers.get("origin")
    if origin is not None:
        return not is_loopback(origin)
    return headers.get("sec-fetch-site") == "cross-site"


def _is_message_link(method: str, query: str) -> bool:
    """Links inside SNS messages are followed from anywhere."""
    action = dict(parse_qsl(query)).get("Action")
    return method == "GET" and action in ("ConfirmSubscription", "Unsubscribe")


class ClientDisconnect(Exception):
    """The client went away in the middle of its request."""


async def _read(receive: Receive) -> bytes | None:
    """The whole body; `None` where it is too large.

    Raises:
        ClientDisconnect: It ended before it was whole: half a request is none.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > BODY_MAX_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(document).encode())


async def _reply(send: Send, response: Response) -> None:
    headers = {**response.headers, "content-length": str(len(response.body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})
