"""Carrying a notification to its endpoint: over HTTP, or into the mail folder."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeAlias, TypeVar, cast

import urllib3

from inferwatch.engine.notify.delivery import Parcel
from inferwatch.engine.notify.envelope import Post
from inferwatch.engine.notify.letter import Letter

T = TypeVar("T")

Poster: TypeAlias = Callable[[Post], int]
"""Sends a post and returns the answer's HTTP status; raises OSError where none came."""

Carrier: TypeAlias = Callable[[Parcel], int]
"""As a poster, for all that is delivered."""

_WRITTEN = 250  # SMTP's answer to a mail that was taken
# SNS waits 15 s for an endpoint's answer. Source: SNS Developer Guide, "HTTP/HTTPS notifications".
_TIMEOUT_S = 15.0


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """Do blocking work in a thread that nothing waits for when the process ends."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast(T, result))

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as raised:  # noqa: BLE001 (handed to whoever awaits)
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=run, name="inferwatch-post", daemon=True).start()
    return await done


def carrier(post: Poster, write: Callable[[Letter], None] | None) -> Carrier:
    """A carrier of posts and mails.

    Args:
        write: Keeps a mail; raises OSError. Where there is none, the console's page alone shows it.
    """

    def carry(parcel: Parcel) -> int:
        if isinstance(parcel, Post):
            return post(parcel)
        if write is not None:
            write(parcel)
        return _WRITTEN

    return carry


def http_poster() -> Poster:
    """A poster with connections of its own: no redirects, no retries, for SNS has its own.

    The status is all that is read of an answer, however much more there is of it.
    """
    pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=_TIMEOUT_S), maxsize=4)

    def post(item: Post) -> int:
        try:
            answer = pool.request(
                "POST",
                item.url,
                headers=item.headers,
                body=item.body,
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as failed:
            raise OSError(str(failed.__cause__ or failed)) from failed
        answer.close()
        return answer.status

    return post
