"""The clients that ask the provider: each API in the words of its SDK, sync and async."""

from __future__ import annotations

from typing import Any, Protocol

from loopback_provider.wires import Anthropic, Converse, Google, Invoke, OpenAiChat, OpenAiResponses, Wire

MESSAGES = [{"role": "user", "content": "a secret question"}]


class Driver(Protocol):
    """One API of one SDK. Clients of an SDK without async ones have `is_async` false."""

    wire: type[Wire]
    is_async: bool

    def client(self, url: str, *, asynchronous: bool = False) -> Any:
        """A client that retries once."""

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        """A whole answer, or an awaitable of one."""

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        """A stream, or an awaitable of one."""

    async def aclose(self, client: Any) -> None:
        """Close an async client."""


class Chat:
    """OpenAI's chat completions."""

    wire: type[Wire] = OpenAiChat
    is_async = True

    def client(self, url: str, *, asynchronous: bool = False) -> Any:
        import openai

        kind = openai.AsyncOpenAI if asynchronous else openai.OpenAI
        return kind(api_key="k", base_url=url, max_retries=1)

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.chat.completions.create(model=model, messages=MESSAGES)

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        options = {"include_usage": True}
        return client.chat.completions.create(
            model=model, messages=MESSAGES, stream=True, stream_options=options
        )

    async def aclose(self, client: Any) -> None:
        await client.close()


class Responses(Chat):
    """OpenAI's responses."""

    wire: type[Wire] = OpenAiResponses

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.responses.create(model=model, input="a secret question")

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.responses.create(model=model, input="a secret question", stream=True)


class Messages:
    """Anthropic's messages."""

    wire: type[Wire] = Anthropic
    is_async = True

    def client(self, url: str, *, asynchronous: bool = False) -> Any:
        import anthropic

        kind = anthropic.AsyncAnthropic if asynchronous else anthropic.Anthropic
        return kind(api_key="k", base_url=url, max_retries=1)

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.messages.create(model=model, messages=MESSAGES, max_tokens=9)

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.messages.create(model=model, messages=MESSAGES, max_tokens=9, stream=True)

    async def aclose(self, client: Any) -> None:
        await client.close()


class BedrockConverse:
    """Bedrock's Converse and ConverseStream."""

    wire: type[Wire] = Converse
    is_async = False

    def client(self, url: str, *, asynchronous: bool = False) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "bedrock-runtime",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 2, "mode": "standard"}),
        )

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.converse(modelId=model, messages=_converse_messages())

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.converse_stream(modelId=model, messages=_converse_messages())["stream"]

    async def aclose(self, client: Any) -> None:
        raise NotImplementedError("botocore has no async clients")


class BedrockInvoke(BedrockConverse):
    """Bedrock's InvokeModel and its stream."""

    wire: type[Wire] = Invoke

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return client.invoke_model(modelId=model, body=b'{"prompt": "a secret question"}')["body"].read()

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        answer = client.invoke_model_with_response_stream(
            modelId=model, body=b'{"prompt": "a secret question"}'
        )
        return answer["body"]


class GenAi:
    """Google's generate_content and its stream."""

    wire: type[Wire] = Google
    is_async = True

    def client(self, url: str, *, asynchronous: bool = False) -> Any:
        from google import genai

        retries = genai.types.HttpRetryOptions(attempts=2, initial_delay=0.001, max_delay=0.002, jitter=0.001)
        options = genai.types.HttpOptions(base_url=url, retry_options=retries)
        return genai.Client(api_key="k", http_options=options)

    def ask(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return (client.aio if asynchronous else client).models.generate_content(
            model=model, contents="a secret question"
        )

    def stream(self, client: Any, model: str, *, asynchronous: bool = False) -> Any:
        return (client.aio if asynchronous else client).models.generate_content_stream(
            model=model, contents="a secret question"
        )

    async def aclose(self, client: Any) -> None:
        client.close()
        await client.aio.aclose()


def _converse_messages() -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"text": "a secret question"}]}]


DRIVERS: dict[str, Driver] = {
    "chat": Chat(),
    "responses": Responses(),
    "messages": Messages(),
    "converse": BedrockConverse(),
    "invoke_model": BedrockInvoke(),
    "generate_content": GenAi(),
}
