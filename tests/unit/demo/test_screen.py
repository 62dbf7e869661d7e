"""What the demo says while it runs."""

from __future__ import annotations

import io

from rich.console import Console

from inferwatch.demo.screen import Screen
from inferwatch.demo.traffic import Inference


def test_the_ticker_counts_one_inference_and_then_inferences() -> None:
    """Where there is no terminal, the first line and every tenth after it."""
    said = io.StringIO()
    screen = Screen(Console(file=said, width=200))

    with screen.ticker() as ticker:
        for _ in range(11):
            ticker.show(Inference(duration_ms=1_250.4, max_tokens=16), "OK", "an alarm")

    assert [line.strip() for line in said.getvalue().splitlines() if line.strip().startswith("…")] == [
        "… 1 inference, the last 1,250 ms for 16 tokens   alarm OK   waiting for an alarm",
        "… 11 inferences, the last 1,250 ms for 16 tokens   alarm OK   waiting for an alarm",
    ]
