"""What a metric's past says its values should be."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from math import sqrt
from zoneinfo import ZoneInfo

import pytest

from inferwatch.engine.anomaly.bands import Bands
from inferwatch.engine.anomaly.detector import SingleMetric, Status, Training, subject_of
from inferwatch.engine.anomaly.expectation import HISTORY_MIN, Expectation, between, expect
from inferwatch.engine.anomaly.training import cycles, recent
from inferwatch.engine.metricdata.query import Band, MetricQuery, MetricStat
from inferwatch.engine.metricmath import Call, Grid
from inferwatch.engine.metrics.statistics import Statistic
from inferwatch.engine.metrics.store import Metric, MetricStore

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
NOON_MS = 1_795_521_600_000
LATENCY = Metric("NS", "Latency")
SUBJECT = SingleMetric(LATENCY, "Average")
BAND = Band(
    Call("ANOMALY_DETECTION_BAND", ()),
    (MetricQuery("m", MetricStat(LATENCY, 60, Statistic("Average"))),),
    2.0,
)


@pytest.fixture
def store() -> MetricStore:
    return MetricStore()


@pytest.fixture
def bands(store: MetricStore) -> Bands:
    return Bands(store)


def _fill(store: MetricStore, start_ms: int, values: list[float]) -> None:
    """One value a minute."""
    for place, value in enumerate(values):
        store.add(LATENCY, start_ms + place * MINUTE_MS, value, "None")


def _at(bands: Bands, at_ms: int, now_ms: int | None = None) -> tuple[float, float] | None:
    """(upper, lower) in one minute."""
    grid = Grid(at_ms, at_ms + MINUTE_MS, 60)
    upper, lower = bands.edges(BAND, grid, at_ms if now_ms is None else now_ms)
    return (upper[at_ms], lower[at_ms]) if upper else None


def test_edges_are_so_many_deviations_from_the_mean_of_the_middle() -> None:
    """1…13: the mean is 7, the mean square of 0…6 is 13; of thirteen values, two thirteenths more."""
    expected = expect([[float(value) for value in range(1, 14)]])

    assert expected is not None
    deviation = sqrt(13) * (1 + 2 / 13)
    assert expected.centre == pytest.approx(7)
    assert (expected.upper(1), expected.lower(1)) == pytest.approx((7 + deviation, 7 - deviation))


def test_a_spike_in_the_past_widens_little() -> None:
    """A thousand among values up to thirteen counts as 28: three interquartile ranges beyond the quartile."""
    values = [float(value) for value in range(1, 14)]

    calm, spiked = expect([values]), expect([[*values[:-1], 1_000.0]])
    at_the_fence = expect([[*values[:-1], 28.0]])

    assert calm is not None
    assert spiked is not None
    assert at_the_fence is not None
    assert spiked.above == at_the_fence.above < 3 * calm.above
    assert spiked.below == pytest.approx(calm.below)


def test_a_skewed_metric_has_a_skewed_band() -> None:
    """Above it varies ten times as much."""
    expected = expect([[1.0, 2, 3, 4, 5, 6, 7, 17, 27, 37, 47, 57, 67]])

    assert expected is not None
    assert expected.above > 2 * expected.below


def test_rare_values_that_are_usual_are_within_two_deviations() -> None:
    """One of ten is 1, all others 0: no more than one of twenty may be outside, so 1 is not."""
    expected = expect([[0.0] * 90 + [1.0] * 10])

    assert expected is not None
    assert 1.0 < expected.upper(2) < 1.5
    assert expected.lower(2) == 0


def test_a_constant_has_room_for_rounding_and_no_more() -> None:
    """Averages of equal samples may differ in their last bits."""
    expected = expect([[10.0] * 30])

    assert expected is not None
    assert (expected.centre, expected.above, expected.below) == (10, pytest.approx(1e-8), pytest.approx(1e-8))


def test_values_beyond_all_squares_break_nothing() -> None:
    """Of an expression, say: the edges are no numbers, and a band has no such points."""
    expected = expect([[-1e300] * 10, [1e300] * 10])

    assert expected is not None
    assert not math.isfinite(expected.upper(2))


def test_days_that_differ_as_a_whole_widen_the_band() -> None:
    """90 and 110: as one day they would be 10 apart from their mean; a third may well be further out."""
    together = expect([[90.0, 110.0] * 30])
    apart = expect([[90.0] * 30, [110.0] * 30])

    assert together is not None
    assert apart is not None
    assert apart.above > 1.5 * together.above


def test_on_the_way_from_one_to_the_other_a_band_goes_straight() -> None:
    """A quarter of the way."""
    there = between(Expectation(10, 1, 2, is_signed=False), Expectation(20, 3, 2, is_signed=True), 0.25)

    assert there == Expectation(12.5, 1.5, 2, is_signed=True)


def test_nothing_below_zero_is_expected_of_what_never_was() -> None:
    """Counts; but temperatures may."""
    counts = [float(value) for value in range(13)]

    counted, signed = expect([counts]), expect([[value - 1 for value in counts]])

    assert counted is not None
    assert signed is not None
    assert counted.lower(9) == 0
    assert signed.lower(9) < 0


def test_too_little_history_expects_nothing() -> None:
    """Twelve datapoints, no less."""
    assert expect([[1.0] * (HISTORY_MIN - 1)]) is None
    assert expect([[1.0] * HISTORY_MIN]) is not None


def test_the_same_hour_of_the_week_comes_first_then_of_the_day_then_all() -> None:
    """And never anything of the hour itself, or after."""
    weekly, daily = cycles(NOON_MS, 60, UTC)
    day, back = recent(NOON_MS, 60)

    assert weekly.stretches == tuple(
        (NOON_MS - days * DAY_MS - HOUR_MS // 2, NOON_MS - days * DAY_MS + HOUR_MS // 2) for days in (14, 7)
    )
    assert (len(daily.stretches), daily.days) == (4, 3)
    assert [(end - NOON_MS) // HOUR_MS for _, end in day.stretches] == [0, -6, -12, -18]
    assert {end - start for start, end in day.stretches} == {HOUR_MS}
    assert back.is_stepwise
    assert (back.stretches[0], back.stretches[-1][0]) == (
        (NOON_MS - 6 * HOUR_MS, NOON_MS),
        NOON_MS - 14 * DAY_MS,
    )
    assert max(end for pattern in (weekly, daily, day, back) for _, end in pattern.stretches) <= NOON_MS


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    """Berlin leaves summer time on 25 October 2026: a week before, nine o'clock was an hour earlier in UTC."""
    nine = int(datetime(2026, 10, 27, 9, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * 1_000

    weekly = next(cycles(nine, 60, ZoneInfo("Europe/Berlin")))

    assert weekly.stretches[-1][0] == nine - 7 * DAY_MS - HOUR_MS - HOUR_MS // 2


def test_an_hour_of_hourly_periods_is_its_own() -> None:
    """Half an hour of them there is not."""
    weekly = next(cycles(NOON_MS, 3_600, UTC))

    assert weekly.stretches[-1] == (NOON_MS - 7 * DAY_MS, NOON_MS - 7 * DAY_MS + HOUR_MS)


def test_a_day_of_longer_periods_is_whole() -> None:
    """Four hours would be too few of them."""
    day, _ = recent(NOON_MS, 900)

    assert (day.stretches[-1][0], day.stretches[0][1]) == (NOON_MS - DAY_MS, NOON_MS)
    assert {end - start for start, end in day.stretches} == {6 * HOUR_MS}


def test_long_and_short_periods_have_one_pattern() -> None:
    """An hour holds none of the long ones; the short ones are kept for three hours."""
    assert [pattern.stretches for pattern in recent(NOON_MS, 7_200)] == [((NOON_MS - 14 * DAY_MS, NOON_MS),)]
    assert [pattern.stretches for pattern in recent(NOON_MS, 10)] == [((NOON_MS - 3 * HOUR_MS, NOON_MS),)]
    assert [*cycles(NOON_MS, 7_200, UTC), *cycles(NOON_MS, 10, UTC)] == []


def test_the_same_hour_of_the_week_outweighs_all_others(store: MetricStore, bands: Bands) -> None:
    """Noon is busy on this weekday alone."""
    _fill(store, NOON_MS - 15 * DAY_MS, [10.0, 12.0] * (15 * 720))
    for days in (7, 14):
        _fill(store, NOON_MS - days * DAY_MS - HOUR_MS, [1_000.0] * 180)

    edges = _at(bands, NOON_MS + 5 * MINUTE_MS)

    assert edges is not None
    assert edges[1] > 400, "noon"
    later = _at(bands, NOON_MS - 3 * HOUR_MS)
    assert later is not None
    assert later[0] < 20, "hours before"


def test_the_same_hour_of_three_days_does_before_there_are_weeks(store: MetricStore, bands: Bands) -> None:
    """Two days of it are too few: then the day before counts, whole."""
    for days in (1, 2, 3):
        _fill(store, NOON_MS - days * DAY_MS, [50.0] * 60)
    _fill(store, NOON_MS - 600 * MINUTE_MS, [1.0] * 600)

    three = _at(bands, NOON_MS)

    assert three == pytest.approx((50.0, 50.0))
    two = _at(bands, NOON_MS - DAY_MS)
    assert two == pytest.approx((50.0, 50.0)), "of noon the day before, and nothing else, there is data"
    assert _at(bands, NOON_MS + 2 * HOUR_MS) == pytest.approx((1.0, 1.0)), (
        "at two o'clock the day before counts"
    )


def test_what_comes_after_changes_nothing_of_what_was_expected(store: MetricStore, bands: Bands) -> None:
    """A fresh look at an old hour, once the future is known, gives what was expected then."""
    _fill(store, NOON_MS - 30 * MINUTE_MS, [float(value % 7) for value in range(30)])
    then = _at(bands, NOON_MS + MINUTE_MS)

    _fill(store, NOON_MS, [10_000.0] * 600)

    assert then is not None
    assert _at(Bands(store), NOON_MS + MINUTE_MS, now_ms=NOON_MS + DAY_MS) == then


def test_no_band_until_there_is_enough_history(store: MetricStore, bands: Bands) -> None:
    """Eleven minutes before noon are too few; by one o'clock there are more."""
    _fill(store, NOON_MS - 11 * MINUTE_MS, [5.0] * 30)

    assert _at(bands, NOON_MS + 20 * MINUTE_MS) is None
    assert _at(bands, NOON_MS + HOUR_MS) is not None


def test_an_hour_is_learned_once(store: MetricStore, bands: Bands) -> None:
    """Data that comes late counts from the next hour on."""
    _fill(store, NOON_MS - 30 * MINUTE_MS, [5.0] * 30)
    before = _at(bands, NOON_MS)

    _fill(store, NOON_MS - 60 * MINUTE_MS, [500.0] * 30)

    assert _at(bands, NOON_MS) == before
    later = _at(bands, NOON_MS + 2 * HOUR_MS)
    assert later is not None
    assert later[0] > 400


def test_an_hour_of_which_nothing_was_known_is_learned_later(store: MetricStore, bands: Bands) -> None:
    """An alarm may be made before its past is put."""
    before = _at(bands, NOON_MS)

    _fill(store, NOON_MS - 30 * MINUTE_MS, [5.0] * 30)

    assert before is None
    assert _at(bands, NOON_MS) is not None


def test_there_is_no_band_for_hours_to_come(store: MetricStore, bands: Bands) -> None:
    """Only up to the one that runs."""
    _fill(store, NOON_MS - 30 * MINUTE_MS, [5.0] * 30)

    upper, _ = bands.edges(BAND, Grid(NOON_MS, NOON_MS + 3 * HOUR_MS, 60), NOON_MS + MINUTE_MS)

    assert max(upper) == NOON_MS + 59 * MINUTE_MS


def test_excluded_stretches_teach_nothing(store: MetricStore, bands: Bands) -> None:
    """And a detector changed forgets what was learned before."""
    _fill(store, NOON_MS - 60 * MINUTE_MS, [5.0] * 30 + [500.0] * 30)
    wide = _at(bands, NOON_MS)

    bands.detectors.put(SUBJECT, Training(excluded=((NOON_MS - 30 * MINUTE_MS, NOON_MS),)), NOON_MS)

    assert wide is not None
    assert wide[0] > 200
    assert _at(bands, NOON_MS) == pytest.approx((5.0, 5.0))


def test_a_detector_is_pending_then_trained_or_short_of_data(store: MetricStore, bands: Bands) -> None:
    """Pending for the rest of the hour in which it was made."""
    detector = bands.detectors.put(SUBJECT, Training(), NOON_MS + MINUTE_MS)

    assert bands.status(detector, NOON_MS + 59 * MINUTE_MS) is Status.PENDING
    assert bands.status(detector, NOON_MS + HOUR_MS) is Status.INSUFFICIENT
    _fill(store, NOON_MS + HOUR_MS, [5.0] * 12)
    assert bands.status(detector, NOON_MS + 2 * HOUR_MS) is Status.TRAINED


def test_a_detector_is_of_a_metric_and_statistic_whatever_the_query_is_called() -> None:
    """And whatever its period."""
    stat = MetricStat(LATENCY, 300, Statistic("Average"))

    assert subject_of([MetricQuery("other", stat, "a label")]) == SUBJECT


ORDINARY: dict[str, Callable[[random.Random, int], float]] = {
    "flat": lambda chance, _: chance.gauss(100, 5),
    "constant": lambda _, __: 0.1,
    "daily cycle": lambda chance, minute: 100 + 60 * math.sin(minute / 1_440 * math.tau) + chance.gauss(0, 5),
    "weekly cycle": lambda chance, minute: (100 if minute // 1_440 % 7 < 5 else 30) + chance.gauss(0, 5),
    "bursts": lambda chance, _: (500 if chance.random() < 0.03 else 100) + chance.gauss(0, 5),
    "rare counts": lambda chance, _: float(chance.random() < 0.1),
    "counts": lambda chance, _: float(sum(chance.random() < 0.2 for _ in range(20))),
    "long tail": lambda chance, _: chance.lognormvariate(6, 0.8),
}


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("days", [4, 15])
def test_ordinary_traffic_stays_within_two_deviations(
    store: MetricStore, bands: Bands, kind: str, days: int
) -> None:
    """One of twenty may be outside; from minute to minute, at an hour's edge too, no edge jumps."""
    chance = random.Random(days)
    values = [ORDINARY[kind](chance, minute) for minute in range(days * 1_440)]
    _fill(store, NOON_MS - (days - 1) * DAY_MS, values)

    upper, lower = bands.edges(BAND, Grid(NOON_MS, NOON_MS + DAY_MS, 60), NOON_MS + DAY_MS)

    today = zip(upper, values[-1_440:], strict=True)
    outside = sum(not lower[at] <= value <= upper[at] for at, value in today)
    assert outside / 1_440 < 0.075
    width = max(upper[at] - lower[at] for at in upper)
    assert all(abs(upper[at] - upper[at - MINUTE_MS]) < 0.05 * width for at in list(upper)[1:])


@pytest.mark.parametrize("kind", ["flat", "daily cycle", "weekly cycle", "rare counts"])
def test_an_incident_leaves_the_band(store: MetricStore, bands: Bands, kind: str) -> None:
    """Four times what is usual, at every hour."""
    chance = random.Random(1)
    values = [ORDINARY[kind](chance, minute) for minute in range(15 * 1_440)]
    _fill(store, NOON_MS - 14 * DAY_MS, values)

    upper, _ = bands.edges(BAND, Grid(NOON_MS, NOON_MS + DAY_MS, 60), NOON_MS + DAY_MS)

    usual = [
        max(1.0, ORDINARY[kind](random.Random(minute), minute)) for minute in range(14 * 1_440, 15 * 1_440)
    ]
    assert sum(4 * value > edge for value, edge in zip(usual, upper.values(), strict=True)) > 0.9 * 1_440
