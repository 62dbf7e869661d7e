"""What the metric store costs: adding values, percentiles over a month, calls through boto3.

    python benchmarks/bench_metrics.py [--values 10_000_000] [--series 100] [--moto PYTHON]

CPU time of one core. Beside it, in the same run, a dict of lists that keeps every value and sorts them when
it is asked; and, where PYTHON is one that has moto[server], moto's server for the calls that both have.
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
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import numpy as np

from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = 1_795_521_600_000
DAYS = 30
A_MINUTE = 20
UNIT = "Milliseconds"
CALLS = 100


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


def add(values: int, series: list[Metric], together: int) -> None:
    """`together` values of one series and minute at a time, the series in turn."""
    batches = latencies(1_000_000).reshape(-1, together)
    store = MetricStore()

    def run() -> None:
        for call in range(values // together):
            minute, which = divmod(call, len(series))
            store.add_values(series[which], NOON_MS + minute * MINUTE_MS, UNIT, batches[call % len(batches)])

    cpu = cpu_of(run)
    print(f"add {together:>5} at a time       {cpu / values * 1e9:8.1f} ns a value, {cpu:6.2f} s")


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


def read_month(series: list[Metric]) -> None:
    p99 = parse_statistic("p99")
    assert p99 is not None
    store, first = month(series)
    print(
        f"{len(series)} series of {DAYS} days, {A_MINUTE} values a minute; at most {rss_mib():.0f} MiB so far"
    )
    for label, asked in (("one series", series[:1]), (f"{len(series)} series", series)):
        cpu = cpu_of(lambda asked=asked: [by_hour(store, metric, p99) for metric in asked])
        print(f"p99 by hour, {label:<12}{cpu * 1e3:8.1f} ms")
    cpu = cpu_of(lambda: [sorted_p99(first[hour * 60 : hour * 60 + 60]) for hour in range(DAYS * 24)])
    print(f"  dict of lists, one     {cpu * 1e3:8.1f} ms")


def by_hour(store: MetricStore, metric: Metric, statistic: Statistic) -> list[float | None]:
    periods = store.periods(metric, 3_600, NOON_MS - DAYS * DAY_MS, NOON_MS, UNIT)
    assert len(periods) == DAYS * DAY_MS // HOUR_MS
    return [statistic.of(summary) for summary in periods.values()]


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
        yield client, lambda: _used_s(process.pid)
    finally:
        process.terminate()
        process.wait()


def _used_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def call(name: str, command: list[str], port: int) -> None:
    now_s = int(time.time()) // 60 * 60
    with serving(command, port) as (client, used_s):
        values = [1.0 + number for number in range(100)]
        data = [
            {"MetricName": "m", "Timestamp": now_s - 60 * minute, "Values": values} for minute in range(20)
        ]
        client.put_metric_data(Namespace="Bench", MetricData=data)
        start = used_s()
        for _ in range(CALLS):
            client.put_metric_data(Namespace="Bench", MetricData=data)
        put = (used_s() - start) / CALLS
        start = used_s()
        for _ in range(CALLS):
            client.get_metric_statistics(
                Namespace="Bench",
                MetricName="m",
                StartTime=now_s - 1_800,
                EndTime=now_s + 60,
                Period=60,
                Statistics=["Average", "Maximum"],
            )
        read = (used_s() - start) / CALLS
    print(
        f"{name:<12} CPU a call: PutMetricData of 20 x 100 values {put * 1e3:7.2f} ms, "
        f"GetMetricStatistics {read * 1e3:7.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=10_000_000)
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--moto", metavar="PYTHON", help="a Python that has moto[server]")
    asked = parser.parse_args()
    series = metrics(asked.series)
    print(
        f"{asked.values:,} values into {asked.series} series by the minute; {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    for together in (100, 1_000):
        add(asked.values, series, together)
    add_to_lists(asked.values, series, 100)
    read_month(series)
    local = [sys.executable, "-m", "inferwatch", "local", "--memory", "--port", "4686"]
    call("inferwatch", local, 4686)
    if asked.moto:
        call("moto", [asked.moto, "-m", "moto.server", "-p", "4687"], 4687)


if __name__ == "__main__":
    main()
