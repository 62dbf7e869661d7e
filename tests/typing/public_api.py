"""The public API as an application uses it, for `mypy --strict`; `test_public_api_types` runs it."""

from __future__ import annotations

import logging
from typing import assert_type

from openai import AsyncOpenAI, OpenAI, Stream
from openai.types.chat import ChatCompletion, ChatCompletionChunk

import inferwatch


def configure() -> None:
    inferwatch.configure(service="checkout", log_group="/inferwatch/checkout", region="eu-west-1")
    inferwatch.configure(log_stream="{service}/{host}", endpoint_url="http://127.0.0.1:4586", linger_s=0.2)


def instrumented() -> str | None:
    client = inferwatch.instrument(OpenAI())
    assert_type(client, OpenAI)
    assert_type(inferwatch.uninstrument(client), OpenAI)
    inferwatch.instrument()
    inferwatch.uninstrument()
    answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "q"}])
    assert_type(answer, ChatCompletion)
    stream = client.chat.completions.create(model="m", messages=[], stream=True)
    assert_type(stream, Stream[ChatCompletionChunk])
    return answer.choices[0].message.content


async def instrumented_async() -> None:
    client = inferwatch.instrument(AsyncOpenAI(), provider="vllm")
    assert_type(client, AsyncOpenAI)
    async for chunk in await client.chat.completions.create(model="m", messages=[], stream=True):
        assert_type(chunk, ChatCompletionChunk)


def logged() -> None:
    logging.getLogger().addHandler(inferwatch.LogHandler(logging.INFO))


@inferwatch.lambda_handler
def on_lambda(event: dict[str, str], _: object) -> int:
    return len(event)


def by_hand() -> None:
    with inferwatch.inference("chat", provider="aws.bedrock", model="m", task="summarise") as call:
        assert_type(call, inferwatch.Call)
        call.first_token()
        call.usage(input_tokens=120, output_tokens=42, source="provider")
        call.finish("stop", model_served="m-1")
        call.fail(ValueError("x"))
        call.fail("down", code="E1", http_status=503, status="throttled")


def by_hand_with_a_recorder(records: list[dict[str, object]]) -> None:
    recorder = inferwatch.Recorder(records.append, service="checkout")
    with inferwatch.inference("chat", provider="p", model="m", recorder=recorder):
        inferwatch.instrument(OpenAI(), recorder=recorder)


def delivered() -> tuple[int, str | None]:
    report = inferwatch.flush(timeout_s=5)
    assert_type(report, inferwatch.Report)
    stats = inferwatch.stats()
    assert_type(stats.accepted, int)
    assert_type(str(report), str)
    return report.sent + report.waiting + report.dropped + report.rejected, report.last_error


def recorded() -> list[dict[str, object]]:
    with inferwatch.testing.recording() as records:
        by_hand()
    return records


def refused() -> str:
    try:
        inferwatch.configure()
    except inferwatch.UsageError as error:
        return str(error)
    return ""
