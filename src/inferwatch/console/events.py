"""Server-sent events: a page hears that it is time to look again, never the data itself.

    event: tick      every few seconds, since datapoints keep coming
    event: change    at once, when an alarm changed its state or a notification was sent or arrived

A stream ends when its reader leaves, and all end when the server stops: see `Events.close`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from inferwatch.drawing.alarms import read_alarms
from inferwatch.drawing.api import Api
from inferwatch.model.errors import AwsError


class Events:
    """All event streams of one console.

    Args:
        look_s: How often the alarms are looked at.
        tick_s: How often a page is told to look again although no alarm changed.
    """

    def __init__(self, api: Api, *, look_s: float = 1.0, tick_s: float = 5.0) -> None:
        self._api = api
        self._look_s = look_s
        self._looks_per_tick = max(1, round(tick_s / look_s))
        self._closed = asyncio.Event()
        self.open = 0

    def close(self) -> None:
        """End every stream now, and refuse new ones.

        To be called in the server's event loop when it begins to stop: a server waits for open responses
        before it tells applications that it is stopping, and these would never end by themselves.
        """
        self._closed.set()

    async def stream(self, region: str) -> AsyncIterator[str]:
        """Yield the events of one page, until it leaves or the console closes."""
        self.open += 1
        try:
            yield "retry: 1000\n\n"
            seen = await self._fingerprint(region)
            looks = 0
            while not await self._closes_within(self._look_s):
                looks += 1
                now = await self._fingerprint(region)
                if now != seen:
                    seen = now
                    yield "event: change\ndata:\n\n"
                elif looks % self._looks_per_tick == 0:
                    yield "event: tick\ndata:\n\n"
        finally:
            self.open -= 1

    async def _closes_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _fingerprint(self, region: str) -> tuple[object, ...]:
        """Everything that is worth an event of its own: who is in which state, what was sent and arrived."""
        try:
            alarms = await read_alarms(self._api, region)
            sent = (await self._api.local(f"/_inferwatch/deliveries?region={region}"))["deliveries"]
        except AwsError as error:
            return (error.code, error.message)
        states = [(alarm.name, alarm.state, alarm.since_ms) for alarm in alarms]
        return (
            *states,
            *((one["message_id"], one["endpoint"], one["status"], one["attempts"]) for one in sent),
        )
