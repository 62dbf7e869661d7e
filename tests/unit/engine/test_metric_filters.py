"""Metric filters: what one event becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.metricfilters.apply import apply_filters
from inferwatch.engine.metricfilters.filter import MetricFilters, Transformation, make_filter
from inferwatch.model.errors import AwsError, Unsupported

Vectors = Callable[[str], list[dict[str, Any]]]


def _make(case: dict[str, Any]) -> Any:
    given = case["transformation"]
    transformation = Transformation(
        given["metricName"],
        given["metricNamespace"],
        given["metricValue"],
        given.get("defaultValue"),
        given.get("unit"),
        given.get("dimensions") or {},
    )
    return make_filter("f", case["filterPattern"], transformation, created_ms=0)


def test_samples_are_those_the_service_recorded(vectors: Vectors) -> None:
    """Values, defaults and dimensions of every recorded filter with a JSON or empty pattern."""
    checked = 0
    for case in vectors("metric_filters"):
        if case["filterPattern"].strip()[:1] not in ("", "{") or not isinstance(case["transformation"], dict):
            continue
        if "error" in case:
            with pytest.raises(AwsError) as refused:
                _make(case)
            assert refused.value.message == case["error"].get("message", refused.value.message), case["id"]
        else:
            made = _make(case)

            samples = [sample for message in case["events"] for _, sample in apply_filters([made], message)]

            shown = [{"value": sample.value, "dimensions": sample.dimensions} for sample in samples]
            assert shown == case["samples"], case["id"]
        checked += 1
    assert checked == 16


def test_a_space_delimited_value_is_refused_by_name() -> None:
    """`$status` comes from a kind of pattern this version lacks."""
    with pytest.raises(Unsupported, match="space-delimited"):
        make_filter("f", "{ $.a = 1 }", Transformation("m", "n", "$status"), created_ms=0)


def test_a_group_holds_a_hundred_filters() -> None:
    """The hundred and first is refused; replacing one is not."""
    filters = MetricFilters()
    for number in range(100):
        filters.put("g", make_filter(f"f{number}", "", Transformation("m", "n", "1"), 0))

    with pytest.raises(AwsError, match="Resource limit exceeded"):
        filters.put("g", make_filter("one-more", "", Transformation("m", "n", "1"), 0))

    filters.put("g", make_filter("f7", "", Transformation("m", "n", "2"), 0))
    assert len(filters.of_group("g")) == 100
