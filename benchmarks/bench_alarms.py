"""What one round over every alarm costs: windows read, decided, entered.

    python benchmarks/bench_alarms.py [alarms]

CPU time of one core; the worst of five rounds counts. Of ten alarms one is on an expression over two metrics,
one on a p99, one looks at an hour, and the rest at 3 minutes out of 5. Beside it, in the same run, a naive
loop over the same alarms, as emulators do it: for each, all samples of its metric are gone through, sorted
into periods, and averaged. Its cost grows with the samples; ours, over minutes that are summed already, does
not.

Then a hundred alarms on anomaly detection bands, which learn anew every hour, over metrics of three ages: two
weeks have the hours of the weeks before, eight days those of the days before, one day some hours of itself.
"""

from __future__ import annotations

import platform
import random
import sys
import time
from collections.abc import Sequence

from inferwatch.engine.alarms.cadence import SETTLE_MS
from inferwatch.engine.alarms.definition import (
    BandComparison,
    Comparison,
    Definition,
    MathSource,
    MissingData,
)
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.query import Math, MetricQuery, MetricStat
from inferwatch.engine.metricmath import parse
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric

NOON_MS = 1_795_521_600_000
MINUTE_MS = 60_000
HISTORY_MINUTES = 70
SAMPLES_A_MINUTE = 30
ROUNDS = 5
BUDGET_S = 0.5
THRESHOLD = 95.0
BAND_ALARMS = 100


def statistic(name: str) -> Statistic:
    found = parse_statistic(name)
    assert found is not None
    return found


def definition(number: int) -> Definition:
    metric = Metric.of("NS", "Latency", {"Model": f"m{number}"})
    kind = number % 10
    periods, needed = (60, 30) if kind == 2 else (5, 3)
    stat = MetricStat(metric, 60, statistic("p99" if kind == 1 else "Average"))
    if kind != 0:
        source: MetricStat | MathSource = stat
    else:
        other = MetricStat(Metric.of("NS", "Latency", {"Model": f"m{number + 1}"}), 60, statistic("Sum"))
        source = MathSource(
            (
                MetricQuery("a", stat, returns=False),
                MetricQuery("b", other, returns=False),
                MetricQuery("e", Math("100 * a / (a + b)", parse("100 * a / (a + b)", "e"))),
            )
        )
    return Definition(
        f"alarm-{number}", source, Comparison.GREATER, THRESHOLD, periods, needed, MissingData.NOT_BREACHING
    )


def fill(engine: Engine, alarms: int, chance: random.Random) -> dict[str, list[tuple[int, float]]]:
    """Samples for each metric, into the engine and into plain lists."""
    points: dict[str, list[tuple[int, float]]] = {}
    start_ms = NOON_MS - HISTORY_MINUTES * MINUTE_MS
    for number in range(alarms):
        metric = Metric.of("NS", "Latency", {"Model": f"m{number}"})
        kept = points[f"m{number}"] = []
        for minute in range(HISTORY_MINUTES + ROUNDS):
            at_ms = start_ms + minute * MINUTE_MS
            values = [chance.uniform(0, 100) for _ in range(SAMPLES_A_MINUTE)]
            engine.metrics.add_values(metric, at_ms, "Milliseconds", values)
            kept += [(at_ms + n * 1_000, value) for n, value in enumerate(values)]
    return points


def naive_round(
    points: dict[str, list[tuple[int, float]]], definitions: Sequence[Definition], now_ms: int
) -> int:
    """Every sample of the metric, for every alarm; averages for all, whatever is asked for."""
    alarming = 0
    end_ms = now_ms - now_ms % MINUTE_MS
    for number, alarm in enumerate(definitions):
        start_ms = end_ms - alarm.evaluation_periods * MINUTE_MS
        periods: dict[int, list[float]] = {}
        for at_ms, value in points[f"m{number}"]:
            if start_ms <= at_ms < end_ms:
                periods.setdefault(at_ms - at_ms % MINUTE_MS, []).append(value)
        averages = [sum(values) / len(values) for values in periods.values()]
        alarming += sum(value > THRESHOLD for value in averages) >= alarm.needed
    return alarming


def band_definition(number: int) -> Definition:
    stat = MetricStat(Metric.of("NS", "Latency", {"Model": f"m{number}"}), 60, statistic("p99"))
    band = "ANOMALY_DETECTION_BAND(m1, 2)"
    source = MathSource(
        (MetricQuery("m1", stat), MetricQuery("ad1", Math(band, parse(band, "ad1")))), band_id="ad1"
    )
    return Definition(f"band-{number}", source, BandComparison.OUTSIDE, None, 5, 3, MissingData.NOT_BREACHING)


def band_rounds(days: int, chance: random.Random) -> list[float]:
    """CPU seconds of rounds over band alarms: the first, the next five, and that after a full hour."""
    engine = Cloud(ManualClock(NOON_MS)).engine("us-east-1")
    for number in range(BAND_ALARMS):
        metric = Metric.of("NS", "Latency", {"Model": f"m{number}"})
        for minute in range(-days * 1_440, 70):
            engine.metrics.add(metric, NOON_MS + minute * MINUTE_MS, chance.uniform(0, 100), "Milliseconds")
        engine.alarms.put(band_definition(number), {}, NOON_MS)
    seconds = []
    for minute in (5, 6, 7, 8, 9, 10, 61):
        start = time.process_time()
        engine.alarms.evaluate(engine.metrics, NOON_MS + minute * MINUTE_MS + SETTLE_MS)
        seconds.append(time.process_time() - start)
    states = {alarm.state.value for alarm in engine.alarms.all()}
    assert "INSUFFICIENT_DATA" not in states, states
    return seconds


def bands(chance: random.Random) -> bool:
    """Are band alarms within the budget, at every age of their metrics?"""
    print(f"\n{BAND_ALARMS} alarms on bands over a p99, history of one sample a minute")
    print(f"{'':>24}{'first round':>14}{'worst later':>14}{'a new hour':>14}")
    worst = 0.0
    for days in (15, 8, 1):
        seconds = band_rounds(days, chance)
        worst = max(worst, *seconds)
        first, *later, new_hour = seconds
        print(f"{f'{days} days old':>24}{first:>12.3f} s{max(later):>12.3f} s{new_hour:>12.3f} s")
    print(f"budget {BUDGET_S} s: {'kept' if worst <= BUDGET_S else 'MISSED'}")
    return worst <= BUDGET_S


def main() -> int:
    alarms = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    chance = random.Random(1)
    engine = Cloud(ManualClock(NOON_MS)).engine("us-east-1")
    points = fill(engine, alarms, chance)
    definitions = [definition(number) for number in range(alarms - 1)]
    for each in definitions:
        engine.alarms.put(each, {}, NOON_MS)
    mine, peer = [], []
    for number in range(ROUNDS):
        round_ms = NOON_MS + number * MINUTE_MS + SETTLE_MS
        start = time.process_time()
        engine.alarms.evaluate(engine.metrics, round_ms)
        mine.append(time.process_time() - start)
        start = time.process_time()
        naive_round(points, definitions, round_ms)
        peer.append(time.process_time() - start)
    states = {alarm.state.value for alarm in engine.alarms.all()}
    assert "INSUFFICIENT_DATA" not in states, states
    print(
        f"{len(definitions)} alarms, {HISTORY_MINUTES} minutes of {SAMPLES_A_MINUTE} samples each; "
        f"{platform.machine()}, Python {platform.python_version()}"
    )
    print(f"{'':>24}{'first round':>14}{'worst later':>14}{'µs an alarm':>14}")
    for name, seconds in (("engine", mine), ("naive loop", peer)):
        each_us = max(seconds[1:]) / len(definitions) * 1e6
        print(f"{name:>24}{seconds[0]:>12.3f} s{max(seconds[1:]):>12.3f} s{each_us:>14.0f}")
    print(f"{'ratio, naive to engine':>24}{peer[0] / mine[0]:>14.1f}{max(peer[1:]) / max(mine[1:]):>14.1f}")
    is_within = max(mine) / len(definitions) * 1_000 <= BUDGET_S
    print(f"budget {BUDGET_S} s for 1,000 alarms: {'kept' if is_within else 'MISSED'}")
    return 0 if bands(chance) and is_within else 1


if __name__ == "__main__":
    sys.exit(main())
