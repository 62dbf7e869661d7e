"""Statistics of one period, from CloudWatch's own histogram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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


@pytest.mark.parametrize("values", [[3.0], [0.0, 1.5, 2.5], [-1.0, 4.0], [0.1] * 10])
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
    "name",
    "p101 p average P90 p99.12345678901 median tm101 TM90 tm(1:2) TM(:) TM(10%:90) TM(90%:10%) TM(:101%) "
    "PR(10%:90%) pr90 iqm TM(a:b) TM(1:2:3)".split(),
)
def test_what_is_no_statistic_is_none(name: str) -> None:
    """The caller words the refusal."""
    assert parse_statistic(name) is None


def test_significance_of_low_samples_is_the_documented_one(vectors: Vectors) -> None:
    """p90 needs 100 samples, p99 a thousand, p5 two hundred."""
    checked = 0
    for case in vectors("alarm_sequences"):
        for samples, expected in case.get("significant", {}).items():
            assert is_significant(float(case["statistic"][1:]), int(samples)) is expected, case["id"]
            checked += 1
    assert checked == 6
