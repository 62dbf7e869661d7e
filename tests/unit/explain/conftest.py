"""Alarms as DescribeAlarms tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Shape = dict[str, Any]


@pytest.fixture
def alarm_shape() -> Callable[..., Shape]:
    """`alarm_shape(EvaluationPeriods=3)` is an alarm on the p99 of duration_ms, of one minute."""

    def make(**given: Any) -> Shape:
        shape = {
            "AlarmName": "slow",
            "Namespace": "LLM",
            "MetricName": "duration_ms",
            "Dimensions": [],
            "ExtendedStatistic": "p99",
            "Period": 60,
            "EvaluationPeriods": 3,
            "Threshold": 4_000.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        return {name: value for name, value in {**shape, **given}.items() if value is not None}

    return make
