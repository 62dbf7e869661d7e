"""Statistics of one period, from CloudWatch's own histogram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.statistics import is_significant, parse_statistic
from inferwatch.model.errors import Unsupported

Vectors = Callable[[str], list[dict[str, Any]]]


def _summary(case: dict[str, Any]) -> Histogram:
    summary = Histogram()
    for value, count in case.get("samples", []):
        summary.add(value, count)
    given = case.get("statisticValues")
    if given:
        summary.add_set(given["SampleCount"], given["Sum"], given["Minimum"], given["Maximum"])
    return summary


def test_simple_statistics_and_percentiles_are_the_recorded_ones(vectors: Vectors) -> None:
    """To eleven digits; `None` where CloudWatch leaves the statistic out."""
    checked = 0
    for case in vectors("statistics"):
        summary = _summary(case)
        for name, expected in case["expect"].items():
            if name[:1] not in ("p", "S", "A", "M"):
                continue

            statistic = parse_statistic(name)

            assert statistic is not None
            value = statistic.of(summary)
            assert value is expected is None or value == pytest.approx(expected, rel=1e-11), (
                case["id"],
                name,
            )
            checked += 1
    assert checked == 102


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


@pytest.mark.parametrize("name", ["tm90", "TM(2%:98%)", "wm98", "PR(100:2000)", "IQM", "TS(80:500)"])
def test_a_statistic_we_lack_is_refused_by_name(name: str) -> None:
    """AWS has it, this version does not."""
    with pytest.raises(Unsupported, match="the statistic"):
        parse_statistic(name)


@pytest.mark.parametrize("name", ["p101", "p", "average", "P90", "p99.12345678901", "median", ""])
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
