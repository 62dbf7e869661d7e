"""How much of ordinary traffic leaves a band of two deviations, how its edges jump, and what it finds.

    python benchmarks/bench_bands.py

Traffic of many kinds, one value a minute, two seeds each; the last day is judged by the days before it. The
incident is a level three times the median of its hour. Ordinary points outside should be near one of twenty,
or less where values are few and far between.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from statistics import median

from inferwatch.engine.anomaly.bands import Bands
from inferwatch.engine.metricdata.query import Band, MetricQuery, MetricStat
from inferwatch.engine.metricmath import Call, Grid
from inferwatch.engine.metrics.statistics import Statistic
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = 1_795_521_600_000
METRIC = Metric("Bench", "Value")
STAT = MetricStat(METRIC, 60, Statistic("Average"))
BAND = Band(Call("ANOMALY_DETECTION_BAND", ()), (MetricQuery("m", STAT),), 2.0)
DAYS = (14, 4, 1)
SEEDS = 2
OUTSIDE_MAX = 0.06

Traffic = Callable[[int], float]


def day(minute: int) -> float:
    return 1 + 0.6 * math.sin(minute / 1_440 * math.tau)


def count(chance: random.Random, mean: float) -> float:
    """Poisson's."""
    least, found, left = math.exp(-mean), 0, chance.random()
    while left > least:
        found, left = found + 1, left * chance.random()
    return float(found)


def kinds(chance: random.Random) -> dict[str, Traffic]:
    levels = [1 + chance.gauss(0, 0.08) for _ in range(max(DAYS) + 1)]
    week = [1, 1, 1, 1, 1, 0.3, 0.3]
    return {
        "flat, noise of 5 %": lambda _: chance.gauss(100, 5),
        "constant": lambda _: 7.0,
        "daily cycle": lambda at: 100 * day(at) + chance.gauss(0, 5),
        "daily cycle, days differ by 8 %": lambda at: (
            100 * day(at) * levels[at // 1_440] + chance.gauss(0, 5)
        ),
        "weekly cycle": lambda at: 100 * day(at) * week[at // 1_440 % 7] + chance.gauss(0, 5),
        "bursts, 3 % of minutes": lambda _: (500 if chance.random() < 0.03 else 100) + chance.gauss(0, 5),
        "counts, 0.1 a minute": lambda _: count(chance, 0.1),
        "counts, 0.7 a minute": lambda _: count(chance, 0.7),
        "counts, 4 a minute": lambda _: count(chance, 4),
        "counts, daily cycle, 2 to 7": lambda at: count(chance, 4 * day(at) + 0.5),
        "latency, long tail (lognormal 0.8)": lambda _: chance.lognormvariate(6, 0.8),
    }


def measure(name: str, days: int, seed: int) -> tuple[float, float, float]:
    """Shares: of points outside, of the width that the upper edge jumps at an hour, of incidents found."""
    traffic = kinds(random.Random(seed))[name]
    values = {
        NOON_MS + minute * MINUTE_MS: traffic(days * 1_440 + minute) for minute in range(-days * 1_440, 1_440)
    }
    store = MetricStore()
    for at, value in values.items():
        store.add(METRIC, at, value, "None")
    upper, lower = Bands(store).edges(BAND, Grid(NOON_MS, NOON_MS + DAY_MS, 60), NOON_MS + DAY_MS)
    hours = range(NOON_MS + HOUR_MS, NOON_MS + DAY_MS, HOUR_MS)
    outside = sum(not lower[at] <= values[at] <= upper[at] for at in upper) / len(upper)
    jumps = [abs(upper[at] - upper[at - MINUTE_MS]) / (upper[at] - lower[at]) for at in hours]
    usual = [median(values[at + minute * MINUTE_MS] for minute in range(60)) for at in hours]
    found = [3 * max(1.0, level) > upper[at + HOUR_MS // 2] for at, level in zip(hours, usual, strict=True)]
    return outside, sum(jumps) / len(jumps), sum(found) / len(found)


def main() -> int:
    print("| traffic | days of past | outside | jump at the hour | incidents found |")
    print("|---|---|---|---|---|")
    worst = 0.0
    for name in kinds(random.Random(0)):
        for days in DAYS:
            seen = [measure(name, days, seed) for seed in range(SEEDS)]
            outside, jump, found = (sum(column) / SEEDS for column in zip(*seen, strict=True))
            worst = max(worst, outside)
            print(f"| {name} | {days} | {outside:.1%} | {jump:.1%} | {found:.0%} |")
    return 0 if worst <= OUTSIDE_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
