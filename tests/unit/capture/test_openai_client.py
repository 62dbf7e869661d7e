"""Instrumented OpenAI clients: one honest record per chat completion."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator

import openai
import pytest

import inferwatch
from inferwatch.testing import recording

MESSAGES = [{"role": "user", "content": "a secret question"}]
Records = list[dict[str, object]]


@pytest.fixture
def client(stub) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="k", base_url=stub.base_url, max_retries=1) as client:
        yield inferwatch.instrument(client)


@pytest.fixture
def records() -> Iterator[Records]:
    with recording(raise_faults=True) as records:
        yield records


def ask(client, model, **options):
    return client.chat.completions.create(model=model, messages=MESSAGES, **options)


def parts(record: dict[str, object], *names: str) -> dict[str, object]:
    return {name: record.get(name) for name in names}


def test_a_plain_answer_makes_one_whole_record(client, stub, records):
    """Everything but times and ids is known beforehand."""
    answer = ask(client, "plain")

    assert answer.choices[0].message.content == "hello there"
    (record,) = records
    for name in ("ts", "id", "writer", "seq", "service", "duration_ms"):
        record.pop(name)
    assert record == {
        "v": 1,
        "operation": "chat",
        "provider": "openai",
        "api": "chat",
        "model": "plain",
        "model_served": "served-1",
        "endpoint_host": stub.base_url.removeprefix("http://").removesuffix("/v1"),
        "stream": False,
        "status": "ok",
        "attempts": 1,
        "input_tokens": 12,
        "output_tokens": 3,
        "total_tokens": 15,
        "cache_read_tokens": 4,
        "reasoning_tokens": 0,
        "usage_source": "provider",
        "cost_status": "unpriced",
        "finish_reason": "stop",
    }


@pytest.mark.parametrize(
    ("model", "status", "reason"), [("length", "ok", "length"), ("filtered", "blocked", "content_filter")]
)
def test_the_finish_reason_decides_between_ok_and_blocked(client, records, model, status, reason):
    """Stopping at max tokens is fine; filtered content is not."""
    ask(client, model)

    assert parts(records[0], "status", "finish_reason") == {"status": status, "finish_reason": reason}


def test_a_stream_read_to_its_end_is_ok_with_latencies(client, records):
    """The first chunk brings only the role: three of five carry content."""
    chunks = list(ask(client, "stream", stream=True, stream_options={"include_usage": True}))

    assert len(chunks) == 6
    (record,) = records
    assert parts(record, "status", "stream", "chunks", "output_tokens", "usage_source", "finish_reason") == {
        "status": "ok",
        "stream": True,
        "chunks": 3,
        "output_tokens": 3,
        "usage_source": "provider",
        "finish_reason": "stop",
    }
    assert 0 < record["ttft_ms"] <= record["duration_ms"]
    assert 0 <= record["itl_mean_ms"] <= record["itl_max_ms"]
    assert record["output_tps"] > 0


def test_usage_nobody_asked_for_is_not_invented(client, records):
    """Without include_usage the provider sends none, and we do not force it."""
    list(ask(client, "stream", stream=True))

    assert parts(records[0], "usage_source", "input_tokens", "output_tps") == {
        "usage_source": "none",
        "input_tokens": None,
        "output_tps": None,
    }


def test_a_recorded_stream_is_still_an_openai_stream(client, records):
    """Type, response, context manager and single steps work as before."""
    with ask(client, "stream", stream=True) as stream:
        first = next(stream)

        assert isinstance(stream, openai.Stream)
        assert stream.response.status_code == 200
        assert first.choices[0].delta.role == "assistant"
        assert len(list(stream)) == 4
    assert [record["status"] for record in records] == ["ok"]


def test_a_stream_closed_early_is_abandoned(client, records):
    """The caller had enough after the first word."""
    with ask(client, "held", stream=True) as stream:
        next(stream)
        next(stream)

    assert parts(records[0], "status", "chunks") == {"status": "abandoned", "chunks": 1}


def test_a_stream_closed_after_its_finish_reason_is_ok(client, records):
    """Whoever stops at the finish reason has everything."""
    with ask(client, "stream", stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].finish_reason is not None:
                break

    assert [record["status"] for record in records] == ["ok"]


def test_a_stream_dropped_after_its_finish_reason_ended_with_its_last_chunk(stub):
    """Nobody closed it, and yet everything had come: `ok`, and no longer than that."""
    records: Records = []
    clock = iter(range(0, 10**12, 1_000_000))
    recorder = inferwatch.Recorder(records.append, monotonic_ns=lambda: next(clock))
    with openai.OpenAI(api_key="k", base_url=stub.base_url, max_retries=0) as client:
        stream = ask(inferwatch.instrument(client, recorder=recorder), "stream", stream=True)
        for chunk in stream:
            if chunk.choices[0].finish_reason is not None:
                break
        for _ in range(1_000):
            next(clock)
        del stream
        gc.collect()

    assert [parts(record, "status", "finish_reason", "duration_ms") for record in records] == [
        {"status": "ok", "finish_reason": "stop", "duration_ms": 5.0}
    ]


def test_a_stream_helper_left_early_is_abandoned_at_once(client, records):
    """openai's helper closes the response, not the stream."""
    with client.chat.completions.stream(model="held", messages=MESSAGES) as stream:
        next(iter(stream))

    assert [record["status"] for record in records] == ["abandoned"]


def test_a_stream_never_iterated_is_abandoned_when_collected(client, records):
    """No chunk was read, and still there is a record."""
    stream = ask(client, "held", stream=True)
    assert records == []

    del stream
    gc.collect()

    assert parts(records[0], "status", "chunks", "ttft_ms") == {
        "status": "abandoned",
        "chunks": 0,
        "ttft_ms": None,
    }


def test_streams_that_ended_leave_nothing_behind(stub):
    """Read, closed and collected ones alike."""
    records: Records = []
    recorder = inferwatch.Recorder(records.append)
    with openai.OpenAI(api_key="k", base_url=stub.base_url) as client:
        inferwatch.instrument(client, recorder=recorder)
        list(ask(client, "stream", stream=True))
        ask(client, "held", stream=True).close()
        ask(client, "held", stream=True)
        gc.collect()

    assert [record["status"] for record in records] == ["ok", "abandoned", "abandoned"]
    assert recorder._open == {}


def test_a_stream_kept_alive_is_abandoned_at_closing(stub):
    """`abandon_open` is what exit calls; the stream's own end comes too late to count twice."""
    records: Records = []
    recorder = inferwatch.Recorder(records.append)
    with openai.OpenAI(api_key="k", base_url=stub.base_url) as client:
        stream = ask(inferwatch.instrument(client, recorder=recorder), "held", stream=True)

        recorder.abandon_open()
        stream.close()

    assert [record["status"] for record in records] == ["abandoned"]


def test_a_stream_whose_connection_breaks_is_cut(client, records):
    """The exception is openai's own and passes unchanged."""
    with pytest.raises(openai.APIConnectionError):
        list(ask(client, "cut", stream=True))

    assert parts(records[0], "status", "chunks", "error_type") == {
        "status": "cut",
        "chunks": 2,
        "error_type": "openai.APIConnectionError",
    }


def test_a_stream_that_just_ends_is_cut(client, records):
    """No exception reaches the caller, and yet the answer is not whole."""
    list(ask(client, "short", stream=True))

    assert parts(records[0], "status", "error_type") == {"status": "cut", "error_type": "stream_ended"}


def test_an_error_inside_a_stream_is_an_error(client, records):
    """HTTP said 200; the event says otherwise."""
    with pytest.raises(openai.APIError):
        list(ask(client, "error-event", stream=True))

    assert parts(records[0], "status", "error_type", "error_code", "http_status") == {
        "status": "error",
        "error_type": "openai.APIError",
        "error_code": "overloaded",
        "http_status": None,
    }


def test_a_stream_asked_for_with_one_is_a_stream(client, records):
    """openai streams for any true value."""
    list(ask(client, "stream", stream=1))

    assert parts(records[0], "stream", "chunks") == {"stream": True, "chunks": 3}


@pytest.mark.parametrize("model", ["plain", "429"])
def test_attempts_nobody_saw_are_left_out(client, records, model):
    """Somebody replaced the hooks of the HTTP client; an answer without a request would be nonsense."""
    client._client.event_hooks = {"request": [], "response": []}

    with contextlib.suppress(openai.RateLimitError):
        ask(client, model)

    assert parts(records[0], "attempts", "throttle_count") == {"attempts": None, "throttle_count": None}


def test_throttled_to_the_end_counts_its_attempts(client, stub, records):
    """429 twice: the first try and one retry."""
    with pytest.raises(openai.RateLimitError):
        ask(client, "429")

    assert stub.times_asked("429") == 2
    names = (
        "status",
        "error_type",
        "error_code",
        "http_status",
        "attempts",
        "throttle_count",
        "attempt_errors",
    )
    assert parts(records[0], *names) == {
        "status": "throttled",
        "error_type": "openai.RateLimitError",
        "error_code": "rate_limit_exceeded",
        "http_status": 429,
        "attempts": 2,
        "throttle_count": 2,
        "attempt_errors": ["429"],
    }


def test_throttled_once_then_fine_is_ok_with_its_wait(client, records):
    """The retry that others hide."""
    ask(client, "429-once")

    names = ("status", "attempts", "throttle_count", "attempt_errors")
    assert parts(records[0], *names) == {
        "status": "ok",
        "attempts": 2,
        "throttle_count": 1,
        "attempt_errors": ["429"],
    }
    assert 0 < records[0]["retry_wait_ms"] < records[0]["duration_ms"]


def test_a_server_error_names_the_error_and_never_its_text(client, records):
    """The message of an error may hold content."""
    with pytest.raises(openai.InternalServerError, match="secret words"):
        ask(client, "500")

    assert parts(records[0], "status", "error_code", "http_status") == {
        "status": "error",
        "error_code": "server_error",
        "http_status": 500,
    }
    assert "secret" not in repr(records)


def test_a_request_refused_by_the_content_filter_is_blocked(client, records):
    """HTTP 400 with the provider's code for it."""
    with pytest.raises(openai.BadRequestError):
        ask(client, "400")

    assert parts(records[0], "status", "http_status") == {"status": "blocked", "http_status": 400}


def test_a_timeout_is_a_timeout(stub, records):
    """The server does not answer in time."""
    with (
        openai.OpenAI(api_key="k", base_url=stub.base_url, timeout=0.05, max_retries=0) as client,
        pytest.raises(openai.APITimeoutError),
    ):
        ask(inferwatch.instrument(client), "silent")

    assert parts(records[0], "status", "error_type") == {
        "status": "timeout",
        "error_type": "openai.APITimeoutError",
    }


def test_nobody_listening_is_an_error(records):
    """Port 9 on loopback refuses; no response, so no HTTP status."""
    with (
        openai.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        ask(inferwatch.instrument(client), "plain")

    assert parts(records[0], "status", "error_type", "http_status", "attempts") == {
        "status": "error",
        "error_type": "openai.APIConnectionError",
        "http_status": None,
        "attempts": 1,
    }


def test_a_call_without_credentials_made_no_attempt(stub, records):
    """The exception passes, and the record says that nothing was sent."""

    def expired():
        raise PermissionError("secret words")

    client = inferwatch.instrument(openai.OpenAI(api_key=expired, base_url=stub.base_url))
    with pytest.raises(PermissionError):
        ask(client, "plain")

    assert parts(records[0], "status", "error_type", "attempts") == {
        "status": "error",
        "error_type": "PermissionError",
        "attempts": 0,
    }


def test_a_call_openai_refuses_itself_is_no_call_of_a_model(client, records):
    """An argument is missing: the exception passes, and no request was ever made."""
    with pytest.raises(TypeError):
        client.chat.completions.create(model="plain")

    assert records == []


# --- async


async def with_async_client(stub, use):
    async with openai.AsyncOpenAI(api_key="k", base_url=stub.base_url, max_retries=1) as client:
        return await use(inferwatch.instrument(client))


def test_an_async_answer_makes_one_record(stub, records):
    """Attempts are counted there too."""
    asyncio.run(with_async_client(stub, lambda client: ask(client, "429-once")))

    assert [parts(record, "status", "attempts", "output_tokens") for record in records] == [
        {"status": "ok", "attempts": 2, "output_tokens": 3}
    ]


def test_an_async_stream_makes_one_record(stub, records):
    """Iterated to its end inside `async with`."""

    async def read(client):
        async with await ask(client, "stream", stream=True) as stream:
            assert isinstance(stream, openai.AsyncStream)
            return [chunk async for chunk in stream]

    chunks = asyncio.run(with_async_client(stub, read))

    assert len(chunks) == 5
    assert [parts(record, "status", "chunks") for record in records] == [{"status": "ok", "chunks": 3}]


def test_a_cancelled_task_is_cancelled(stub, records):
    """While waiting for an answer."""

    async def cancel(client):
        task = asyncio.create_task(ask(client, "silent"))
        await asyncio.to_thread(stub.asked.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(with_async_client(stub, cancel))

    assert [record["status"] for record in records] == ["cancelled"]


def test_a_task_cancelled_in_its_stream_is_cancelled(stub, records):
    """While waiting for a chunk: what came before is kept."""

    async def cancel(client):
        stream = await ask(client, "held", stream=True)
        for _ in range(3):
            await anext(stream)
        task = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(with_async_client(stub, cancel))

    assert [parts(record, "status", "chunks") for record in records] == [{"status": "cancelled", "chunks": 2}]


def test_an_async_stream_closed_early_is_abandoned(stub, records):
    """`aclose` and `close` are the same."""

    async def leave(client):
        stream = await ask(client, "held", stream=True)
        await anext(stream)
        await stream.close()

    asyncio.run(with_async_client(stub, leave))

    assert [record["status"] for record in records] == ["abandoned"]


def test_an_async_stream_helper_left_early_is_abandoned_at_once(stub, records):
    """The same, with `aclose`."""

    async def leave(client):
        async with client.chat.completions.stream(model="held", messages=MESSAGES) as stream:
            await anext(aiter(stream))
        assert [record["status"] for record in records] == ["abandoned"]

    asyncio.run(with_async_client(stub, leave))

    assert len(records) == 1


def test_concurrent_tasks_keep_their_attempts_apart(stub, records):
    """Ten at once, one of them retried."""

    async def gather(client):
        await asyncio.gather(*(ask(client, model) for model in ["plain"] * 9 + ["429-once"]))

    asyncio.run(with_async_client(stub, gather))

    assert (
        sorted((record["model"], record["attempts"]) for record in records)
        == [("429-once", 2)] + [("plain", 1)] * 9
    )
