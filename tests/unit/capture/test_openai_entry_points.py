"""What `instrument` covers, what it leaves alone, and how it is undone."""

from __future__ import annotations

import asyncio
import inspect

import openai
import pytest

import inferwatch
from inferwatch.capture.clients.endpoint import endpoint
from inferwatch.testing import recording

MESSAGES = [{"role": "user", "content": "q"}]


@pytest.fixture
def client(stub):
    with openai.OpenAI(api_key="k", base_url=stub.base_url, max_retries=0) as client:
        yield client


def ask(client, model="plain", **options):
    return client.chat.completions.create(model=model, messages=MESSAGES, **options)


def statuses(records):
    return [record["status"] for record in records]


def test_instrumenting_gives_back_the_same_object_and_twice_is_once(client):
    """One record, not two."""
    assert inferwatch.instrument(inferwatch.instrument(client)) is client
    with recording() as records:
        ask(client)

    assert statuses(records) == ["ok"]


def test_uninstrument_restores_the_client(client):
    """Nothing of ours is left on the client or on its HTTP client."""
    before = client.chat.completions.create
    inferwatch.instrument(client)

    assert inferwatch.uninstrument(client) is client

    with recording() as records:
        ask(client)
    assert records == []
    assert client.chat.completions.create == before
    assert client._client.event_hooks == {"request": [], "response": []}
    assert "copy" not in client.__dict__


def test_uninstrument_leaves_another_client_of_the_same_http_client_alone(client):
    """Two API clients, one HTTP client: the hooks go with the last of them."""
    twin = inferwatch.instrument(inferwatch.instrument(client).with_options(timeout=5))
    inferwatch.uninstrument(twin)

    with recording() as records:
        ask(client)

    assert [record["attempts"] for record in records] == [1]


def test_the_wrapper_looks_like_the_method_it_wraps(client):
    """Frameworks look at signatures, and ask whether a method is a coroutine function."""
    original = inspect.signature(client.chat.completions.create)
    inferwatch.instrument(client)
    asynchronous = inferwatch.instrument(openai.AsyncOpenAI(api_key="k"))

    assert inspect.signature(client.chat.completions.create) == original
    assert inspect.iscoroutinefunction(asynchronous.chat.completions.create)


@pytest.mark.parametrize("method", ["copy", "with_options"])
def test_a_copy_is_recorded_too(client, method):
    """`client.with_options(timeout=5).chat.completions.create(...)` is how many programs call."""
    inferwatch.instrument(client)

    with recording() as records:
        ask(getattr(client, method)(timeout=5))

    assert statuses(records) == ["ok"]


def test_a_raw_response_makes_one_record_with_usage(client):
    """The application parses it as before."""
    inferwatch.instrument(client)

    with recording() as records:
        raw = client.chat.completions.with_raw_response.create(model="plain", messages=MESSAGES)

    assert raw.parse().choices[0].message.content == "hello there"
    assert [(record["status"], record["output_tokens"]) for record in records] == [("ok", 3)]


def test_an_async_raw_response_and_stream_helper_make_one_record_each(stub):
    """The same two ways, on an async client."""

    async def use():
        async with openai.AsyncOpenAI(api_key="k", base_url=stub.base_url) as client:
            completions = inferwatch.instrument(client).chat.completions
            raw = await completions.with_raw_response.create(model="plain", messages=MESSAGES)
            assert raw.parse().choices[0].message.content == "hello there"
            async with completions.stream(model="stream", messages=MESSAGES) as stream:
                await stream.until_done()

    with recording(raise_faults=True) as records:
        asyncio.run(use())

    assert [(record["status"], record["stream"]) for record in records] == [("ok", False), ("ok", True)]


def test_a_raw_view_built_before_instrumenting_is_recorded_after(client):
    """openai caches the view with the method it found."""
    client.chat.completions.with_raw_response  # noqa: B018 (builds the view)
    inferwatch.instrument(client)

    with recording() as records:
        client.chat.completions.with_raw_response.create(model="plain", messages=MESSAGES)

    assert statuses(records) == ["ok"]


def test_raw_streams_are_not_recorded_but_counted(client):
    """Their end cannot be seen yet: no record is better than a wrong one, good or bad."""
    recorder = inferwatch.Recorder(lambda record: pytest.fail("recorded"))
    inferwatch.instrument(client, recorder=recorder)
    completions = client.chat.completions

    raw = completions.with_raw_response.create(model="stream", messages=MESSAGES, stream=True)
    with completions.with_streaming_response.create(model="plain", messages=MESSAGES) as response:
        response.read()
    with pytest.raises(openai.InternalServerError):
        completions.with_raw_response.create(model="500", messages=MESSAGES, stream=True)

    assert len(list(raw.parse())) == 5
    assert recorder.tally().skipped == 3


def test_the_stream_helper_makes_one_record(client):
    """`chat.completions.stream` calls `create`."""
    inferwatch.instrument(client)

    with (
        recording() as records,
        client.chat.completions.stream(model="stream", messages=MESSAGES) as stream,
    ):
        text = stream.get_final_completion().choices[0].message.content

    assert text == "onetwothree"
    assert [(record["status"], record["chunks"]) for record in records] == [("ok", 3)]


def test_parse_is_not_recorded_yet_but_counted(client):
    """It does not go through `create`; it works, and leaves no half a record."""
    recorder = inferwatch.Recorder(lambda record: pytest.fail("recorded"))
    inferwatch.instrument(client, recorder=recorder)

    answer = client.chat.completions.parse(model="plain", messages=MESSAGES)
    client.beta.chat.completions.parse(model="plain", messages=MESSAGES)
    inferwatch.uninstrument(client)
    client.chat.completions.parse(model="plain", messages=MESSAGES)

    assert answer.choices[0].message.content == "hello there"
    assert recorder.tally().skipped == 2


def test_async_parse_is_counted_too(stub):
    """And is still a coroutine function."""
    recorder = inferwatch.Recorder(lambda record: pytest.fail("recorded"))

    async def use():
        async with openai.AsyncOpenAI(api_key="k", base_url=stub.base_url) as client:
            inferwatch.instrument(client, recorder=recorder)
            assert inspect.iscoroutinefunction(client.chat.completions.parse)
            await client.chat.completions.parse(model="plain", messages=MESSAGES)

    asyncio.run(use())

    assert recorder.tally().skipped == 1


@pytest.mark.parametrize("is_used_before", [False, True])
def test_beta_chat_completions_are_recorded_as_well(client, is_used_before):
    """They are another object of the same class, imported late or not."""
    if is_used_before:
        client.beta.chat.completions.with_raw_response  # noqa: B018 (builds the view)
    inferwatch.instrument(client)

    with recording() as records:
        client.beta.chat.completions.create(model="plain", messages=MESSAGES)
        client.beta.chat.completions.with_raw_response.create(model="plain", messages=MESSAGES)
        inferwatch.uninstrument(client)
        client.beta.chat.completions.create(model="plain", messages=MESSAGES)

    assert statuses(records) == ["ok", "ok"]
    assert isinstance(client.beta, openai.resources.beta.Beta)


def test_copies_leave_no_hooks_behind(client):
    """They share the original's: five requests with options of their own, and it is still one user."""
    inferwatch.instrument(client)
    with recording() as records:
        for timeout in range(5, 10):
            ask(client.with_options(timeout=timeout))

    inferwatch.uninstrument(client)

    assert [record["attempts"] for record in records] == [1] * 5
    assert client._client.event_hooks == {"request": [], "response": []}


def test_a_fault_of_ours_does_not_reach_the_application(client, stub, caplog):
    """A sink that raises: the answer arrives, the fault is counted and said, without its text."""

    def broken(record):
        raise ValueError("secret words")

    recorder = inferwatch.Recorder(broken)
    inferwatch.instrument(client, recorder=recorder)

    ask(client)
    list(ask(client, "stream", stream=True))

    assert recorder.tally().faults == 2
    assert len(caplog.records) == 1
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_azure_clients_are_supported():
    """A subclass of OpenAI, known by its host."""
    client = openai.AzureOpenAI(
        api_key="k", api_version="2025-01-01", azure_endpoint="https://me.openai.azure.com"
    )

    assert inferwatch.instrument(client) is client


@pytest.mark.parametrize("thing", [openai, object(), openai.OpenAI, None])
def test_an_unknown_object_is_refused_by_name(thing):
    """The error says what is supported."""
    with pytest.raises(inferwatch.UsageError, match=r"cannot instrument .*supported are openai\.OpenAI"):
        inferwatch.instrument(thing)


@pytest.mark.parametrize(
    ("host", "port", "provider", "endpoint_host"),
    [
        ("api.openai.com", None, "openai", None),
        ("eu.api.openai.com", None, "openai", "eu.api.openai.com"),
        ("me.openai.azure.com", None, "azure.ai.openai", "me.openai.azure.com"),
        ("api.groq.com", None, "groq", None),
        (
            "bedrock-runtime.us-east-1.amazonaws.com",
            None,
            "aws.bedrock",
            "bedrock-runtime.us-east-1.amazonaws.com",
        ),
        ("10.0.0.5", 8000, "openai", "10.0.0.5:8000"),
        ("api.openai.com.evil.example", None, "openai", "api.openai.com.evil.example"),
    ],
)
def test_the_provider_follows_from_the_host(host, port, provider, endpoint_host):
    """An unknown host speaks OpenAI's dialect, and is named."""
    assert endpoint(host, port) == (provider, endpoint_host)


def test_the_provider_can_be_given(client):
    """A server of one's own has no telling address."""
    inferwatch.instrument(client, provider="vllm")

    with recording() as records:
        ask(client)

    assert records[0]["provider"] == "vllm"
