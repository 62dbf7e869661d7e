"""Starting whichever LLM the demo is to watch."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.request import Request, urlopen

from inferwatch.demo import gemma, simulated
from inferwatch.model.errors import UsageError

_LOAD_TIMEOUT_S = 90.0
_STOP_TIMEOUT_S = 5.0


class Choice(StrEnum):
    REAL = gemma.MODEL
    SIMULATED = simulated.MODEL


@dataclass(frozen=True, slots=True)
class Llm:
    """A model that answers at an OpenAI-compatible `base_url`."""

    model: str
    base_url: str
    close: Callable[[], None]


def start(choice: Choice, log_file: Path) -> Llm:
    """Start an LLM and wait until it answers.

    Args:
        log_file: Where llama.cpp's own output goes.

    Raises:
        UsageError: The model did not start.
    """
    if choice is Choice.SIMULATED:
        server = simulated.SimulatedServer()
        return Llm(simulated.MODEL, server.base_url, server.close)
    return _start_gemma(log_file)


def _start_gemma(log_file: Path) -> Llm:
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "inferwatch.demo.gemma"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )

    def close() -> None:
        """Closing its standard input ends it; one that does not listen is killed."""
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    line = _first_line(process)
    if not line:
        close()
        last = log_file.read_text(errors="replace").strip().splitlines()[-3:]
        raise UsageError("the LLM did not start; it said:\n  " + "\n  ".join(last or ["nothing"]))
    base_url = json.loads(line)["base_url"]
    _warm_up(base_url)
    return Llm(gemma.MODEL, base_url, close)


def _warm_up(base_url: str) -> None:
    """The first answer of a fresh model is slow; it is nobody's inference."""
    body = {"messages": [{"role": "user", "content": "hello"}], "max_tokens": 1}
    request = Request(
        f"{base_url}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=_LOAD_TIMEOUT_S) as answer:
            answer.read()
    except OSError as failed:
        raise UsageError(f"the LLM loaded and does not answer: {failed}") from failed


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """What it prints first; nothing when it ends, or takes too long."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    stdout = process.stdout
    if stdout is None:
        return b""
    threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
    try:
        return lines.get(timeout=_LOAD_TIMEOUT_S)
    except queue.Empty:
        return b""
