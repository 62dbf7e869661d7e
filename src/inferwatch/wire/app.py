"""The ASGI application: AWS calls, the few calls of ours, and whatever stands behind them.

It also keeps the engine's time: alarm rounds when they are due, deliveries as soon as they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from typing import Any, TypeAlias

from inferwatch.drawing.painting import Painter, PaintingError
from inferwatch.engine.accounts import Accounts, is_account_id
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.delivery import Dispatch
from inferwatch.model.errors import AwsError, UsageError
from inferwatch.model.loopback import is_loopback
from inferwatch.model.text import whole_text
from inferwatch.wire.commit import GroupCommit
from inferwatch.wire.guard import Guard, is_foreign, is_message_link
from inferwatch.wire.mailpages import visit
from inferwatch.wire.own import DEFAULT_REGION, PREFIX, answer_own, json_response
from inferwatch.wire.post import Carrier, in_daemon_thread
from inferwatch.wire.request import BODY_MAX_BYTES, Request, account_of_link, key_of
from inferwatch.wire.respond import Response, Unpainted, begin, failure
from inferwatch.wire.rest import is_rest

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOGGER = logging.getLogger("inferwatch.wire")
_TICK_S = 0.2
_GRACE_S = 2.0
# An endpoint that answers drop by drop is given up: each drop is in time.
_ANSWER_S = 20.0
# How often a query that another process runs is asked for.
_QUERY_WAIT_S = 0.005


class WireApp:
    """AWS's protocols over the accounts of one process.

    Args:
        behind: Answers what is no AWS call: the console.
        carry: Carries notifications, and what subscription filters forward.
        keeps_time: Hold alarm rounds and send notifications as they become due; else the caller does.
        guard: What is required of those who ask; without it, that they are on this machine.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        behind: App,
        carry: Carrier,
        keeps_time: bool = True,
        guard: Guard | None = None,
    ) -> None:
        self._guard = guard
        self._keeps_time = keeps_time
        self._accounts = accounts
        self._commit = GroupCommit(lambda: accounts.is_dirty, accounts.sync)
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
                for cloud in self._accounts:
                    cloud.run_due()
                    for delivery in (*cloud.due_deliveries(), *cloud.due_forwards()):
                        self._start(self._deliver(cloud, delivery))
                if self._accounts.has_checkpoints_due and (self._saving is None or self._saving.done()):
                    self._saving = self._start(self._save())
            except Exception:
                _LOGGER.exception("a round failed; the next one comes in %s s", _TICK_S)
            await asyncio.sleep(_TICK_S)

    async def _query(self) -> None:
        """Run queries slice by slice; whatever else there is to do comes between two slices."""
        while self._accounts.has_queries_running:
            works_here = self._accounts.step_queries()
            await asyncio.sleep(0 if works_here else _QUERY_WAIT_S)

    async def _save(self) -> None:
        """Make the checkpoints that are due, once what they count is on disk."""
        with contextlib.suppress(OSError):  # whoever wrote it hears of it; this comes again
            await self._commit.wait()
            await in_daemon_thread(self._accounts.save)

    async def _deliver(self, cloud: Cloud, delivery: Dispatch) -> None:
        status, error = None, None
        try:
            async with asyncio.timeout(_ANSWER_S):
                status = await in_daemon_thread(lambda: self._carry(delivery.parcel))
        except TimeoutError:
            error = f"no whole answer in {_ANSWER_S:.0f} s"
        except Exception as failed:  # noqa: BLE001 (whatever a poster raises, the delivery has failed)
            error = whole_text(f"{type(failed).__name__}: {failed}")
        cloud.answered(delivery, status, error)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        if self._guard is None and not is_loopback(headers.get("host", "")):
            # A page elsewhere may have pointed a name of its own here (DNS rebinding).
            await _reply(
                send, json_response(403, {"message": f"Host {headers.get('host')} is not this engine's"})
            )
            return
        path, method, query = scope["path"], scope["method"], scope["query_string"].decode("latin-1")
        if path.startswith(PREFIX):
            await _reply(send, self._own(method, path, query, headers))
            return
        page = self._visited(Request(method, path, query, headers, b""))
        if page is not None:
            await _reply(send, page)
            return
        may_be_aws = "x-amz-target" in headers or path == "/" or path.startswith("/service/")
        is_page = not may_be_aws or (method in ("GET", "HEAD") and "Action=" not in query)
        if is_page and not is_rest(path):
            stopped = self._guard and self._guard.stop(method, path, query, headers)
            if stopped:
                await _reply(send, stopped)
            else:
                await self._behind(scope, receive, send)
            return
        if is_foreign(headers) and not is_message_link(method, query):
            await _reply(send, _refused_as_foreign())
            return
        try:
            body = await _read(receive)
        except ClientDisconnect:
            return
        if body is None:
            await _reply(send, json_response(413, {"message": f"the body exceeds {BODY_MAX_BYTES} bytes"}))
            return
        raw_path = scope.get("raw_path", path.encode()).decode("latin-1")
        request = Request(method, path, query, headers, body, raw_path)
        answer = self._begin(request)
        if self._accounts.has_queries_running and (self._querying is None or self._querying.done()):
            self._querying = self._start(self._query())
        response = await self._painted(answer) if isinstance(answer, Unpainted) else answer
        try:
            await self._commit.wait()
        except OSError as refused:
            _LOGGER.error("the disk refuses log events: %s", refused)
            error = AwsError("ServiceUnavailableException", f"not on disk: {refused}", status=500)
            response = failure(request, error, self._accounts.default.new_id())
        if response is None:
            response = json_response(
                400, {"message": "this is neither an AWS call nor a page of the console"}
            )
        await _reply(send, response)

    def _own(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> Response:
        if method != "GET" and is_foreign(headers):
            return _refused_as_foreign()
        stopped = self._guard and self._guard.stop(method, path, query, headers)
        return stopped or answer_own(self._accounts, method, path, query)

    def _visited(self, request: Request) -> Response | None:
        """A page that a mail's link leads to."""
        return visit(self._linked(request), request, DEFAULT_REGION)

    def _linked(self, request: Request) -> Cloud:
        """The account that a link means: one that there is."""
        return self._accounts.find(account_of_link(request) or "") or self._accounts.default

    def _begin(self, request: Request) -> Response | Unpainted | None:
        """Carry a call out in the account that its key names, as far as the engine is needed."""
        request_id = self._accounts.default.new_id()
        try:
            return begin(self._called(request), request, request_id, DEFAULT_REGION)
        except AwsError as refused:
            return failure(request, refused, request_id)

    def _called(self, request: Request) -> Cloud:
        """The account that a call is made in.

        Raises:
            AwsError: The call is not signed, or not rightly; the account's data cannot be opened.
        """
        if is_message_link(request.method, request.query):
            return self._linked(request)
        if self._guard is not None:
            account_id = self._guard.key_of(request).account_id
        else:
            key = key_of(request)
            account_id = key if key is not None and is_account_id(key) else None
        try:
            return self._accounts.default if account_id is None else self._accounts.cloud(account_id)
        except UsageError as refused:
            _LOGGER.error("%s", refused)
            raise AwsError("ServiceUnavailableException", str(refused), status=500) from None

    async def _painted(self, answer: Unpainted) -> Response:
        try:
            return answer.finish(await self._painter.paint(answer.picture))
        except PaintingError as failed:
            return answer.finish(failed)


def _headers(scope: Scope) -> dict[str, str]:
    """By name in lower case; of one that comes twice both, as HTTP and signatures have it."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _refused_as_foreign() -> Response:
    return json_response(403, {"message": "another site's page may not call this engine"})


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


async def _reply(send: Send, response: Response) -> None:
    headers = {**response.headers, "content-length": str(len(response.body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})
