"""One event through one filter → the sample it makes, if any.

Source: answers recorded from the real service, 2026-09: the default value is per event that does not match,
and a dimension whose field is missing leaves a sample with no dimensions at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from inferwatch.engine.filterpattern import parse_document
from inferwatch.engine.filterpattern.evaluate import number_text
from inferwatch.engine.filterpattern.pattern import CompiledSelector
from inferwatch.engine.metricfilters.filter import NUMBER, MetricFilter
from inferwatch.model.limits import METRIC_VALUE_MAX
from inferwatch.model.text import whole_text


@dataclass(frozen=True, slots=True)
class Sample:
    """One value for one metric; the event's own time is its time."""

    value: float
    dimensions: dict[str, str]


def apply_filters(filters: Iterable[MetricFilter], message: str) -> Iterator[tuple[MetricFilter, Sample]]:
    """Samples that one event makes; the message is parsed once for all filters."""
    document = parse_document(message)
    for metric_filter in filters:
        sample = apply(metric_filter, document)
        if sample is not None:
            yield metric_filter, sample


def apply(metric_filter: MetricFilter, document: dict[str, Any] | None) -> Sample | None:
    default = metric_filter.transformation.default_value
    if not metric_filter.pattern.matches(document):
        return None if default is None else Sample(default, {})
    value = metric_filter.value
    if isinstance(value, CompiledSelector):
        node = value.first(document)
        if node is None:
            return None if default is None else Sample(default, {})
        number = _number(node)
        if number is None:
            return None
    else:
        number = value
    return Sample(number, _dimensions(metric_filter, document))


def _number(node: Any) -> float | None:
    """A JSON number, or a string that holds one.

    Differs: numeric strings were not measured; we accept them.
    """
    if isinstance(node, bool) or not isinstance(node, int | float | str):
        return None
    if isinstance(node, str) and not NUMBER.fullmatch(node):
        return None
    try:
        number = float(node)
    except OverflowError:
        return None
    return number if abs(number) <= METRIC_VALUE_MAX else None


def _dimensions(metric_filter: MetricFilter, document: dict[str, Any] | None) -> dict[str, str]:
    """All of the filter's dimensions, or none where one is missing, null, empty or a container."""
    found: dict[str, str] = {}
    for name, selector in metric_filter.dimensions:
        node = selector.first(document)
        if isinstance(node, bool):
            text = "true" if node else "false"
        elif isinstance(node, int | float):
            text = number_text(node)
        else:
            text = whole_text(node) if isinstance(node, str) else ""
        if not text:
            return {}
        found[name] = text
    return found
