"""What recording adds to a call and to each chunk of a stream, for the client of each library.

    python benchmarks/bench_capture.py

Each library's own client and answers, its requests answered in memory before they are made: what is
left is the application's call, bare, and the same recorded and priced into a sink that keeps nothing. CPU
time of this process, the least of nine rounds, alternating.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "capture" / "loopback"))

import anthropic
import boto3
import openai
from anthropic.types import Message
from botocore.eventstream import EventStream
from google import genai
from loopback_provider.drivers import DRIVERS
from loopback_provider.wires import Anthropic, Converse, Google, OpenAiChat
from openai.types.chat import ChatCompletion, ChatCompletionChunk

import inferwatch

CALLS = 2_000
CHUNKS = 5_000
ROUNDS = 9
CALL_BUDGET_US = 60.0
CHUNK_BUDGET_US = 3.0

Case = tuple[Any, Callable[[], object], Callable[[], Iterator[Any]]]


class _Response:
    def close(self) -> None:
        """Nothing is open."""


def _stream_of(kind: Any, chunk: Any) -> Any:
    """A stream of the SDK's own class, of as many chunks as we need."""

    class Canned(kind):  # type: ignore[misc]
        def __init__(self) -> None:
            self.response = _Response()
            self._left = iter([chunk] * CHUNKS)

        def __next__(self) -> Any:
            return next(self._left)

        def __iter__(self) -> Any:
            return self

    return Canned


def _stainless(client: Any, api: str, stream: Any, answer: Any) -> Case:
    def request(*_: object, **options: object) -> Any:
        return stream() if options.get("stream") else answer

    client.request = request
    driver = DRIVERS[api]
    return client, lambda: driver.ask(client, "gpt-5-mini"), lambda: driver.stream(client, "gpt-5-mini")


def _openai() -> Case:
    payload, _ = OpenAiChat().answer("plain")
    answer = ChatCompletion.model_validate(payload)
    delta = {"index": 0, "delta": {"content": "word"}, "finish_reason": None}
    chunk = ChatCompletionChunk.model_validate(
        {**payload, "object": "chat.completion.chunk", "choices": [delta], "usage": None}
    )
    return _stainless(openai.OpenAI(api_key="k"), "chat", _stream_of(openai.Stream, chunk), answer)


def _anthropic() -> Case:
    wire = Anthropic()
    answer = Message.model_validate(wire.answer("plain")[0])
    delta = anthropic.types.RawContentBlockDeltaEvent.model_validate(wire.events("plain")[2])
    stream = _stream_of(anthropic.Stream, delta)
    return _stainless(anthropic.Anthropic(api_key="k"), "messages", stream, answer)


def _bedrock() -> Case:
    answer, _ = Converse().answer("plain")
    event = {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "word"}}}

    class Canned(EventStream):  # type: ignore[misc]
        def __init__(self) -> None:
            """No socket behind it."""

        def __iter__(self) -> Any:
            return iter([event] * CHUNKS)

        def close(self) -> None:
            """Nothing is open."""

    def make_api_call(operation: str, _: object) -> Any:
        return {"stream": Canned()} if operation == "ConverseStream" else answer

    client = boto3.client(
        "bedrock-runtime", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    client._make_api_call = make_api_call
    model, driver = "amazon.nova-lite-v1:0", DRIVERS["converse"]
    return client, lambda: driver.ask(client, model), lambda: driver.stream(client, model)


def _google() -> Case:
    wire = Google()
    payloads = (wire.answer("plain")[0], wire._response("plain", [{"text": "word"}], None))
    for payload in payloads:
        del payload["surprise"]  # the SDK drops what it does not know
    answer, chunk = map(genai.types.GenerateContentResponse.model_validate, payloads)
    client = genai.Client(api_key="k")
    client.models._generate_content = lambda **_: answer
    client.models._generate_content_stream = lambda **_: iter([chunk] * CHUNKS)
    models, asked = client.models, {"model": "gemini-2.5-flash", "contents": "q", "config": None}
    return client, lambda: models._generate_content(**asked), lambda: models._generate_content_stream(**asked)


def _call_us(call: Callable[[], object]) -> float:
    began = time.process_time_ns()
    for _ in range(CALLS):
        call()
    return (time.process_time_ns() - began) / CALLS / 1_000


def _chunk_us(stream: Callable[[], Iterator[Any]]) -> float:
    chunks = stream()
    began = time.process_time_ns()
    for _ in chunks:
        pass
    return (time.process_time_ns() - began) / CHUNKS / 1_000


def _added(case: Callable[[], Case]) -> tuple[float, float]:
    """Microseconds of CPU per call and per chunk."""
    recorder = inferwatch.Recorder(lambda _: None)
    _, bare, bare_stream = case()
    client, ours, our_stream = case()
    inferwatch.instrument(client, recorder=recorder)
    ours()
    time.sleep(3)  # the list of prices is read in a thread of its own
    calls, chunks = [], []
    for _ in range(ROUNDS):
        calls.append((_call_us(bare), _call_us(ours)))
        chunks.append((_chunk_us(bare_stream), _chunk_us(our_stream)))
    return _difference(calls), _difference(chunks)


def _difference(rounds: list[tuple[float, float]]) -> float:
    return min(recorded for _, recorded in rounds) - min(bare for bare, _ in rounds)


def main() -> None:
    """Print the table; exit with 1 where a budget is broken."""
    cases = {"openai": _openai, "anthropic": _anthropic, "bedrock": _bedrock, "google.genai": _google}
    print("client         us per call   us per chunk")
    is_over = False
    for name, case in cases.items():
        call_us, chunk_us = _added(case)
        print(f"{name:14} {call_us:11.1f}   {chunk_us:12.2f}")
        is_over |= call_us > CALL_BUDGET_US or chunk_us > CHUNK_BUDGET_US
    print(f"budget         {CALL_BUDGET_US:11.1f}   {CHUNK_BUDGET_US:12.2f}")
    sys.exit(is_over)


if __name__ == "__main__":
    main()
