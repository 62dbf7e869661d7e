"""Group commit: many requests wait for one write to disk, and are answered when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from inferwatch.wire.post import in_daemon_thread


class GroupCommit:
    """Waits, for any number of requests at once, until what they wrote is on disk.

    A request that comes while a sync is under way waits for the next: the running one may have begun before
    its bytes were written.

    Args:
        is_dirty: Is anything written that is not yet on disk?
        sync: Puts everything written so far on disk; blocks, and is called in a thread.
    """

    def __init__(self, is_dirty: Callable[[], bool], sync: Callable[[], None]) -> None:
        self._is_dirty = is_dirty
        self._sync = sync
        self._waiting: list[asyncio.Future[None]] = []
        self._running: asyncio.Task[None] | None = None

    async def wait(self) -> None:
        """Return once everything written so far is on disk.

        Raises:
            OSError: The disk refused it.
        """
        if self._running is None and not self._is_dirty():
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._running is None:
            # A task of its own: the request that began it may go away.
            self._running = asyncio.create_task(self._run())
        await waiter

    async def _run(self) -> None:
        """Sync until nobody waits."""
        while self._waiting:
            waiters, self._waiting = self._waiting, []
            error: Exception | None = None
            try:
                await in_daemon_thread(self._sync)
            except OSError as refused:
                error = refused
            for waiter in waiters:
                if waiter.done():
                    continue
                if error is None:
                    waiter.set_result(None)
                else:
                    waiter.set_exception(error)
        self._running = None
