"""What the store of log events costs: appending durably, reading the newest, memory, sealing.

    python benchmarks/bench_logs.py [--events 2_000_000]

CPU time of one core. Beside it, in the same run, the same events into SQLite: a row each, a transaction
a batch, durable in the same way (WAL, synchronous=FULL). The last figure is of wall time and two cores:
appending durably while the sealing process works beside, and waiting for it when it falls behind.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from inferwatch.engine.store.segment import HEADER_BYTES, name_of, read_header
from inferwatch.engine.store.store import Store

NOON_MS = 1_795_521_600_000
BATCH = 1_000
SQLITE_EVENTS = 200_000
SEALED_EVENTS = 100_000
SEALED_TIMES = 5
SEALED_AT_MOST = 2_000_000
BESIDE_EVENTS = 4_000_000
# Whoever appends waits for the sealing process when so many events are not sealed.
BACKLOG_EVENTS = 1_000_000
LAST_KEY = (10**15, 0)
MODELS = ("gpt-5-mini", "claude-haiku-4-5", "gemma-3-270m", "mistral-small")
FINISH = ("stop", "stop", "stop", "length", "tool_call")


def message(number: int, chance: random.Random) -> str:
    """One inference record, about 560 bytes, with the values that make records differ."""
    tokens = chance.randrange(4_000)
    duration = round(chance.lognormvariate(6, 1), 1)
    record = {
        "v": 1, "ts": f"2026-11-24T12:00:{number % 60:02d}.{number % 1000:03d}Z",
        "id": f"01JDEZ{chance.getrandbits(80):020X}", "writer": "p9c2k1", "seq": number,
        "service": "checkout",
        "task": "summarise", "operation": "chat", "provider": "openai", "api": "chat",
        "model": chance.choice(MODELS), "model_served": "2026-08-01",
        "endpoint_host": f"worker-{number % 7}.eu-west-1.compute.internal:8080", "stream": number % 3 == 0,
        "status": "ok" if number % 50 else "error", "duration_ms": duration,
        "ttft_ms": round(duration / 9, 1),
        "itl_mean_ms": round(duration / 80, 2), "chunks": tokens // 5,
        "output_tps": round(tokens / duration, 1),
        "attempts": 1, "input_tokens": tokens, "output_tokens": tokens // 3, "total_tokens": tokens * 4 // 3,
        "cache_read_tokens": tokens // 7, "usage_source": "provider", "finish_reason": chance.choice(FINISH),
    }  # fmt: skip
    return json.dumps(record, separators=(",", ":"))


def batches(events: int) -> Iterator[tuple[list[int], list[str]]]:
    """Fifty batches of records, over and over: making them new would cost more than storing them."""
    chance = random.Random(1)
    made = [[message(n * BATCH + k, chance) for k in range(BATCH)] for n in range(50)]
    for first in range(0, events, BATCH):
        at_ms = NOON_MS + first // 100
        yield [at_ms + k // 100 for k in range(BATCH)], made[first // BATCH % len(made)]


def rss_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def append(path: Path, events: int) -> tuple[float, float]:
    """CPU µs and wall µs an event; every batch is synced before the next."""
    store = Store.open(path)
    store.control.add_stream(store.control.add_group("/group", NOON_MS, {}), "stream", NOON_MS)
    cpu, wall = 0.0, 0.0
    for timestamps, messages in batches(events):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        store.append(1, 1, timestamps, messages, timestamps[-1])
        store.sync()
        cpu += time.process_time() - cpu_start
        wall += time.perf_counter() - wall_start
    store.close()
    return cpu / events * 1e6, wall / events * 1e6


def append_sqlite(path: Path, events: int) -> tuple[float, float]:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE events (stream, timestamp, ingestion, message)")
    cpu, wall = 0.0, 0.0
    for timestamps, messages in batches(events):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        database.execute("BEGIN")
        rows = [(1, at, timestamps[-1], text) for at, text in zip(timestamps, messages, strict=True)]
        database.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
        database.execute("COMMIT")
        cpu += time.process_time() - cpu_start
        wall += time.perf_counter() - wall_start
    database.close()
    return cpu / events * 1e6, wall / events * 1e6


def other(number: int, chance: random.Random) -> str:
    """JSON of twenty schemas, none of them ours."""
    schema = number % 20
    values = (number, chance.random(), f"v{number % 97}", number % 2 == 0)
    members = {f"field_{schema}_{k}": values[k % len(values)] for k in range(10)}
    return json.dumps({"schema": schema, "nested": {"a": number % 5, "b": [1, 2]}, **members})


KINDS = {"our records": message, "JSON of 20 schemas": other}


def seal(path: Path, factory: Callable[[int, random.Random], str]) -> tuple[float, float]:
    """CPU µs, the median of some runs, and bytes an event of sealing one segment."""
    from inferwatch.engine.store.seal import seal as seal_segment
    from inferwatch.engine.store.sealer import quicken

    chance = random.Random(2)
    store = Store.open(path)
    for first in range(0, SEALED_EVENTS, BATCH):
        texts = [factory(first + k, chance) for k in range(BATCH)]
        store.append(1, 1, [NOON_MS + first + k for k in range(BATCH)], texts, NOON_MS)
    store.close()
    quicken()
    runs = []
    for _ in range(SEALED_TIMES):
        start = time.process_time()
        files = seal_segment(path / name_of(1), {1: "stream"}, "bench")
        runs.append(time.process_time() - start)
    file_bytes = sum((path / file.name).stat().st_size for file in files)
    return statistics.median(runs) / SEALED_EVENTS * 1e6, file_bytes / SEALED_EVENTS


def size_bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def time_reading(label: str, store: Store, count: int, *, descending: bool) -> None:
    start = time.perf_counter()
    found = store.scan([1], (0, 0), LAST_KEY, descending=descending)
    assert len(list(islice(found, count))) == count
    print(f"{label:<24}{(time.perf_counter() - start) * 1e3:8.1f} ms")


def read_sealed(root: Path, store: Store, events: int) -> None:
    """Seal everything, and read it again."""
    start, wall_start = time.process_time(), time.perf_counter()
    while store.seal(timeout_s=60):
        pass
    cpu, wall = time.process_time() - start, time.perf_counter() - wall_start
    print(f"all of it sealed        {wall / events * 1e6:8.2f} µs wall an event; {cpu:.2f} s CPU here")
    print(f"  on disk               {size_bytes(root / 'store') / events:8.1f} bytes an event")
    time_reading("the last 100 events", store, 100, descending=True)
    time_reading("the first 10,000", store, 10_000, descending=False)


def backlog(path: Path, appended: int) -> int:
    """Events that are not sealed: segments are sealed from the oldest on."""
    with min(path.glob("segment-*.log")).open("rb") as oldest:
        return appended + 1 - read_header(oldest.read(HEADER_BYTES)).first_sequence


def append_and_seal(path: Path, events: int) -> None:
    """As fast as both go together, from the first event until every rolled segment is sealed."""
    store = Store.open(path)
    store.control.add_stream(store.control.add_group("/group", NOON_MS, {}), "stream", NOON_MS)
    largest = 0
    start = time.perf_counter()
    for number, (timestamps, messages) in enumerate(batches(events), 1):
        store.append(1, 1, timestamps, messages, timestamps[-1])
        store.sync()
        store.seal()
        waiting = backlog(path, number * BATCH)
        largest = max(largest, waiting)
        while waiting > BACKLOG_EVENTS:
            store.seal(timeout_s=1)
            waiting = backlog(path, number * BATCH)
    appended_s = time.perf_counter() - start
    at_end = backlog(path, events)
    while store.seal(timeout_s=60):
        pass
    sealed_s = time.perf_counter() - start
    left = backlog(path, events)
    store.close()
    print(f"appended and sealed     {(events - left) / sealed_s:8,.0f} events a second, of {events:,}")
    print(f"  appended, all of them {events / appended_s:8,.0f} events a second")
    print(f"  not sealed            {largest:8,} events at most, {at_end:,} when the last was appended")
    print(f"  in the segment that is not full: {left:,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--beside", type=int, default=BESIDE_EVENTS, help="events appended while sealing")
    arguments = parser.parse_args()
    events = arguments.events
    sizes = [len(text) for text in next(batches(BATCH))[1]]
    print(
        f"{events:,} events of {sum(sizes) // BATCH} bytes in batches of {BATCH:,}; {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        before = rss_mib()
        cpu, wall = append(root / "store", events)
        print(f"durable append          {cpu:8.2f} µs CPU, {wall:6.2f} µs wall an event")
        print(f"  on disk               {size_bytes(root / 'store') / events:8.1f} bytes an event")
        print(f"  memory at its highest {rss_mib():8.1f} MiB ({before:.1f} before)")
        cpu, wall = append_sqlite(root / "events.db", min(events, SQLITE_EVENTS))
        print(f"SQLite, same events     {cpu:8.2f} µs CPU, {wall:6.2f} µs wall an event")
        start = time.perf_counter()
        store = Store.open(root / "store")
        print(f"opening again           {(time.perf_counter() - start) * 1e3:8.1f} ms")
        time_reading("the last 100 events", store, 100, descending=True)
        print("sealing one segment, as the sealing process does it:")
        for name, factory in KINDS.items():
            cpu, bytes_an_event = seal(root / name, factory)
            print(f"  {name:<22}{cpu:8.2f} µs CPU, {bytes_an_event:8.1f} bytes an event")
        if events <= SEALED_AT_MOST:
            read_sealed(root, store, events)
        store.close()
        append_and_seal(root / "beside", arguments.beside)


if __name__ == "__main__":
    main()
