"""What a metric filter is, and which ones AWS refuses.

Source: CloudWatch Logs API reference, "PutMetricFilter"; texts recorded from the real service, 2026-09.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inferwatch.engine.filterpattern import Pattern, PatternError, compile_pattern, compile_selector
from inferwatch.engine.filterpattern.pattern import CompiledSelector
from inferwatch.model.errors import AwsError, Unsupported, invalid_parameter
from inferwatch.model.limits import DIMENSIONS_PER_FILTER, METRIC_FILTERS_PER_GROUP, METRIC_VALUE_MAX

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Transformation:
    """What a match becomes.

    Args:
        value: A number, or a `$.selector`, as written.
        dimensions: Name → `$.selector`.
    """

    name: str
    namespace: str
    value: str
    default_value: float | None = None
    unit: str | None = None
    dimensions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """A filter ready to run: pattern and selectors compiled once."""

    name: str
    created_ms: int
    pattern: Pattern
    transformation: Transformation
    value: float | CompiledSelector
    dimensions: tuple[tuple[str, CompiledSelector], ...]


def make_filter(name: str, pattern: str, transformation: Transformation, created_ms: int) -> MetricFilter:
    """Compile a filter.

    Raises:
        AwsError: InvalidParameterException in AWS's words.
        Unsupported: A kind of pattern or value this version lacks.
    """
    compiled = compile_pattern(pattern)
    if transformation.dimensions:
        if transformation.default_value is not None:
            raise invalid_parameter(
                "Invalid metric transformation: dimensions and default value are mutually exclusive "
                "properties"
            )
        if not compiled.supports_dimensions:
            raise invalid_parameter("The specified filter pattern does not support dimensions")
        if len(transformation.dimensions) > DIMENSIONS_PER_FILTER:
            raise invalid_parameter(
                f"Invalid metric transformation: at most {DIMENSIONS_PER_FILTER} dimensions are allowed"
            )
    default = transformation.default_value
    if default is not None and not abs(default) <= METRIC_VALUE_MAX:
        raise _not_a_number(str(default), "default value")
    return MetricFilter(
        name,
        created_ms,
        compiled,
        transformation,
        _value(transformation.value),
        tuple((key, _selector(path)) for key, path in transformation.dimensions.items()),
    )


def _value(text: str) -> float | CompiledSelector:
    if NUMBER.fullmatch(text):
        number = float(text)
        if abs(number) > METRIC_VALUE_MAX:
            raise _not_a_number(text)
        return number
    if text.startswith("$."):
        return _selector(text)
    if text.startswith("$"):
        raise Unsupported(
            "metric values from space-delimited fields",
            f"metricValue {text!r}",
            code="InvalidParameterException",
        )
    raise _not_a_number(text)


def _selector(text: str) -> CompiledSelector:
    try:
        return compile_selector(text)
    except PatternError:
        raise _not_a_number(text) from None


def _not_a_number(text: str, what: str = "metric value") -> AwsError:
    return invalid_parameter(f"Invalid metric transformation: {what} {text} must be a valid number")


class MetricFilters:
    """The metric filters of one account and region, by group and name."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, MetricFilter]] = {}

    def put(self, group: str, metric_filter: MetricFilter) -> None:
        filters = self._groups.setdefault(group, {})
        if metric_filter.name not in filters and len(filters) >= METRIC_FILTERS_PER_GROUP:
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        filters[metric_filter.name] = metric_filter

    def of_group(self, group: str) -> list[MetricFilter]:
        """Sorted by name."""
        filters = self._groups.get(group, {})
        return [filters[name] for name in sorted(filters)]

    def delete(self, group: str, name: str) -> None:
        if name not in self._groups.get(group, {}):
            raise AwsError("ResourceNotFoundException", "The specified metric filter does not exist.")
        del self._groups[group][name]

    def forget_group(self, group: str) -> None:
        self._groups.pop(group, None)

    def everywhere(self) -> list[tuple[str, MetricFilter]]:
        """(group, filter), sorted by filter name."""
        pairs = [(group, item) for group, filters in self._groups.items() for item in filters.values()]
        return sorted(pairs, key=lambda pair: (pair[1].name, pair[0]))
