"""Arithmetic over metrics: what it refuses, and what metric math it becomes."""

from __future__ import annotations

import pytest

from inferwatch.catalog import M
from inferwatch.catalog.expressions import Condition, Expression, Term
from inferwatch.catalog.sources import SOURCES
from inferwatch.engine import metricmath
from inferwatch.infra.plan.queries import Queries
from inferwatch.infra.plan.scope import Scopes, Series
from inferwatch.model.errors import UsageError


def _printed(expression: Expression, source: str = "inferwatch") -> tuple[str, dict[str, Series]]:
    queries = Queries(Scopes("NS", SOURCES[source], ()).of_all)
    return queries.text(expression), queries.series


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (M.cache_read / (M.cache_read + M.cache_write), "cache_read / (cache_read + cache_write)"),
        (100 * M.failed / M.ended, "100 * failed / ended"),
        (M.failed - (M.cut - M.timeouts), "failed - (cut - timeouts)"),
        ((M.failed - M.cut) - M.timeouts, "failed - cut - timeouts"),
        (M.failed / (M.cut / M.timeouts), "failed / (cut / timeouts)"),
        ((M.failed + M.cut) * 0.5, "(failed + cut) * 0.5"),
        (1 - M.duration.stat("PR(:4000)") / 100, "1 - duration_pr_4000 / 100"),
        (M.duration.p(99.9), "duration_p99_9"),
        (M.duration.p(99).when(M.duration.samples >= 20), "IF(duration_samples >= 20, duration_p99)"),
        (M.cost.fill(0), "FILL(cost, 0)"),
        (100 - (M.failed / M.ended).fill(-1), "100 - FILL(failed / ended, -1)"),
        ((M.cut / M.ended).when(M.cut + M.ended > 3), "IF((cut + ended) > 3, cut / ended)"),
    ],
)
def test_an_expression_is_printed_with_the_parentheses_it_needs(expression: Expression, text: str) -> None:
    """And the engine reads it as it was meant: same ids, in the same order."""
    printed, series = _printed(expression)

    assert printed == text
    assert metricmath.ids(metricmath.parse(text, "e1")) == set(series)


def test_each_series_is_read_once() -> None:
    """A term that stands twice is one query."""
    _, series = _printed(M.cache_read / (M.cache_read + M.cache_write))

    assert list(series) == ["cache_read", "cache_write"]
    assert series["cache_read"] == Series("NS", "cache_read_tokens", {}, "Sum")


def test_figures_in_other_units_are_brought_to_the_catalogs() -> None:
    """Spans have nanoseconds and seconds; thresholds are in milliseconds."""
    assert _printed(M.duration.p(99), "otel")[0] == "duration_p99 / 1000000"
    assert _printed(M.ttft.p(99) * 2, "otel")[0] == "ttft_p99 * 1000 * 2"
    assert _printed(1 / M.ttft.p(99), "otel")[0] == "1 / (ttft_p99 * 1000)"
    assert _printed(M.duration.samples, "otel")[0] == "duration_samples"


def test_numbers_are_printed_without_an_exponent() -> None:
    """CloudWatch's grammars have none: neither metric math's nor the statistics'."""
    text, series = _printed(M.duration.stat("PR(:60000)") * 1e-9 + 2e16, "otel")

    assert text == "duration_pr_60000 * 0.000000001 + 20000000000000000"
    assert series["duration_pr_60000"].statistic == "PR(:60000000000)"


def test_the_bound_of_a_rank_is_in_the_logs_own_unit() -> None:
    """Within 4,000 ms is within 4 s, and within 4,000,000,000 ns."""
    share = M.ttft.stat("PR(:4000)") + M.duration.stat("PR(:4000)")

    text, series = _printed(share, "otel")

    assert text == "ttft_pr_4000 + duration_pr_4000"
    assert [each.statistic for each in series.values()] == ["PR(:4)", "PR(:4000000000)"]


def test_a_comparison_is_a_condition() -> None:
    """Whichever side the number stands on, and with an expression on both."""
    failed = Term("failed", "Sum")

    assert (M.failed > 5) == Condition(failed, ">", 5.0)
    assert (M.failed <= 5) == Condition(failed, "<=", 5.0)
    assert (M.failed < M.cut) == Condition(M.failed - M.cut, "<", 0.0)


def test_a_condition_is_neither_true_nor_false() -> None:
    """`1 < M.failed < 5` would silently lose its first half."""
    with pytest.raises(UsageError, match="neither true nor false here"):
        _ = 1 < M.failed < 5


def test_a_misspelt_metric_is_refused_with_the_names_there_are() -> None:
    """At once, where it is written."""
    with pytest.raises(
        UsageError, match=r"M\.latency: there is no such metric; expected one of requests, ended,"
    ):
        _ = M.latency


@pytest.mark.parametrize("statistic", ["p101", "P99", "max", "PR(:80%)", "TM(1%:9)", ""])
def test_only_cloudwatchs_statistics_are_taken(statistic: str) -> None:
    """At once, where it is written."""
    with pytest.raises(UsageError, match=r"M\.duration: expected a statistic such as Maximum, p99"):
        M.duration.stat(statistic)


@pytest.mark.parametrize("operand", ["5", None, True, float("inf"), float("nan")])
def test_only_numbers_and_expressions_are_operands(operand: object) -> None:
    """A flag is no number."""
    with pytest.raises(UsageError, match="expected a number or an expression over M"):
        _ = M.failed + operand  # type: ignore[operator]
