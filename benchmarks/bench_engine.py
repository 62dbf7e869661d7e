"""What one log event costs the engine, beside what the peers' way costs: parse with json, ask closures.

    python benchmarks/bench_engine.py [events]

CPU time of one core, in this process, no wire. The ratio is what travels between machines.
"""

from __future__ import annotations

import json
import operator
import platform
import sys
import time
from collections.abc import Callable

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.engine import Engine
from inferwatch.engine.logs.batch import InputEvent
from inferwatch.engine.metricfilters.filter import Transformation, make_filter

NOON_MS = 1_795_521_600_000
BATCH = 1_000
RECORD = {
    "v": 1, "ts": "2026-11-24T12:00:00.000Z", "id": "01JDEZ6V3K8R2Q4T6W8Y0A2C4E", "writer": "p9c2k1",
    "seq": 0, "service": "checkout", "operation": "chat", "provider": "openai", "api": "chat",
    "model": "gpt-5-mini", "model_served": "gpt-5-mini-2026-08-01", "stream": False, "status": "ok",
    "duration_ms": 1234.5, "attempts": 1, "input_tokens": 120, "output_tokens": 42, "total_tokens": 162,
    "usage_source": "provider", "finish_reason": "stop",
}  # fmt: skip


def messages(count: int) -> list[str]:
    return [json.dumps({**RECORD, "seq": n, "duration_ms": n % 4_000}) for n in range(count)]


def engine_with(filters: int) -> Engine:
    engine = Cloud(ManualClock(NOON_MS)).engine("us-east-1")
    engine.logs.create("/g", NOON_MS, {})
    engine.logs.create_stream("/g", "s", NOON_MS)
    for number in range(filters):
        pattern = f"{{ $.duration_ms >= {number * 100} }}"
        made = make_filter(
            f"f{number}", pattern, Transformation(f"m{number}", "NS", "$.duration_ms"), NOON_MS
        )
        engine.filters.put("/g", made)
    return engine


def ours(events: list[str], filters: int) -> float:
    engine = engine_with(filters)
    start = time.process_time()
    for first in range(0, len(events), BATCH):
        batch = [InputEvent(NOON_MS, message) for message in events[first : first + BATCH]]
        engine.put_log_events("/g", "s", batch)
    return time.process_time() - start


def closures(events: list[str], filters: int) -> float:
    """json.loads, then one closure per filter: what a mock of CloudWatch Logs would do, storing nothing."""

    def make(bound: float) -> Callable[[dict[str, object]], bool]:
        return lambda document: operator.ge(document.get("duration_ms", -1), bound)

    asked = [make(number * 100) for number in range(filters)]
    sums = [0.0] * filters
    start = time.process_time()
    for message in events:
        document = json.loads(message)
        for index, ask in enumerate(asked):
            if ask(document):
                sums[index] += float(document["duration_ms"])
    return time.process_time() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    events = messages(count)
    print(
        f"{count} events of {len(events[0])} bytes, CPU µs an event; {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    print(f"{'filters':>8} {'engine':>8} {'json + closures':>16} {'ratio':>6}")
    for filters in (0, 1, 10):
        mine, peer = ours(events, filters), closures(events, filters)
        scale = 1e6 / count
        print(f"{filters:>8} {mine * scale:>8.2f} {peer * scale:>16.2f} {mine / peer:>6.2f}")


if __name__ == "__main__":
    main()
