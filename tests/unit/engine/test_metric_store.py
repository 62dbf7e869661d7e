"""Points in, summaries out: seconds, minutes, what they are rolled up to, and bytes that bring them back."""

from __future__ import annotations

import sys
from subprocess import run

import pytest

from inferwatch.engine.metrics import summaries
from inferwatch.engine.metrics.block import Block, DamagedBlock, group, pack_one, unpack_one
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.retention import on_grid
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z
LATENCY = Metric.of("NS", "latency", {"model": "m"})


def _sums(store: MetricStore, period_s: int, start_ms: int, end_ms: int) -> dict[int, float]:
    found = store.periods(LATENCY, period_s, start_ms, end_ms, "None")
    return {(at - start_ms) // 1_000: summary.sum for at, summary in found.items()}


def _filled(minutes: int, start_ms: int) -> MetricStore:
    """A minute's value is its number, from 1."""
    store = MetricStore()
    for minute in range(minutes):
        store.add(LATENCY, start_ms + minute * MINUTE_MS, minute + 1.0, "None")
    return store


def test_points_of_one_second_are_read_by_the_second_and_by_the_minute() -> None:
    """Those of a minute lie at its start, whatever second they came in."""
    store = MetricStore()
    store.add(LATENCY, NOON_MS + 12_900, 1.0, "None", resolution_s=1)
    store.add(LATENCY, NOON_MS + 13_000, 2.0, "None", resolution_s=1)
    store.add(LATENCY, NOON_MS + 45_000, 4.0, "None")

    by_second, by_ten, by_minute = (
        _sums(store, period, NOON_MS, NOON_MS + MINUTE_MS) for period in (1, 10, 60)
    )

    assert by_second == {0: 4.0, 12: 1.0, 13: 2.0}
    assert by_ten == {0: 4.0, 10: 3.0}
    assert by_minute == {0: 7.0}


def test_reading_changes_nothing() -> None:
    """Periods are read from the summaries that points still come into: added up beside them, not in them."""
    store = _filled(10, NOON_MS)
    window = (NOON_MS, NOON_MS + 10 * MINUTE_MS)

    by_five = [_sums(store, 300, *window) for _ in range(2)]
    by_minute = _sums(store, 60, *window)

    assert by_five == [{0: 15.0, 300: 40.0}] * 2
    assert by_minute == {60 * n: n + 1.0 for n in range(10)}


def test_seconds_are_minutes_after_three_hours() -> None:
    """Nothing is lost, only the seconds."""
    store = MetricStore()
    for second in range(120):
        store.add(LATENCY, NOON_MS + second * 1_000, 1.0, "None", resolution_s=1)

    store.forget(NOON_MS + 4 * HOUR_MS)

    assert _sums(store, 60, NOON_MS, NOON_MS + 3 * MINUTE_MS) == {0: 60.0, 60: 60.0}
    assert _sums(store, 1, NOON_MS, NOON_MS + 3 * MINUTE_MS) == {0: 60.0, 60: 60.0}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (14, {0: 1.0, 60: 2.0, 120: 3.0}),
        (17, {0: 1 + 2 + 3 + 4 + 5.0}),
        (65, {0: float(sum(range(1, 61)))}),
        (454, {0: float(sum(range(1, 61)))}),
        (458, {}),
    ],
)
def test_summaries_grow_longer_with_age(days: int, expected: dict[int, float]) -> None:
    """Minutes for fifteen days, five minutes for sixty-three, hours for 455, and then nothing."""
    store = _filled(60, NOON_MS)

    for day in range(1, days + 1):
        store.forget(NOON_MS + day * DAY_MS)

    assert _sums(store, 60, NOON_MS, NOON_MS + 3 * MINUTE_MS) == expected
    assert sum(_sums(store, 3_600, NOON_MS, NOON_MS + HOUR_MS).values()) == (1_830.0 if expected else 0)
    assert bool(store.take_changes()) is bool(expected)


def test_a_late_point_is_added_to_what_was_packed_long_ago() -> None:
    """A point may be two weeks late."""
    store = _filled(3 * 1_440, NOON_MS)

    store.add(LATENCY, NOON_MS + MINUTE_MS, 100.0, "None")

    assert _sums(store, 60, NOON_MS, NOON_MS + 3 * MINUTE_MS) == {0: 1.0, 60: 102.0, 120: 3.0}


def test_most_minutes_are_packed_and_the_newest_are_not() -> None:
    """Alarms read the open ones, which costs no array."""
    store = _filled(2 * 1_440, NOON_MS)

    (change,) = store.take_changes()
    saved = [item for item in change.summaries if isinstance(item, summaries.Saved)]

    assert 0 < sum(item.is_open for item in saved) <= summaries._OPEN_MAX
    assert {item.start_ms for item in saved if not item.is_open} == {
        NOON_MS - NOON_MS % DAY_MS + day * DAY_MS for day in range(3)
    }
    assert max(item.start_ms for item in saved) == NOON_MS + (2 * 1_440 - 1) * MINUTE_MS


@pytest.mark.parametrize("period_s", [60, 300, 3_600, DAY_MS // 1_000])
def test_simple_statistics_need_no_bins(period_s: int) -> None:
    """Whether summaries are open, packed or both; zero and negative values count as any other."""
    store = _filled(3 * 1_440, NOON_MS)
    for minute, value in enumerate((0.0, -7.5, 12.25)):
        store.add(LATENCY, NOON_MS + minute * MINUTE_MS, value, "None", 3.0)
    window = (NOON_MS, NOON_MS + 3 * DAY_MS)

    with_bins = store.periods(LATENCY, period_s, *window, "None")
    without = store.periods(LATENCY, period_s, *window, "None", binned=False)

    assert len(without) == 3 * DAY_MS // (period_s * 1_000)
    assert [_simple(summary) for summary in without.values()] == [
        _simple(summary) for summary in with_bins.values()
    ]
    assert list(without) == list(with_bins)


def _simple(summary: Histogram) -> tuple[float, float, float, float]:
    return summary.count, summary.sum, summary.minimum, summary.maximum


def test_units_are_told_by_open_and_by_packed_summaries() -> None:
    """And only by those in the window."""
    store = _filled(1_440, NOON_MS)
    store.add(LATENCY, NOON_MS + 5 * MINUTE_MS, 1.0, "Seconds")

    assert store.units(LATENCY, NOON_MS, NOON_MS + 5 * MINUTE_MS) == ["None"]
    assert store.units(LATENCY, NOON_MS, NOON_MS + 6 * MINUTE_MS) == ["Seconds", "None"]
    assert store.units(LATENCY, NOON_MS + DAY_MS, NOON_MS + 2 * DAY_MS) == []


def test_a_period_that_is_not_whole_is_left_out() -> None:
    """The last one counts only if it ends in the window."""
    store = _filled(10, NOON_MS)

    assert _sums(store, 240, NOON_MS + MINUTE_MS, NOON_MS + 10 * MINUTE_MS) == {0: 14.0, 240: 30.0}


def test_damaged_bytes_are_never_read() -> None:
    """One changed byte anywhere, bytes missing, and none at all."""
    data = pack_one(NOON_MS, Histogram(1.0, 2.0, 2.0, 2.0, True, {7: 1.0}))

    wrong = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(len(data))]
    for changed in (*wrong, data[:-1], data + b"\0", b"", data[:10]):
        with pytest.raises(DamagedBlock):
            Block.from_bytes(changed)
        with pytest.raises(DamagedBlock):
            unpack_one(changed)


@pytest.mark.parametrize("bins", [{}, {7: 1.0}, {-7_001: 2.5, 3: 0.1, -4: 1e300}])
def test_one_summary_alone_is_packed_as_a_block_is(bins: dict[int, float]) -> None:
    """To the byte, and read by either."""
    summary = Histogram(3.0, 0.1, -2.0, 5.5, not bins, bins)

    data = pack_one(NOON_MS, summary)

    assert data == Block.of({NOON_MS: summary}).to_bytes()
    assert unpack_one(data) == Block.from_bytes(data).histograms()[NOON_MS] == summary


def test_a_block_of_several_is_not_taken_for_one() -> None:
    """Whole, but something else."""
    data = Block.of({0: Histogram(), MINUTE_MS: Histogram()}).to_bytes()

    with pytest.raises(DamagedBlock, match="a block of 2 summaries"):
        unpack_one(data)


def test_histograms_that_are_too_wide_for_a_table_are_counted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A value of every size in every minute."""
    rows = {
        minute * MINUTE_MS: Histogram(2.0, 0.0, 1.0, 9.0, True, {minute * 90 - 7_000: 1.0, 5: 1.0})
        for minute in range(100)
    }
    parts = [Block.of(rows), Block.of(rows)]
    in_a_table = group(parts, 7 * MINUTE_MS).histograms()

    monkeypatch.setattr("inferwatch.engine.metrics.block._DENSE_MAX", 0)
    sorted_instead = group(parts, 7 * MINUTE_MS).histograms()

    assert sorted_instead == in_a_table
    assert in_a_table[0].bins == {minute * 90 - 7_000: 2.0 for minute in range(7)} | {5: 14.0}


@pytest.mark.parametrize(
    ("age_ms", "period_s", "floor_ms"),
    [
        (HOUR_MS, 1, 1_000),
        (HOUR_MS, 10, 10_000),
        (HOUR_MS, 60, MINUTE_MS),
        (HOUR_MS, 300, MINUTE_MS),
        (3 * HOUR_MS + 1, 30, None),
        (15 * DAY_MS, 60, MINUTE_MS),
        (15 * DAY_MS + 1, 60, None),
        (15 * DAY_MS + 1, 300, 5 * MINUTE_MS),
        (63 * DAY_MS, 300, 5 * MINUTE_MS),
        (63 * DAY_MS + 1, 300, None),
        (63 * DAY_MS + 1, 3_600, HOUR_MS),
        (500 * DAY_MS, 3_600, HOUR_MS),
    ],
)
def test_the_age_of_the_start_decides_the_grid(age_ms: int, period_s: int, floor_ms: int | None) -> None:
    """The table of GetMetricStatistics: what the start is rounded to, and which periods have data."""
    now_ms = NOON_MS + 37 * MINUTE_MS + 41_234

    found = on_grid(now_ms - age_ms, now_ms, period_s, now_ms)

    if floor_ms is None:
        assert found is None
    else:
        start_ms = now_ms - age_ms
        assert found == (start_ms - start_ms % floor_ms, now_ms - now_ms % (period_s * 1_000))


def test_a_small_store_needs_no_arrays() -> None:
    """numpy costs more to import than a small engine does."""
    script = (
        "import sys\n"
        "from inferwatch.engine.metrics.store import Metric, MetricStore\n"
        "store = MetricStore()\n"
        "store.add_values(Metric('NS', 'm'), 0, 'None', [1.0, 2.0])\n"
        "found = store.periods(Metric('NS', 'm'), 60, 0, 60_000, 'None')\n"
        "assert found[0].percentile(50) is not None\n"
        "store.forget(0)\n"
        "assert 'numpy' not in sys.modules\n"
    )

    assert run([sys.executable, "-c", script], capture_output=True, check=False, text=True).stderr == ""
