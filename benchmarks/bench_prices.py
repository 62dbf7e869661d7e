"""What it costs to know what a call cost, beside `genai-prices` asked at the end of each call.

    python benchmarks/bench_prices.py

CPU time of this process, the least of five rounds, alternating.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import genai_prices

from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.prices import Pricer

CALLS = 20_000
ROUNDS = 5
BUDGET_US = 3.0


def _ours() -> Callable[[], object]:
    pricer = Pricer()
    request = Request("chat", "openai", "gpt-5-mini")
    draft = Draft(request, started_ms=time.time_ns() // 1_000_000, started_ns=0, generation=None)
    draft.usage = {"input_tokens": 120, "output_tokens": 42, "total_tokens": 162, "cache_read_tokens": 64}
    return lambda: pricer.cost(draft, 1_000_000)


def _theirs() -> Callable[[], object]:
    usage = genai_prices.Usage(input_tokens=120, output_tokens=42, cache_read_tokens=64)
    return lambda: genai_prices.calc_price(usage, "gpt-5-mini", provider_id="openai")


def _us(call: Callable[[], object]) -> float:
    began = time.process_time_ns()
    for _ in range(CALLS):
        call()
    return (time.process_time_ns() - began) / CALLS / 1_000


def main() -> None:
    """Print the table."""
    ours, theirs = _ours(), _theirs()
    ours(), theirs()
    rounds = [(_us(ours), _us(theirs)) for _ in range(ROUNDS)]
    us, them = (min(times) for times in zip(*rounds, strict=True))
    print(f"{'':<24}{'us a call':>12}{'ratio':>8}")
    print(f"{'inferwatch':<24}{us:>12.2f}{1:>8}")
    print(f"{'genai_prices.calc_price':<24}{them:>12.2f}{them / us:>8.0f}")
    print(f"budget {BUDGET_US} us: {'kept' if us <= BUDGET_US else 'missed'}")


if __name__ == "__main__":
    main()
