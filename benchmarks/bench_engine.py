"""What acknowledging one log event costs the engine, in process: check, filter, append, and be durable, the
metrics too.

    python benchmarks/bench_engine.py [events]

CPU time of one core, in 1,000-event batches, synced after each; no wire. Beside it, in the same run, what the
peers' way costs: parse with json, ask one closure per filter, and store nothing. The ratio is what travels
between machines.
"""

from __future__ import annotations

import json
import operator
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.engine import Engine
from inferwatch.engine.logs.batch import InputEvent
from inferwatch.engine.metricfilters.filter import Transformation
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.store.store import Store

NOON_MS = 1_795_521_600_000
BATCH = 1_000
RECORD = {
    "v": 1, "ts": "2026-11-24T12:00:00.000Z", "id": "01JDEZ6V3K8R2Q4T6W8Y0A2C4E", "writer": "p9c2k1",
    "seq": 0, "service": "checkout", "task": "summarise", "operation": "chat", "provider": "openai",
    "api": "chat", "model": "gpt-5-mini", "model_served": "gpt-5-mini-2026-08-01", "stream": False,
    "status": "ok", "duration_ms": 1234.5, "ttft_ms": 310.2, "attempts": 1, "input_tokens": 120,
    "output_tokens": 42, "total_tokens": 162, "cache_read_tokens": 0, "reasoning_tokens": 0,
    "usage_source": "provider", "finish_reason": "stop", "chunks": 42, "itl_mean_ms": 19.1,
}  # fmt: skip
STATUSES = ("ok",) * 47 + ("error", "throttled", "cut")


def messages(count: int) -> list[str]:
    return [
        json.dumps({**RECORD, "seq": n, "duration_ms": n % 4_000, "status": STATUSES[n % 50]})
        for n in range(count)
    ]


def engine_with(filters: int, folder: Path) -> Engine:
    """One filter takes the duration of every event, the others count rare statuses."""
    cloud = Cloud(
        ManualClock(NOON_MS),
        open_store=lambda region: Store.open(folder / region),
        open_checkpoint=lambda region: Checkpoint(folder / region / "metrics.db"),
    )
    engine = cloud.engine("us-east-1")
    engine.logs.create("/g", NOON_MS, {})
    engine.logs.create_stream("/g", "s", NOON_MS)
    for number in range(filters):
        pattern, value = "{ $.duration_ms >= 0 }", "$.duration_ms"
        if number:
            pattern = f'{{ $.status = "{STATUSES[-1 - number % 3]}" && $.duration_ms > {number} }}'
            value = "1"
        engine.put_metric_filter("/g", f"f{number}", pattern, Transformation(f"m{number}", "NS", value), {})
    return engine


def ours(events: list[str], filters: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_with(filters, Path(folder))
        start = time.process_time()
        for first in range(0, len(events), BATCH):
            batch = [InputEvent(NOON_MS, message) for message in events[first : first + BATCH]]
            engine.put_log_events("/g", "s", batch)
            engine.logs.store.sync()
        seconds = time.process_time() - start
        engine.close()
        return seconds


def closures(events: list[str], filters: int) -> float:
    """json.loads, then one closure per filter, storing nothing."""

    def make(status: str, bound: float) -> Callable[[dict[str, object]], bool]:
        return lambda document: (
            document.get("status") == status and operator.gt(document.get("duration_ms", -1), bound)
        )

    asked = [make(STATUSES[-1 - number % 3], number) for number in range(filters)]
    sums = [0.0] * filters
    start = time.process_time()
    for message in events:
        document = json.loads(message)
        for index, ask in enumerate(asked):
            if ask(document):
                sums[index] += 1.0
    return time.process_time() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    events = messages(count)
    print(
        f"{count} events of {len(events[0])} bytes, CPU µs an event; {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    print(f"{'filters':>8} {'engine, durable':>16} {'json + closures':>16} {'ratio':>6}")
    for filters in (0, 1, 10, 50):
        mine, peer = ours(events, filters), closures(events, filters)
        scale = 1e6 / count
        print(f"{filters:>8} {mine * scale:>16.2f} {peer * scale:>16.2f} {mine / peer:>6.2f}")


if __name__ == "__main__":
    main()
