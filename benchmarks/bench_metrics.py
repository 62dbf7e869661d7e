"""What the metric store costs: adding values, percentiles over a month, checkpoints, calls through boto3.

    python benchmarks/bench_metrics.py [--values 10_000_000] [--series 100]
                                       [--moto PYTHON] [--prometheus PROGRAM]

CPU time of one core. Beside it, in the same run, a dict of lists that keeps every value and sorts them when
it is asked; where PYTHON is one that has moto[server], moto's server for the calls that both have; and where
PROGRAM is Prometheus, the same values by remote write and the same percentiles by range query, each server's
CPU with all of its processes. Debian's need not be installed:

    apt-get download prometheus && dpkg -x prometheus_*.deb unpacked    # unpacked/usr/bin/prometheus
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import numpy as np
import prometheus_peer

from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Change, Metric, MetricStore
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = 1_795_521_600_000
DAYS = 30
A_MINUTE = 20
UNIT = "Milliseconds"
CALLS = 100
ADD_BUDGET_S, ONE_BUDGET_S, ALL_BUDGET_S = 4.0, 0.030, 3.0
BUDGET_VALUES, BUDGET_SERIES = 10_000_000, 100
PEER_DAYS, PEER_SERIES, PEER_READS = 13, 5, 10  # PutMetricData takes two weeks


def latencies(count: int) -> Any:
    return np.random.default_rng(1).lognormal(6, 1, count)


def cpu_of(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def rss_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def metrics(count: int) -> list[Metric]:
    return [Metric.of("Bench", "duration_ms", {"series": str(number)}) for number in range(count)]


def within(label: str, spent_s: float, budget_s: float) -> bool:
    is_within = spent_s <= budget_s
    print(f"  budget {budget_s:g} s for {label}: {'kept' if is_within else 'MISSED'}")
    return is_within


def add(values: int, series: list[Metric], together: int) -> bool:
    """`together` values of one series and minute at a time, the series in turn; is the budget kept?"""
    batches = latencies(1_000_000).reshape(-1, together)
    store = MetricStore()

    def run() -> None:
        for call in range(values // together):
            minute, which = divmod(call, len(series))
            store.add_values(series[which], NOON_MS + minute * MINUTE_MS, UNIT, batches[call % len(batches)])

    cpu = cpu_of(run)
    print(f"add {together:>5} at a time       {cpu / values * 1e9:8.1f} ns a value, {cpu:6.2f} s")
    return within(f"{BUDGET_VALUES:,} values", cpu / values * BUDGET_VALUES, ADD_BUDGET_S)


def add_to_lists(values: int, series: list[Metric], together: int) -> None:
    batches = latencies(1_000_000).reshape(-1, together).tolist()
    kept: dict[tuple[Metric, int], list[float]] = defaultdict(list)

    def run() -> None:
        for call in range(values // together):
            minute, which = divmod(call, len(series))
            kept[series[which], minute] += batches[call % len(batches)]

    cpu = cpu_of(run)
    print(f"  dict of lists          {cpu / values * 1e9:8.1f} ns a value, {cpu:6.2f} s (every value kept)")


def month(series: list[Metric]) -> tuple[MetricStore, list[list[float]]]:
    """Thirty days of every series, a list a minute; and the first one's values."""
    chance = random.Random(1)
    minutes = latencies(A_MINUTE * 5_000).reshape(-1, A_MINUTE).tolist()
    store = MetricStore()
    first: list[list[float]] = []
    for metric in series:
        for minute in range(DAYS * 1_440):
            values = minutes[chance.randrange(len(minutes))]
            store.add_values(metric, NOON_MS - DAYS * DAY_MS + minute * MINUTE_MS, UNIT, values)
            if metric is series[0]:
                first.append(values)
    store.forget(NOON_MS)
    return store, first


def read_month(series: list[Metric]) -> bool:
    """Are the budgets kept?"""
    p99 = parse_statistic("p99")
    assert p99 is not None
    store, first = month(series)
    print(
        f"{len(series)} series of {DAYS} days, {A_MINUTE} values a minute; at most {rss_mib():.0f} MiB so far"
    )
    one = cpu_of(lambda: by_hour(store, series[0], p99))
    print(f"p99 by hour, one series  {one * 1e3:8.1f} ms")
    kept = within("one series", one, ONE_BUDGET_S)
    whole = cpu_of(lambda: [by_hour(store, metric, p99) for metric in series])
    print(f"p99 by hour, {len(series)} series {whole * 1e3:8.1f} ms")
    kept &= within(f"{BUDGET_SERIES} series", whole / len(series) * BUDGET_SERIES, ALL_BUDGET_S)
    cpu = cpu_of(lambda: [sorted_p99(first[hour * 60 : hour * 60 + 60]) for hour in range(DAYS * 24)])
    print(f"  dict of lists, one     {cpu * 1e3:8.1f} ms")
    return kept


def by_hour(store: MetricStore, metric: Metric, statistic: Statistic) -> list[float | None]:
    periods = store.periods(metric, 3_600, NOON_MS - DAYS * DAY_MS, NOON_MS, UNIT)
    assert len(periods) == DAYS * DAY_MS // HOUR_MS
    return [statistic.of(summary) for summary in periods.values()]


def checkpoints(series: list[Metric], minutes: int) -> None:
    """What the engine's own thread does of one, what another does, and what a start does.

    Between two checkpoints two minutes of every series are added to.
    """
    batches = latencies(A_MINUTE * 1_000).reshape(-1, A_MINUTE).tolist()
    store = MetricStore()

    def fill(first: int, last: int) -> None:
        for minute in range(first, last):
            for number, metric in enumerate(series):
                store.add_values(
                    metric, NOON_MS + minute * MINUTE_MS, UNIT, batches[(number + minute) % 1_000]
                )

    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Checkpoint(Path(folder) / "metrics.db")
        fill(0, minutes)
        checkpoint.save(store.take_changes(), 1)
        fill(minutes - 1, minutes + 1)
        changes: list[Change] = []
        take = cpu_of(lambda: changes.extend(store.take_changes()))
        save = cpu_of(lambda: checkpoint.save(changes, 2))
        load = cpu_of(lambda: checkpoint.load(MetricStore()))
        checkpoint.close()
    print(
        f"checkpoint of {len(series)} series: take {take * 1e3:.1f} ms, save {save * 1e3:.1f} ms; "
        f"load {minutes} minutes of each {load * 1e3:.0f} ms"
    )


def sorted_p99(minutes: list[list[float]]) -> float:
    values = sorted(value for minute in minutes for value in minute)
    return values[int(len(values) * 0.99)]


@contextmanager
def serving(command: list[str], port: int) -> Iterator[tuple[Any, Callable[[], float]]]:
    """A client of a server process, and what CPU seconds the process has used."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        client = boto3.client(
            "cloudwatch",
            region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )
        yield client, lambda: used_s(process.pid)
    finally:
        process.terminate()
        process.wait()


def used_s(pid: int) -> float:
    """CPU of a process and its children, those that ended too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(used_s(int(child)) for child in children)


def spent_on(used: Callable[[], float], work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """CPU seconds of one time, and what came of it."""
    start = used()
    for _ in range(times):
        found = work()
    return (used() - start) / times, found


def call(name: str, command: list[str], port: int) -> None:
    now_s = int(time.time()) // 60 * 60
    with serving(command, port) as (client, used_s):
        values = [1.0 + number for number in range(100)]
        data = [
            {"MetricName": "m", "Timestamp": now_s - 60 * minute, "Values": values} for minute in range(20)
        ]
        client.put_metric_data(Namespace="Bench", MetricData=data)
        put, _ = spent_on(used_s, lambda: client.put_metric_data(Namespace="Bench", MetricData=data), CALLS)
        read, _ = spent_on(
            used_s,
            lambda: client.get_metric_statistics(
                Namespace="Bench",
                MetricName="m",
                StartTime=now_s - 1_800,
                EndTime=now_s + 60,
                Period=60,
                Statistics=["Average", "Maximum"],
            ),
            CALLS,
        )
    print(
        f"{name:<12} CPU a call: PutMetricData of 20 x 100 values {put * 1e3:7.2f} ms, "
        f"GetMetricStatistics {read * 1e3:7.2f} ms"
    )


def beside_prometheus(local: list[str], port: int, program: str) -> None:
    """The same values put and the same percentiles read over HTTP: CPU of each server."""
    end_s = int(time.time()) // 3_600 * 3_600
    minutes = PEER_DAYS * 1_440
    values = latencies(PEER_SERIES * minutes * A_MINUTE).reshape(PEER_SERIES, minutes, A_MINUTE)
    with serving(local, port) as (client, ours_s):
        mine = _put_and_read(client, values, end_s, ours_s)
    with prometheus_peer.serving(program, port + 2) as peer:
        theirs = _write_and_query(peer, values, end_s)
    for (label, spent, p99s), (_, peer_spent, peer_p99s) in zip(mine, theirs, strict=True):
        assert np.allclose(p99s, peer_p99s, rtol=0.11), "the percentiles differ by more than a bin"
        print(
            f"{label:<44} inferwatch {spent * 1e3:9.1f} ms, Prometheus {peer_spent * 1e3:9.1f} ms, "
            f"ratio {spent / peer_spent:.2f}"
        )


Row = tuple[str, float, Any]


def _put_and_read(client: Any, values: Any, end_s: int, used: Callable[[], float]) -> list[Row]:
    start_s = end_s - PEER_DAYS * 86_400

    def put() -> None:
        for number, series in enumerate(values.tolist()):
            data = [
                {
                    "MetricName": "duration_ms",
                    "Dimensions": [{"Name": "series", "Value": str(number)}],
                    "Timestamp": start_s + 60 * minute,
                    "Values": inner,
                }
                for minute, inner in enumerate(series)
            ]
            for first in range(0, len(data), 1_000):
                client.put_metric_data(Namespace="Bench", MetricData=data[first : first + 1_000])

    def read(count: int) -> list[float]:
        queries = [
            {
                "Id": f"m{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "Bench",
                        "MetricName": "duration_ms",
                        "Dimensions": [{"Name": "series", "Value": str(number)}],
                    },
                    "Period": 3_600,
                    "Stat": "p99",
                },
            }
            for number in range(count)
        ]
        found = client.get_metric_data(
            MetricDataQueries=queries, StartTime=start_s, EndTime=end_s, ScanBy="TimestampAscending"
        )
        return [value for result in found["MetricDataResults"] for value in result["Values"]]

    return _rows(used, put, read, values.size)


def _write_and_query(peer: prometheus_peer.Prometheus, values: Any, end_s: int) -> list[Row]:
    start_s = end_s - PEER_DAYS * 86_400
    every_ms = MINUTE_MS // A_MINUTE

    def write() -> None:
        """An hour of every series at a time: Prometheus takes them in the order of time."""
        for hour in range(PEER_DAYS * 24):
            part = values[:, hour * 60 : hour * 60 + 60].reshape(len(values), -1)
            at_ms = (start_s + hour * 3_600) * 1_000 + np.arange(part.shape[1]) * every_ms
            peer.write([(str(number), at_ms, inner) for number, inner in enumerate(part)])

    def query(count: int) -> list[float]:
        asked = f'duration_ms{{series=~"[0-{count - 1}]"}}[1h]'
        found = peer.range(f"quantile_over_time(0.99, {asked})", start_s + 3_600, end_s, 3_600)
        return [value for series in found for _, value in series]

    return _rows(lambda: used_s(peer.pid), write, query, values.size)


def _rows(
    used: Callable[[], float], put: Callable[[], None], read: Callable[[int], list[float]], count: int
) -> list[Row]:
    spent, _ = spent_on(used, put)
    rows: list[Row] = [(f"{count:,} values put", spent, [])]
    for series in (1, PEER_SERIES):
        spent, found = spent_on(used, lambda series=series: read(series), PEER_READS)
        assert len(found) == series * PEER_DAYS * 24
        rows.append((f"p99 by hour over {PEER_DAYS} days, {series} series", spent, found))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=10_000_000)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--moto", metavar="PYTHON", help="a Python that has moto[server]")
    parser.add_argument("--prometheus", metavar="PROGRAM", help="Prometheus 2.33 or newer")
    asked = parser.parse_args()
    series = metrics(asked.series)
    print(
        f"{asked.values:,} values into {asked.series} series by the minute; {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    kept = [add(asked.values, series, together) for together in (100, 1_000)]
    add_to_lists(asked.values, series, 100)
    kept.append(read_month(series))
    checkpoints(metrics(1_000), 200)
    local = [sys.executable, "-m", "inferwatch", "local", "--memory", "--port", "4686"]
    call("inferwatch", local, 4686)
    if asked.moto:
        call("moto", [asked.moto, "-m", "moto.server", "-p", "4687"], 4687)
    if asked.prometheus:
        beside_prometheus(local, 4686, asked.prometheus)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
