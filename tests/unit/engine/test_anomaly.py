"""What a metric's past says its values should be."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from inferwatch.engine.anomaly.bands import Bands
from inferwatch.engine.anomaly.detector import SingleMetric, Status, Training, subject_of
from inferwatch.engine.anomaly.expectation import HISTORY_MIN, expect
from inferwatch.engine.anomaly.training import patterns
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


def test_edges_are_so_many_deviations_from_the_median() -> None:
    """1…13: the median 7, and on either side deviations 0…6, of which the median is 3."""
    expected = expect([float(value) for value in range(1, 14)])

    assert expected is not None
    assert (expected.centre, expected.upper(1), expected.lower(1)) == (7, 7 + 3 * 1.4826, 7 - 3 * 1.4826)


def test_a_spike_in_the_past_widens_nothing() -> None:
    """One thousand among values up to thirteen."""
    values = [float(value) for value in range(1, 14)]

    calm, spiked = expect(values), expect([*values[:-1], 1_000.0])

    assert calm == spiked


def test_a_skewed_metric_has_a_skewed_band() -> None:
    """Deviations below are 0…6, above ten times as much."""
    expected = expect([1.0, 2, 3, 4, 5, 6, 7, 17, 27, 37, 47, 57, 67])

    assert expected is not None
    assert (expected.below, expected.above) == (3 * 1.4826, 30 * 1.4826)


def test_where_most_values_are_the_centre_the_mean_deviation_stands_in() -> None:
    """Two of twelve are above, by 6 together."""
    expected = expect([10.0] * 10 + [12.0, 14.0])

    assert expected is not None
    assert expected.above == pytest.approx(0.5 * 1.2533)
    assert expected.below == pytest.approx(1e-8), "a constant has room for rounding, no more"


def test_nothing_below_zero_is_expected_of_what_never_was() -> None:
    """Counts; but temperatures may."""
    counts = [float(value) for value in range(13)]

    counted, signed = expect(counts), expect([value - 1 for value in counts])

    assert counted is not None
    assert signed is not None
    assert counted.lower(9) == 0
    assert signed.lower(9) < 0


def test_too_little_history_expects_nothing() -> None:
    """Twelve datapoints, no less."""
    assert expect([1.0] * (HISTORY_MIN - 1)) is None
    assert expect([1.0] * HISTORY_MIN) is not None


def test_the_same_hour_of_the_week_comes_first_then_of_the_day_then_all() -> None:
    """And never anything of the hour itself, or after."""
    weekly, daily, day, back = patterns(NOON_MS, 60, UTC)

    assert weekly.stretches == tuple(
        (NOON_MS - days * DAY_MS, NOON_MS - days * DAY_MS + HOUR_MS) for days in (7, 14)
    )
    assert (len(daily.stretches), daily.days, daily.is_stepwise) == (14, 3, True)
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

    weekly = next(patterns(nine, 60, ZoneInfo("Europe/Berlin")))

    assert weekly.stretches[0][0] == nine - 7 * DAY_MS - HOUR_MS


def test_a_day_of_longer_periods_is_whole() -> None:
    """Four hours would be too few of them."""
    _, _, day, _ = patterns(NOON_MS, 900, UTC)

    assert (day.stretches[-1][0], day.stretches[0][1]) == (NOON_MS - DAY_MS, NOON_MS)
    assert {end - start for start, end in day.stretches} == {6 * HOUR_MS}


def test_long_and_short_periods_have_one_pattern() -> None:
    """An hour holds none of the long ones; the short ones are kept for three hours."""
    assert [pattern.stretches for pattern in patterns(NOON_MS, 7_200, UTC)] == [
        ((NOON_MS - 14 * DAY_MS, NOON_MS),)
    ]
    assert [pattern.stretches for pattern in patterns(NOON_MS, 10, UTC)] == [
        ((NOON_MS - 3 * HOUR_MS, NOON_MS),)
    ]


def test_the_same_hour_of_the_week_outweighs_all_others(store: MetricStore, bands: Bands) -> None:
    """Noon is busy on this weekday alone."""
    _fill(store, NOON_MS - 14 * DAY_MS, [10.0, 12.0] * (14 * 720))
    for days in (7, 14):
        _fill(store, NOON_MS - days * DAY_MS, [1_000.0] * 60)

    edges = _at(bands, NOON_MS + 5 * MINUTE_MS)

    assert edges is not None
    assert edges[1] > 400, "noon"
    later = _at(bands, NOON_MS - HOUR_MS)
    assert later is not None
    assert later[0] < 20, "the hour before"


def test_the_same_hour_of_three_days_does_before_there_are_weeks(store: MetricStore, bands: Bands) -> None:
    """Two days of it are too few: then the day before counts, whole."""
    for days in (1, 2, 3):
        _fill(store, NOON_MS - days * DAY_MS, [50.0] * 60)
    _fill(store, NOON_MS - 600 * MINUTE_MS, [1.0] * 600)

    three = _at(bands, NOON_MS)

    assert three == pytest.approx((50.0, 50.0))
    two = _at(bands, NOON_MS - DAY_MS)
    assert two == pytest.approx((50.0, 50.0)), "of noon the day before, and nothing else, there is data"
    assert _at(bands, NOON_MS + HOUR_MS) == pytest.approx((1.0, 1.0)), "at one o'clock the day before counts"


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
    later = _at(bands, NOON_MS + HOUR_MS)
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
