"""What Logs Insights queries cost over sealed events: as columns, as JSON text at query time, interpreted.

    python benchmarks/bench_insights.py [--events 1_000_000]

CPU time of one core, one run each, warm; scaled to ten million events where fewer are made. The events are
inference records of one schema, then of twenty. JSON text at query time is the same question as SQL written
by hand over the same files, which reads every field out of the message; the interpreter runs over a part,
scaled. Last, the latency of PutLogEvents through the server while queries run beside it, and while none does.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pyarrow.parquet as pq

from inferwatch.engine.insights import Context, Interpreter, parse
from inferwatch.engine.queries.compiled.execute import Execution, connect
from inferwatch.engine.queries.compiled.sources import Table
from inferwatch.engine.queries.events import Origin, row_of
from inferwatch.engine.store.frame import Event
from inferwatch.engine.store.seal import METADATA
from inferwatch.engine.store.store import Store

START_MS = 1_795_521_600_000
BATCH = 1_000
STEP_MS = 20
SCALE_TO = 10_000_000
INTERPRETED = 20_000
MODELS = ("gpt-5-mini", "claude-haiku-4-5", "gemma-3-270m", "mistral-small")
CONTEXT = Context(START_MS // 1_000, 0, 2 * START_MS)


class Question(NamedTuple):
    """A query, the same by hand over JSON text, and its budget in CPU seconds for ten million events."""

    name: str
    text: str
    by_hand: str
    budget_s: float


QUESTIONS = (
    Question(
        "avg, p99 by 5 minutes, model",
        "stats avg(duration_ms), pct(duration_ms, 99) by bin(5m), model",
        """select avg(d), quantile_cont(d, 0.99) from (select "@timestamp" // 300000 as t,
        "@message" ->> '/model' as m, ("@message" ->> '/duration_ms')::double as d from {}) group by t, m""",
        1.5,
    ),
    Question(
        "one status in fifty by hour",
        'filter status = "error" | stats count(*) by bin(1h)',
        """select count(*) from {} where "@message" ->> '/status' = 'error'
        group by "@timestamp" // 3600000""",
        0.8,
    ),
    Question(
        "like on a column",
        'filter endpoint_host like "worker-3" | stats count(*)',
        """select count(*) from {} where contains("@message" ->> '/endpoint_host', 'worker-3')""",
        1.0,
    ),
    Question(
        "parse with a literal",
        'parse endpoint_host "worker-*.*:*" as worker, rest, port | stats count(*) by worker',
        """select count(*) from (select regexp_extract("@message" ->> '/endpoint_host',
        'worker-(.*?)[.](.*?):(.*)', ['w', 'r', 'p']) as x from {}) group by x.w""",
        2.5,
    ),
)
NEWEST = "fields @timestamp, model, duration_ms, status | limit 100"
NEWEST_BUDGET_MS = 200
BESIDE_EVENTS = 100_000
PUTS = 1_000


def message(number: int, chance: random.Random, schema: int) -> str:
    """An inference record of some 350 bytes; `schema` decides which further fields it has."""
    duration = round(chance.lognormvariate(6, 1), 1)
    record: dict[str, Any] = {
        "v": 1,
        "id": f"01JDEZ{chance.getrandbits(80):020X}",
        "service": "checkout",
        "operation": "chat",
        "model": chance.choice(MODELS),
        "endpoint_host": f"worker-{number % 7}.eu-west-1.compute.internal:8080",
        "status": "ok" if number % 50 else "error",
        "duration_ms": duration,
        "input_tokens": chance.randrange(4_000),
        "output_tokens": chance.randrange(1_000),
    }
    for extra in range(schema):
        record[f"extra_{schema}_{extra}"] = chance.randrange(100) if extra % 2 else f"text {number % 97}"
    return json.dumps(record, separators=(",", ":"))


def batches(events: int, schemas: int) -> Iterator[tuple[list[int], list[str]]]:
    chance = random.Random(7)
    for first in range(0, events, BATCH):
        numbers = range(first, min(first + BATCH, events))
        yield (
            [START_MS + number * STEP_MS for number in numbers],
            [message(number, chance, number % schemas) for number in numbers],
        )


def sealed(folder: Path, events: int, schemas: int) -> list[Table]:
    """The events in sealed files, and what a query needs to know of them."""
    store = Store.open(folder)
    group = store.control.add_group("g", START_MS, {}, False)
    stream = store.control.add_stream(group, "s", START_MS)
    for timestamps, messages in batches(events, schemas):
        store.append(group, stream, timestamps, messages, START_MS)
        store.seal()
    store._roll()
    store.sync()
    while store.seal(timeout_s=60):
        pass
    layout = store.layout
    assert layout is not None
    tables = [
        Table(
            str(layout.path / file.name),
            True,
            kinds_of(layout.path / file.name),
            "1:g",
            0,
            2 * START_MS,
            (),
            max(each.last_ms for each in file.streams.values()),
        )
        for file in layout.files
    ]  # fmt: skip
    store.close()
    return tables


def kinds_of(path: Path) -> dict[str, str]:
    kinds: dict[str, str] = json.loads(pq.read_schema(path).metadata[METADATA])["kinds"]
    return kinds


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def interpreted(text: str, schemas: int) -> float:
    """CPU seconds over a part of the events."""
    origin = Origin("g", "1:g", "s", 0)
    events = [
        Event(at, number, 0, 1, shown)
        for timestamps, messages in batches(INTERPRETED, schemas)
        for number, (at, shown) in enumerate(zip(timestamps, messages, strict=True))
    ]

    def run() -> None:
        interpreter = Interpreter(parse(text), CONTEXT, 10_000)
        interpreter.add(row_of(event, origin) for event in reversed(events))
        interpreter.rows()

    return cpu(run)


def compare(events: int, schemas: int, factor: float) -> bool:
    """One table of figures; are the budgets kept?"""
    with tempfile.TemporaryDirectory() as folder:
        tables = sealed(Path(folder), events, schemas)
        size = sum(Path(table.relation).stat().st_size for table in tables)
        print(
            f"\n{events:,} events, schemas: {schemas}, files: {len(tables)}, "
            f"bytes an event: {size / events:.0f}"
        )
        database = connect(threads=1)
        paths = ", ".join(f"'{table.relation}'" for table in tables)
        relation = f"read_parquet([{paths}], union_by_name = true)"
        scale, is_kept = SCALE_TO / events, True
        print(f"{'CPU s for 10 M events':<32}{'columns':>9}{'JSON text':>11}{'interpreter':>13}{'budget':>9}")
        for question in QUESTIONS:
            run = Execution(database, parse(question.text), tables, {1: "s"}, CONTEXT, 10_000)
            run._compiled()
            ours = cpu(run._compiled) * scale
            text = cpu(lambda: database.execute(question.by_hand.format(relation)).fetchall()) * scale  # noqa: B023
            plain = interpreted(question.text, schemas) * SCALE_TO / INTERPRETED
            budget = question.budget_s * factor
            is_kept &= ours <= budget
            mark = "" if ours <= budget else "  MISSED"
            print(f"{question.name:<32}{ours:>9.2f}{text:>11.1f}{plain:>13.0f}{budget:>9.1f}{mark}")
        newest = Execution(database, parse(NEWEST), tables, {1: "s"}, CONTEXT, 10_000)
        newest._compiled()
        start = time.perf_counter()
        newest._compiled()
        ms = (time.perf_counter() - start) * 1_000
        print(f"the newest hundred, wall: {ms:.0f} ms, budget {NEWEST_BUDGET_MS}")
        return is_kept and ms <= NEWEST_BUDGET_MS


SERVER = """
import sys
from pathlib import Path
from inferwatch.local.server import LocalServer
server = LocalServer(port=0, data=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
print(server.endpoint_url, flush=True)
server.serve()
"""


def beside(folder: str | None) -> None:
    """Latency of PutLogEvents, ten events each, with queries under way and without."""
    command = [sys.executable, "-c", SERVER, *([] if folder is None else [folder])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        logs = boto3.client(
            "logs",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        logs.create_log_group(logGroupName="g")
        logs.create_log_stream(logGroupName="g", logStreamName="s")
        now_ms = int(time.time() * 1_000)
        for _, messages in batches(BESIDE_EVENTS, 20):
            put(logs, now_ms, messages)
        few = next(batches(10, 1))[1]
        alone = sorted(put(logs, now_ms, few) for _ in range(PUTS))
        done, queries = threading.Event(), [0]
        asking = threading.Thread(target=ask, args=(url, now_ms // 1_000, done, queries))
        asking.start()
        together = sorted(put(logs, now_ms, few) for _ in range(PUTS))
        done.set()
        asking.join()
        server.terminate()
    place = "in memory" if folder is None else "on disk"
    for when, found in (("alone", alone), (f"beside queries ({queries[0]} ended)", together)):
        print(
            f"PutLogEvents {place}, {when}: p50 {found[PUTS // 2]:.1f} ms, "
            f"p99 {found[PUTS * 99 // 100]:.1f} ms"
        )


def put(logs: Any, now_ms: int, messages: list[str]) -> float:
    """Milliseconds that one call takes."""
    entries = [{"timestamp": now_ms, "message": shown} for shown in messages]
    start = time.perf_counter()
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=entries)
    return (time.perf_counter() - start) * 1_000


def ask(url: str, now_s: int, done: threading.Event, queries: list[int]) -> None:
    """One query after the other."""
    logs = boto3.client(
        "logs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    while not done.is_set():
        text = 'parse @message "\\"id\\":\\"*\\"" as x | stats count(*), pct(duration_ms, 99) by model, x'
        id = logs.start_query(logGroupName="g", startTime=0, endTime=now_s + 60, queryString=text)["queryId"]
        while not done.wait(0.05):
            if logs.get_query_results(queryId=id, maxItems=1)["status"] not in ("Scheduled", "Running"):
                queries[0] += 1
                break


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=1_000_000)
    events = options.parse_args().events
    print(f"Logs Insights; Python {platform.python_version()}, {platform.machine()}")
    is_kept = [compare(events, 1, 1), compare(events, 20, 2)]
    print()
    beside(None)
    with tempfile.TemporaryDirectory() as folder:
        beside(folder)
    print(f"\nbudgets: {'kept' if all(is_kept) else 'MISSED'}")
    return 0 if all(is_kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
