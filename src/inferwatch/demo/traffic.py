"""Inferences: short ones while all is well, long ones during the incident."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import inferwatch
from inferwatch.demo.llm import Llm
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
        self._ask = _openai(llm)
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
