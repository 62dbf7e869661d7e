"""SEARCH in an expression: what it looks for, and the series it finds.

Source: CloudWatch User Guide, "Using search expressions in graphs".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inferwatch.engine import metricmath, search
from inferwatch.engine.metricdata.stat import MetricStat, check_period
from inferwatch.engine.metrics.statistics import Statistic, parse_statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import AwsError, expression_failure, validation_failure


@dataclass(frozen=True, slots=True)
class SearchCall:
    """One call of SEARCH, understood."""

    call: metricmath.Call
    search: search.Search
    statistic: Statistic
    period_s: int

    def find(self, metrics: Iterable[Metric], account_id: str) -> list[MetricStat]:
        """The statistics of the metrics it finds, by namespace, name and dimensions."""
        found = sorted(
            (
                metric
                for metric in metrics
                if self.search.matches(metric.namespace, metric.name, metric.dimensions, account_id)
            ),
            key=lambda metric: (metric.namespace, metric.name, metric.dimensions),
        )
        return [MetricStat(metric, self.period_s, self.statistic) for metric in found]


def read_searches(expression: metricmath.Expression, period_s: int | None, name: str) -> list[SearchCall]:
    """Every SEARCH of an expression whose types fit.

    Args:
        period_s: The query's own, for searches that name none.
        name: The query's id, as AWS's texts name it.

    Raises:
        AwsError: ValidationException.
    """
    try:
        return [_read(call, period_s) for call in metricmath.called(expression, "SEARCH")]
    except AwsError as refused:
        raise expression_failure(name, refused.message) from None


def _read(call: metricmath.Call, period_s: int | None) -> SearchCall:
    text, statistic_name, *rest = call.arguments
    assert isinstance(text, metricmath.Text)
    assert isinstance(statistic_name, metricmath.Text)
    statistic = parse_statistic(statistic_name.value)
    if statistic is None:
        raise validation_failure(f"'{statistic_name.value}' is not a valid statistic")
    if rest and isinstance(rest[0], metricmath.Number):
        given = rest[0].value
        if not given.is_integer():
            raise validation_failure(f"the period {given:g} is no whole number of seconds")
        period_s = int(given)
    if period_s is None:
        raise validation_failure("Period is a required field when using SEARCH function within an expression")
    check_period(period_s)
    return SearchCall(call, search.parse(text.value), statistic, period_s)
