"""One statistic of one metric, and the periods there are."""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.metrics.statistics import Statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import invalid_value

_SHORT_PERIODS = (1, 5, 10, 20, 30)


@dataclass(frozen=True, slots=True)
class MetricStat:
    """One statistic of one metric; `unit` is `None` where any will do."""

    metric: Metric
    period_s: int
    statistic: Statistic
    unit: str | None = None


def check_period(period_s: int) -> None:
    if period_s not in _SHORT_PERIODS and (period_s < 1 or period_s % 60):
        raise invalid_value(
            "The parameter Period must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60."
        )
