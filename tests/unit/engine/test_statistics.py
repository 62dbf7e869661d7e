"""Statistics of one period, from CloudWatch's own histogram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.metrics.distribution import Range
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.statistics import is_significant, parse_statistic

Vectors = Callable[[str], list[dict[str, Any]]]


def _summary(case: dict[str, Any]) -> Histogram:
    summary = Histogram()
    for value, count in case.get("samples", []):
        summary.add(value, count)
    given = case.get("statisticValues")
    if given:
        summary.add_set(given["SampleCount"], given["Sum"], given["Minimum"], given["Maximum"])
    return summary


def test_every_statistic_is_the_recorded_one(vectors: Vectors) -> None:
    """To eleven digits; `None` where CloudWatch leaves the statistic out."""
    checked = 0
    for case in vectors("statistics"):
        summary = _summary(case)
        for name, expected in case["expect"].items():
            statistic = parse_statistic(name)

            assert statistic is not None
            value = statistic.of(summary)
            assert value is expected is None or value == pytest.approx(expected, rel=1e-11, abs=1e-12), (
                case["id"],
                name,
            )
            checked += 1
    assert checked == 138


def test_two_summaries_merge_into_the_one_of_all_samples() -> None:
    """Merging loses nothing: the percentile is that of the samples together."""
    left, right, both = Histogram(), Histogram(), Histogram()
    for value in (1.0, 2.0, 3.0, 4.0, 5.0):
        left.add(value)
    for value in (6.0, 7.0, 8.0, 9.0, 10.0):
        right.add(value)
    for value in range(1, 11):
        both.add(float(value))

    left.merge(right)

    assert left == both
    assert left.percentile(50) == pytest.approx(5.054470284992944, rel=1e-11)


@pytest.mark.parametrize(
    "values",
    [[3.0], [0.0, 1.5, 2.5], [-1.0, 4.0], [0.1] * 10, [0.1, 1.1, 1.21, 1.0] * 40, [0.0, -0.0, -3.5] * 50],
)
def test_values_added_together_are_those_added_one_by_one(values: list[float]) -> None:
    """To the last bit: the fast way is the same way."""
    together, apart = Histogram(), Histogram()
    together.add(7.0)
    apart.add(7.0)

    together.add_values(values)
    for value in values:
        apart.add(value)

    assert together == apart


@pytest.mark.parametrize(
    ("name", "same"),
    [("tm90", "TM(:90%)"), ("wm98", "WM(:98%)"), ("tc99.9", "TC(0%:99.9%)"), ("IQM", "TM(25%:75%)")],
)
def test_a_short_name_is_a_range_of_ranks(name: str, same: str) -> None:
    """From the lowest sample up; IQM is the mean of the middle half."""
    summary = Histogram()
    summary.add_values([1.0, 2.0, 4.0, 8.0, 700.0])
    short, whole = parse_statistic(name), parse_statistic(same)

    assert short is not None
    assert whole is not None
    assert short.of(summary) == whole.of(summary)


def test_a_winsorized_mean_counts_what_lies_outside_as_the_edge() -> None:
    """By value: 1 counts as 2, 700 as 8."""
    summary = Histogram()
    summary.add_values([1.0, 3.0, 700.0])
    winsorized, trimmed = parse_statistic("WM(2:8)"), parse_statistic("TM(2:8)")

    assert winsorized is not None
    assert trimmed is not None
    middle = trimmed.of(summary)
    assert middle is not None
    assert winsorized.of(summary) == pytest.approx((2 + middle + 8) / 3)


@pytest.mark.parametrize("name", ["TM(800:900)", "TM(0:0.5)"])
def test_the_mean_of_no_samples_is_none(name: str) -> None:
    """A count and a sum of none are 0, a mean is not."""
    summary = Histogram()
    summary.add_values([1.0, 700.0])
    mean, count = parse_statistic(name), parse_statistic(name.replace("TM", "TC"))

    assert mean is not None
    assert count is not None
    assert (mean.of(summary), count.of(summary)) == (None, 0)


@pytest.mark.parametrize(
    ("name", "low", "high", "is_percent"),
    [
        ("tm90", None, 90, True),
        ("wm98.5", None, 98.5, True),
        ("tc99.9999999999", None, 99.9999999999, True),
        ("IQM", 25, 75, True),
        ("TM(2%:98%)", 2, 98, True),
        ("WM(10%:)", 10, None, True),
        ("TS(:95.5%)", None, 95.5, True),
        ("TC(150:1000)", 150, 1000, False),
        ("PR(:300)", None, 300, False),
        ("PR(0.5:1e3)", 0.5, 1000, False),
    ],
)
def test_a_range_is_read_from_a_name(
    name: str, low: float | None, high: float | None, is_percent: bool
) -> None:
    """Lower case is one percentage from below; upper case is a range with one side or two."""
    statistic = parse_statistic(name)

    assert statistic is not None
    assert statistic.range == Range(low, high, is_percent)
    assert statistic.is_extended


@pytest.mark.parametrize(
    "name",
    [
        "p101", "p", "P90", "p-1", "p99.12345678901", "p 90", "p90%", "p1e1", "p٣",
        "average", "sum", "median", "", "iqm", "IQM(25%:75%)",
        "tm101", "TM90", "tm(2%:98%)", "TM(:)", "TM()", "TM(2%)", "TM(2%:98)", "TM(2:98%)", "TM(98%:2%)",
        "TM(5%:5%)", "TM(:101%)", "TM(2%:98%", "TM( 2%:98%)", "TM(-1:5)", "TM(nan:5)", "TM(:1e999)",
        "PR(10%:90%)", "PR(:)", "PR(300)", "PR(300:100)", "pr90", "PR90", "TM(" + "1" * 200 + ":)",
        "o90", "XX(1:2)",
    ],
)  # fmt: skip
def test_what_is_no_statistic_is_none(name: str) -> None:
    """The caller words the refusal."""
    assert parse_statistic(name) is None


def test_a_range_without_samples_has_a_count_but_no_mean() -> None:
    """Nothing lies above the maximum."""
    summary = Histogram()
    for value in (1.0, 2.0, 3.0):
        summary.add(value)

    figures = [parse_statistic(name) for name in ("TC(100:)", "TS(100:)", "PR(100:)", "TM(100:)")]

    assert [figure.of(summary) for figure in figures if figure] == [0.0, 0.0, 0.0, None]


def test_winsorized_values_outside_weigh_as_the_ends_of_the_range() -> None:
    """Three of seven and one of one hundred, cut to 50, in bins of one value each."""
    summary = Histogram()
    summary.add(7.0, 3)
    summary.add(100.0)
    statistic = parse_statistic("WM(:50)")

    assert statistic is not None
    assert statistic.of(summary) == pytest.approx((3 * (7 + 1.1**21) / 2 + 50) / 4, rel=1e-11)


@pytest.mark.parametrize("tiny", [5e-324, 1e-300, 1e-290])
def test_a_value_below_the_lowest_bin_counts_as_in_it(tiny: float) -> None:
    """Its bin has no lower neighbour, and percentiles stay between the extremes."""
    summary = Histogram()
    summary.add(tiny)
    summary.add(tiny * 2)
    statistic = parse_statistic("tm90")

    assert statistic is not None
    value = statistic.of(summary)
    assert value is not None
    assert tiny <= (summary.percentile(50) or 0) <= tiny * 2
    assert 0 <= value <= tiny * 2


def test_significance_of_low_samples_is_the_documented_one(vectors: Vectors) -> None:
    """p90 needs 100 samples, p99 a thousand, p5 two hundred."""
    checked = 0
    for case in vectors("alarm_sequences"):
        for samples, expected in case.get("significant", {}).items():
            assert is_significant(float(case["statistic"][1:]), int(samples)) is expected, case["id"]
            checked += 1
    assert checked == 6
