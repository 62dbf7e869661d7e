"""What `instrument` covers, what it leaves alone, and how it is undone."""

from __future__ import annotations

import asyncio
import functools
import inspect

import openai
import pydantic
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
    original = inspect.signature(client.request)
    inferwatch.instrument(client)
    asynchronous = inferwatch.instrument(openai.AsyncOpenAI(api_key="k"))

    assert inspect.signature(client.request) == original
    assert inspect.iscoroutinefunction(asynchronous.request)


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


def test_a_raw_stream_makes_one_record(client):
    """It is parsed into a stream, or read as lines: the end is seen either way."""
    inferwatch.instrument(client)
    completions = client.chat.completions

    with recording(raise_faults=True) as records:
        raw = completions.with_raw_response.create(model="stream", messages=MESSAGES, stream=True)
        assert len(list(raw.parse())) == 5
        with completions.with_streaming_response.create(
            model="stream", messages=MESSAGES, stream=True
        ) as response:
            assert sum(line.startswith("data:") for line in response.iter_lines()) == 6

    assert [(record["status"], record["chunks"], record["finish_reason"]) for record in records] == [
        ("ok", 3, "stop")
    ] * 2


def test_a_raw_stream_that_is_left_cut_or_refused_says_so(client):
    """Nobody reads the second; the third's connection breaks; the fourth is an error inside the stream."""
    inferwatch.instrument(client)
    create = functools.partial(
        client.chat.completions.with_streaming_response.create, messages=MESSAGES, stream=True
    )

    with recording(raise_faults=True) as records:
        with create(model="held") as response:
            next(response.iter_lines())
        with create(model="held"):
            pass
        with create(model="cut") as response, pytest.raises(Exception, match="closed"):
            list(response.iter_lines())
        with create(model="error-event") as response, pytest.raises(openai.APIError):
            list(response.parse())
        with pytest.raises(openai.InternalServerError), create(model="500"):
            pass

    assert statuses(records) == ["abandoned", "abandoned", "cut", "error", "error"]
    assert records[3]["error_code"] == "overloaded"


def test_a_streaming_response_of_a_plain_answer_makes_one_record(client):
    """The application reads the body, parses it, or leaves it."""
    inferwatch.instrument(client)
    create = client.chat.completions.with_streaming_response.create

    with recording(raise_faults=True) as records:
        with create(model="plain", messages=MESSAGES) as response:
            response.read()
        with create(model="plain", messages=MESSAGES) as response:
            response.parse()
        with create(model="plain", messages=MESSAGES):
            pass

    assert [(record["status"], record.get("output_tokens")) for record in records] == [
        ("ok", 3),
        ("ok", 3),
        ("abandoned", None),
    ]


def test_async_raw_streams_make_one_record_each(stub):
    """Parsed, read as lines, and left."""

    async def use():
        async with openai.AsyncOpenAI(api_key="k", base_url=stub.base_url) as client:
            completions = inferwatch.instrument(client).chat.completions
            raw = await completions.with_raw_response.create(model="stream", messages=MESSAGES, stream=True)
            assert len([chunk async for chunk in raw.parse()]) == 5
            create = completions.with_streaming_response.create
            async with create(model="stream", messages=MESSAGES, stream=True) as response:
                assert sum([line.startswith("data:") async for line in response.iter_lines()]) == 6
            async with create(model="plain", messages=MESSAGES) as response:
                await response.parse()
            async with create(model="held", messages=MESSAGES, stream=True):
                pass

    with recording(raise_faults=True) as records:
        asyncio.run(use())

    assert statuses(records) == ["ok", "ok", "ok", "abandoned"]


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


class Greeting(pydantic.BaseModel):
    """What the answers of `plain` are not."""

    text: str


def test_parse_makes_one_record_even_where_the_answer_does_not_fit(client):
    """The answer came and is billed; what the application makes of it is its own matter."""
    inferwatch.instrument(client)

    with recording(raise_faults=True) as records:
        client.chat.completions.parse(model="plain", messages=MESSAGES)
        with pytest.raises(pydantic.ValidationError):
            client.chat.completions.parse(model="plain", messages=MESSAGES, response_format=Greeting)
        with pytest.raises(openai.LengthFinishReasonError):
            client.chat.completions.parse(model="length", messages=MESSAGES, response_format=Greeting)
        with pytest.raises(openai.ContentFilterFinishReasonError):
            client.chat.completions.parse(model="filtered", messages=MESSAGES, response_format=Greeting)

    assert [(record["status"], record["finish_reason"], record["output_tokens"]) for record in records] == [
        ("ok", "stop", 3),
        ("ok", "stop", 3),
        ("ok", "length", 3),
        ("blocked", "content_filter", 3),
    ]


def test_async_parse_makes_one_record_too(stub):
    """And is still a coroutine function."""

    async def use():
        async with openai.AsyncOpenAI(api_key="k", base_url=stub.base_url) as client:
            inferwatch.instrument(client)
            assert inspect.iscoroutinefunction(client.chat.completions.parse)
            await client.chat.completions.parse(model="plain", messages=MESSAGES)

    with recording(raise_faults=True) as records:
        asyncio.run(use())

    assert statuses(records) == ["ok"]


def test_other_calls_of_models_are_counted_as_skipped(client):
    """Pictures and old completions make no record yet."""
    recorder = inferwatch.Recorder(lambda record: pytest.fail("recorded"))
    inferwatch.instrument(client, recorder=recorder)

    client.completions.create(model="plain", prompt="q")

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
