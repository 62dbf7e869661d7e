"""Inferences: short ones while all is well, long ones during the incident."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.request import urlopen

import inferwatch
from inferwatch.demo.llm import Llm, chat_request
from inferwatch.model.errors import InferwatchError

SHORT_TOKENS: Final = 12
LONG_TOKENS: Final = 220
_TIMEOUT_S = 60.0
_PROMPTS = (
    "In one sentence: why do services slow down at night?",
    "Name three things to check when latency rises.",
    "Summarise: the queue was long and the answer was late.",
    "Write a short note to the on-call engineer.",
)


@dataclass(frozen=True, slots=True)
class Inference:
    """What the caller of the model saw of one inference."""

    duration_ms: float
    max_tokens: int


class LlmGone(InferwatchError):
    """The model no longer answers."""


class Traffic:
    """Asks the model, one question at a time; every second answer is streamed."""

    def __init__(self, llm: Llm) -> None:
        self._ask = _openai(llm) if _has_openai() else _by_hand(llm)
        self._prompts = itertools.cycle(_PROMPTS)
        self._streams = itertools.cycle((False, True))

    def ask(self, max_tokens: int) -> Inference:
        """One inference, recorded by inferwatch as any application's would be."""
        start = time.monotonic()
        try:
            self._ask(next(self._prompts), max_tokens, next(self._streams))
        except Exception as failed:
            raise LlmGone(f"the LLM stopped answering: {type(failed).__name__}: {failed}") from failed
        return Inference((time.monotonic() - start) * 1_000, max_tokens)


def _has_openai() -> bool:
    try:
        import openai  # noqa: F401
    except ImportError:
        return False
    return True


def _openai(llm: Llm) -> Callable[[str, int, bool], None]:
    """Through an instrumented OpenAI client: one line of an application."""
    from openai import OpenAI

    client = inferwatch.instrument(
        OpenAI(base_url=llm.base_url, api_key="none", max_retries=0, timeout=_TIMEOUT_S)
    )

    def ask(prompt: str, max_tokens: int, streamed: bool) -> None:
        messages: Any = [{"role": "user", "content": prompt}]
        if streamed:
            for _ in client.chat.completions.create(
                model=llm.model,
                messages=messages,
                max_tokens=max_tokens,
                stream=True,
                stream_options={"include_usage": True},
            ):
                continue
        else:
            client.chat.completions.create(model=llm.model, messages=messages, max_tokens=max_tokens)

    return ask


def _by_hand(llm: Llm) -> Callable[[str, int, bool], None]:
    """Without the OpenAI client installed: plain HTTP, and inferwatch told by hand."""

    def ask(prompt: str, max_tokens: int, streamed: bool) -> None:
        body = {
            "model": llm.model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": max_tokens,
            "stream": streamed,
        }
        request = chat_request(llm.base_url, body)
        with (
            inferwatch.inference("chat", provider="openai", model=llm.model, stream=streamed) as call,
            urlopen(request, timeout=_TIMEOUT_S) as answer,
        ):
            for document in _documents(answer, streamed):
                for choice in document["choices"]:
                    if choice.get("delta", {}).get("content"):
                        call.first_token()
                    if choice["finish_reason"]:
                        call.finish(choice["finish_reason"])
                usage = document.get("usage")
                if usage:
                    call.usage(input_tokens=usage["prompt_tokens"], output_tokens=usage["completion_tokens"])

    return ask


def _documents(answer: Any, streamed: bool) -> Any:
    """The answer's JSON, or each JSON of its server-sent events."""
    if not streamed:
        yield json.load(answer)
        return
    for line in answer:
        data = line.decode().removeprefix("data: ").strip()
        if data and data != "[DONE]":
            yield json.loads(data)
