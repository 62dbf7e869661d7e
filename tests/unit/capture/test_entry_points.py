"""The other ways in: helpers, raw responses, embeddings, chats; and what is left alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pydantic
import pytest
from loopback_provider import wires
from loopback_provider.drivers import DRIVERS, MESSAGES
from loopback_provider.server import SECRET, Provider

import inferwatch
from inferwatch.testing import recording

Ask = Callable[[Any], object]


class Greeting(pydantic.BaseModel):
    """What no answer fits."""

    text: str


@pytest.fixture
def client_of(listen: Callable[..., str]) -> Callable[..., Any]:
    """`client_of(api)` is an instrumented client of it; `client_of(api, wire)` of another of its SDK."""

    def start(api: str, wire: type[wires.Wire] | None = None, *, asynchronous: bool = False) -> Any:
        driver = DRIVERS[api]
        url = listen(Provider((wire or driver.wire)()).handler())
        return inferwatch.instrument(driver.client(url, asynchronous=asynchronous))

    return start


def stream_messages(client: Any) -> None:
    with client.messages.stream(model="plain", messages=MESSAGES, max_tokens=9) as stream:
        assert "".join(stream.text_stream) == "onetwothree"


def raw_messages(client: Any) -> None:
    raw = client.messages.with_raw_response.create(model="plain", messages=MESSAGES, max_tokens=9)
    assert raw.parse().content[0].text == "hello there"


def raw_message_stream(client: Any) -> None:
    create = client.messages.with_streaming_response.create
    with create(model="plain", messages=MESSAGES, max_tokens=9, stream=True) as response:
        assert sum(line.startswith("data:") for line in response.iter_lines()) == 8


def beta_messages(client: Any) -> None:
    client.beta.messages.create(model="plain", messages=MESSAGES, max_tokens=9)


def copied(client: Any) -> None:
    client.with_options(timeout=5).messages.create(model="plain", messages=MESSAGES, max_tokens=9)


def stream_response(client: Any) -> None:
    with client.responses.stream(model="plain", input="a secret question") as stream:
        stream.until_done()


def parse_response(client: Any) -> None:
    with pytest.raises(pydantic.ValidationError):
        client.responses.parse(model="plain", input="a secret question", text_format=Greeting)


def raw_response(client: Any) -> None:
    raw = client.responses.with_raw_response.create(model="plain", input="a secret question")
    assert raw.parse().output_text == "hello there"


def chat(client: Any) -> None:
    assert client.chats.create(model="models/plain").send_message("a secret question").text == "hello there"


def chat_stream(client: Any) -> None:
    words = client.chats.create(model="plain").send_message_stream("a secret question")
    assert [word.text for word in words][:3] == ["one", "two", "three"]


def body_in_pieces(client: Any) -> None:
    body = client.invoke_model(modelId="plain", body=b"{}")["body"]
    assert b"".join(body.iter_chunks(7)).startswith(b"{")


def body_unread(client: Any) -> None:
    client.invoke_model(modelId="plain", body=b"{}")["body"].close()


WAYS: list[tuple[str, Ask]] = [
    ("messages", stream_messages),
    ("messages", raw_messages),
    ("messages", raw_message_stream),
    ("messages", beta_messages),
    ("messages", copied),
    ("responses", stream_response),
    ("responses", parse_response),
    ("responses", raw_response),
    ("generate_content", chat),
    ("generate_content", chat_stream),
    ("invoke_model", body_in_pieces),
    ("invoke_model", body_unread),
]


@pytest.mark.parametrize(("api", "way"), WAYS, ids=[way.__name__ for _, way in WAYS])
def test_every_way_in_makes_one_whole_record(client_of, api, way):
    """With its usage, and with no word of what was said."""
    client = client_of(api)

    with recording(raise_faults=True) as records:
        way(client)
    client.close()

    assert [
        (record["status"], record["api"], record["model"], record["input_tokens"], record["output_tokens"])
        for record in records
    ] == [("ok", api, "plain", 12, 3)]
    assert records[0].get("finish_reason") == (None if way is body_unread else "stop")


def test_an_async_helper_left_early_is_abandoned_at_once(client_of):
    """Anthropic's helper closes its stream."""

    async def leave() -> None:
        client = client_of("messages", asynchronous=True)
        async with client.messages.stream(model="held", messages=MESSAGES, max_tokens=9) as stream:
            await anext(aiter(stream))
        assert [record["status"] for record in records] == ["abandoned"]
        await client.close()

    with recording(raise_faults=True) as records:
        asyncio.run(leave())

    assert len(records) == 1


EMBEDDINGS: list[tuple[str, type[wires.Wire], Ask, dict[str, object]]] = [
    (
        "chat",
        wires.OpenAiEmbeddings,
        lambda client: client.embeddings.create(model="plain", input="a secret question"),
        {"api": "embeddings", "input_tokens": 12, "model_served": "served-1"},
    ),
    (
        "invoke_model",
        wires.TitanEmbeddings,
        lambda client: client.invoke_model(modelId="titan-embed", body=b"{}")["body"].read(),
        {"api": "invoke_model", "input_tokens": 12},
    ),
    (
        "generate_content",
        wires.GoogleEmbeddings,
        lambda client: client.models.embed_content(model="plain", contents="a secret question"),
        {"api": "embed_content", "input_tokens": None, "usage_source": "none"},
    ),
]


@pytest.mark.parametrize(
    ("api", "wire", "embed", "expected"), EMBEDDINGS, ids=["openai", "bedrock", "google"]
)
def test_embeddings_are_recorded_without_their_vectors(client_of, api, wire, embed, expected):
    """There is no output to count."""
    client = client_of(api, wire)

    with recording(raise_faults=True) as records:
        embed(client)
    client.close()

    (record,) = records
    assert {name: record.get(name) for name in expected} == expected
    assert (record["operation"], record["status"]) == ("embeddings", "ok")
    assert "output_tokens" not in record
    assert "0.25" not in repr(record)


def test_counting_tokens_is_no_call_of_a_model(client_of):
    """It is left alone."""
    client = client_of("messages", wires.AnthropicCount)

    with recording(raise_faults=True) as records:
        assert client.messages.count_tokens(model="plain", messages=MESSAGES).input_tokens == 12
    client.close()

    assert records == []


@pytest.mark.parametrize("api", DRIVERS)
def test_what_was_said_is_in_no_record_and_no_warning(client_of, api, caplog):
    """The question, the answer, and the text of an error that quotes them; a fault of ours on top."""
    driver, client = DRIVERS[api], client_of(api)

    with recording() as records:
        driver.ask(client, "plain")
        for _ in driver.stream(client, "tools"):
            pass
        with pytest.raises(Exception, match=SECRET):
            driver.ask(client, "500")
    client.close()

    assert len(records) == 3
    for said in ("secret", "hello", "three", "{}"):
        assert said not in repr(records)
        assert said not in caplog.text
    assert {type(value) for record in records for value in record.values()} <= {str, int, float, bool, list}


def test_other_services_of_aws_are_refused_by_name():
    """Only Bedrock's runtime asks models."""
    import boto3

    client = boto3.client("logs", region_name="us-east-1")

    with pytest.raises(
        inferwatch.UsageError, match=r'cannot instrument .*CloudWatchLogs.*boto3\.client\("bedrock'
    ):
        inferwatch.instrument(client)


class _Picture(wires.Invoke):
    """A body of two megabytes."""

    def answer(self, model: str) -> tuple[dict[str, Any], dict[str, str]]:
        return {"images": ["x" * 2_000_000]}, {"X-Amzn-Bedrock-Input-Token-Count": "12"}


def test_a_large_body_is_not_parsed_for_a_record(client_of):
    """What Bedrock counted is in the headers."""
    client = client_of("invoke_model", _Picture)

    with recording(raise_faults=True) as records:
        assert len(client.invoke_model(modelId="plain", body=b"{}")["body"].read()) > 2_000_000
    client.close()

    assert [(record["status"], record["input_tokens"]) for record in records] == [("ok", 12)]


class _Overloaded(wires.Anthropic):
    def failure(self, message: str) -> bytes:
        return self._sse({"type": "error", "error": {"type": "overloaded_error", "message": message}})


class _Throttling(wires.Converse):
    def failure(self, message: str) -> bytes:
        return wires.frame("throttlingException", {"message": message}, kind="exception")


class _Exhausted(wires.Google):
    def failure(self, message: str) -> bytes:
        return wires.sse({"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}})


@pytest.mark.parametrize(
    ("api", "wire", "code", "http_status"),
    [
        ("messages", _Overloaded, "overloaded_error", None),
        ("converse", _Throttling, "throttlingException", None),
        ("generate_content", _Exhausted, "RESOURCE_EXHAUSTED", 429),
    ],
)
def test_a_stream_that_is_throttled_in_its_middle_is_throttled(client_of, api, wire, code, http_status):
    """HTTP said 200, which is no status of an error."""
    driver, client = DRIVERS[api], client_of(api, wire)

    with (
        recording(raise_faults=True) as records,
        contextlib.closing(driver.stream(client, "error-event")) as stream,
        pytest.raises(Exception, match=SECRET),
    ):
        list(stream)
    client.close()

    assert [(record["status"], record["error_code"], record.get("http_status")) for record in records] == [
        ("throttled", code, http_status)
    ]
