"""Whatever is measured, in whatever order: summaries add up, and their figures stay in bounds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inferwatch.engine.metrics.block import Block, group
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = 1_795_521_600_000
AT_LARGE = bool(os.environ.get("INFERWATCH_SOAK"))
M = Metric.of("NS", "m", {})

positive = st.floats(0, 2.0**360) | st.integers(0, 10_000).map(float) | st.sampled_from([1.1**9, 1.21, 1.0])
anything = positive | positive.map(lambda value: -value)
# Whole numbers, so that sums do not depend on their order.
whole = st.integers(-50, 2_000).map(float)


def _summary(values: Sequence[float]) -> Histogram:
    made = Histogram()
    for value in values:
        made.add(value)
    return made


def _merged(parts: Sequence[Histogram]) -> Histogram:
    total = Histogram()
    for part in parts:
        total.merge(part)
    return total


def _statistic(name: str) -> Statistic:
    found = parse_statistic(name)
    assert found is not None
    return found


@given(st.lists(st.lists(whole, max_size=8), min_size=1, max_size=5))
def test_merging_is_adding_all_values_at_once(parts: list[list[float]]) -> None:
    """However they are grouped: from the left, from the right, or in columns."""
    summaries = [_summary(part) for part in parts]
    expected = _summary([value for part in parts for value in part])

    from_left = _merged(summaries)
    from_right = reduce(lambda right, left: _merged([left, right]), reversed(summaries))
    in_columns = group([Block.of({0: summary}) for summary in summaries], MINUTE_MS).histograms()[0]

    assert from_left == from_right == in_columns == expected


@given(st.lists(anything, min_size=1, max_size=12), st.integers(10, 60), anything)
def test_an_array_is_added_as_its_values_are(values: list[float], times: int, before: float) -> None:
    """To the last bit, however many values there are, and near the edges of bins too."""
    together, apart = _summary([before]), _summary([before])

    together.add_values(values * times)
    for value in values * times:
        apart.add(value)

    assert together == apart


@given(st.lists(positive, min_size=1, max_size=60), st.floats(0, 100), st.floats(0, 100))
def test_percentiles_lie_between_the_extremes_and_never_fall(
    values: list[float], one: float, other: float
) -> None:
    """p grows with its percentage."""
    summary = _summary(values)
    low, high = sorted((one, other))

    found = [summary.percentile(p) for p in (0, low, high, 100)]

    assert found[0] == min(values)
    assert found[3] == max(values)
    assert all(value is not None for value in found)
    assert found == sorted(found, key=lambda value: value or 0.0)


@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=60),
    st.integers(0, 99),
    st.integers(1, 100),
)
def test_trimmed_figures_agree_with_each_other(values: list[float], low: int, width: int) -> None:
    """TS = TM x TC, means lie between the extremes, and what is kept and what is not are the whole."""
    summary = _summary(values)
    kept = f"({low}%:{min(low + width, 100)}%)"
    mean, count, total = (_statistic(f"{name}{kept}").of(summary) for name in ("TM", "TC", "TS"))
    winsorized = _statistic(f"WM{kept}").of(summary)
    middle = (min(values) + max(values)) / 2
    parts = [_statistic(name).of(summary) for name in (f"PR(:{middle!r})", f"PR({middle!r}:)")]

    assert mean is not None
    assert count is not None
    assert winsorized is not None
    assert total == pytest.approx(mean * count, rel=1e-9)
    assert min(values) * (1 - 1e-9) <= mean <= max(values) * (1 + 1e-9)
    assert min(values) * (1 - 1e-9) <= winsorized <= max(values) * (1 + 1e-9)
    assert sum(part or 0.0 for part in parts) == pytest.approx(100)


points = st.lists(st.tuples(st.integers(0, 100 * 24 * 60), whole), min_size=1, max_size=40)


@given(points, st.integers(0, 470))
def test_what_is_rolled_up_is_the_sum_of_its_minutes(given_points: list[tuple[int, float]], age: int) -> None:
    """By the day, whatever became of the minutes meanwhile."""
    day_ms = NOON_MS - NOON_MS % DAY_MS
    kept, rolled = MetricStore(), MetricStore()
    for minute, value in given_points:
        for store in (kept, rolled):
            store.add(M, day_ms + minute * MINUTE_MS, value, "None")

    for day in range(0, age, 9):
        rolled.forget(day_ms + day * DAY_MS)

    last = (age - 1) // 9 * 9 if age else 0
    whole_window = (day_ms + max(last - 455, 0) * DAY_MS, day_ms + 200 * DAY_MS)
    assert rolled.periods(M, 86_400, *whole_window, "None") == kept.periods(M, 86_400, *whole_window, "None")


class StoreAgainstAList(RuleBasedStateMachine):
    """Points of each resolution at any time of two weeks, sweeps, checkpoints and restarts, beside a list."""

    @initialize()
    def start(self) -> None:
        self.store = MetricStore()
        self.checkpoint = Checkpoint(None)
        self.now_ms = NOON_MS - NOON_MS % DAY_MS
        self.points: list[tuple[int, float]] = []

    @rule(
        age=st.integers(-120, 20_160) | st.integers(-120, 200),
        second=st.integers(0, 59),
        value=whole,
        resolution_s=st.sampled_from([1, 60]),
        minutes=st.sampled_from([1, 1, 1, 700]),
    )
    def add(self, age: int, second: int, value: float, resolution_s: int, minutes: int) -> None:
        for minute in range(minutes):
            at_ms = self.now_ms - (age - minute) * MINUTE_MS + second * 1_000
            self.store.add(M, at_ms, value, "None", resolution_s=resolution_s)
            self.points.append((at_ms, value))

    @rule(hours=st.sampled_from([1, 5, 30, 24 * 16, 24 * 50]))
    def move_on(self, hours: int) -> None:
        self.now_ms += hours * HOUR_MS
        self.store.forget(self.now_ms)

    @rule()
    def save(self) -> None:
        self.checkpoint.save(self.store.take_changes(), 0)

    @rule()
    def restart(self) -> None:
        self.save()
        self.store = MetricStore()
        self.checkpoint.load(self.store)

    def teardown(self) -> None:
        self.checkpoint.close()

    @invariant()
    def days_are_whole(self) -> None:
        if not self.points:
            return
        oldest_ms = self.now_ms - 455 * DAY_MS
        first_ms = max(min(at for at, _ in self.points), oldest_ms + DAY_MS)
        first_ms -= first_ms % DAY_MS
        expected: dict[int, Histogram] = {}
        for at_ms, value in self.points:
            if at_ms >= first_ms:
                expected.setdefault(at_ms - at_ms % DAY_MS, Histogram()).add(value)

        found = self.store.periods(M, 86_400, first_ms, self.now_ms + 3 * DAY_MS, "None")

        assert found == dict(sorted(expected.items()))


StoreAgainstAList.TestCase.settings = settings(
    max_examples=1_000 if AT_LARGE else 25, stateful_step_count=12, deadline=None
)
TestStoreAgainstAList = StoreAgainstAList.TestCase
