"""The event streams: what they say, and that they end."""

import asyncio
from typing import Any

from inferwatch.console.events import Events

WAIT_S = 10


def test_a_changed_alarm_is_told_at_once_and_a_tick_otherwise(engine: Any) -> None:
    async def listen() -> list[str]:
        stream = Events(engine, look_s=0.01, tick_s=0.02).stream("us-east-1")
        heard = [await anext(stream), await anext(stream)]
        engine.set_state("slow-inferences", "OK")
        heard.append(await anext(stream))
        await stream.aclose()
        return heard

    heard = asyncio.run(asyncio.wait_for(listen(), WAIT_S))

    assert heard == ["retry: 1000\n\n", "event: tick\ndata:\n\n", "event: change\ndata:\n\n"]


def test_a_delivery_is_told_too(engine: Any) -> None:
    async def listen() -> str:
        stream = Events(engine, look_s=0.01, tick_s=60).stream("us-east-1")
        await anext(stream)
        coming = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        engine.deliveries.append({**engine.deliveries[0], "message_id": "other", "status": "pending"})
        told = await coming
        await stream.aclose()
        return told

    assert asyncio.run(asyncio.wait_for(listen(), WAIT_S)) == "event: change\ndata:\n\n"


def test_closing_ends_every_stream_now(engine: Any) -> None:
    async def listen() -> list[list[str]]:
        events = Events(engine, look_s=3600, tick_s=3600)
        listening = [asyncio.create_task(_all(events)) for _ in range(3)]
        while events.open < 3:
            await asyncio.sleep(0)
        events.close()
        return await asyncio.gather(*listening)

    heard = asyncio.run(asyncio.wait_for(listen(), WAIT_S))

    assert heard == [["retry: 1000\n\n"]] * 3


async def _all(events: Events) -> list[str]:
    return [event async for event in events.stream("us-east-1")]


def test_a_reader_who_leaves_leaves_nothing_behind(engine: Any) -> None:
    async def leave() -> tuple[int, int]:
        events = Events(engine, look_s=3600, tick_s=3600)
        listening = asyncio.create_task(_all(events))
        while events.open < 1:
            await asyncio.sleep(0)
        during = events.open
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        return during, events.open

    assert asyncio.run(asyncio.wait_for(leave(), WAIT_S)) == (1, 0)


def test_an_engine_in_trouble_does_not_end_the_stream(engine: Any) -> None:
    from inferwatch.model.errors import AwsError

    async def listen() -> str:
        stream = Events(engine, look_s=0.01, tick_s=60).stream("us-east-1")
        await anext(stream)
        coming = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        engine.refusals["DescribeAlarms"] = AwsError("InternalServiceError", "down")
        told = await coming
        await stream.aclose()
        return told

    assert asyncio.run(asyncio.wait_for(listen(), WAIT_S)) == "event: change\ndata:\n\n"
