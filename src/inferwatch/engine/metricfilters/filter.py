"""What a metric filter is, and which ones AWS refuses.

Source: CloudWatch Logs API reference, "PutMetricFilter"; texts recorded from the real service, 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inferwatch.engine.filterpattern import Pattern, compile_pattern
from inferwatch.engine.metricfilters.sources import Place, compile_place, compile_value, not_a_number
from inferwatch.model.errors import invalid_parameter
from inferwatch.model.limits import DIMENSIONS_PER_FILTER, METRIC_VALUE_MAX


@dataclass(frozen=True, slots=True)
class Transformation:
    """What a match becomes.

    Args:
        value: A number, `$.selector`, `$name` or `$n`, as written.
        dimensions: Name → `$.selector`, `$name` or `$n`.
    """

    name: str
    namespace: str
    value: str
    default_value: float | None = None
    unit: str | None = None
    dimensions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """A filter ready to run: pattern and places compiled once.

    Args:
        system_dimensions: `@aws.account` and `@aws.region`, where they are wanted, with their values.
    """

    name: str
    created_ms: int
    pattern: Pattern
    transformation: Transformation
    value: float | Place
    dimensions: tuple[tuple[str, Place], ...]
    system_dimensions: dict[str, str] = field(default_factory=dict)


def make_filter(
    name: str,
    pattern: str,
    transformation: Transformation,
    created_ms: int,
    *,
    system_dimensions: dict[str, str] | None = None,
) -> MetricFilter:
    """Compile a filter.

    Raises:
        AwsError: InvalidParameterException in AWS's words.
    """
    compiled = compile_pattern(pattern)
    system = dict(system_dimensions or {})
    _check_dimensions(compiled, transformation, len(system))
    default = transformation.default_value
    if default is not None and not abs(default) <= METRIC_VALUE_MAX:
        raise not_a_number(str(default), "default value")
    return MetricFilter(
        name,
        created_ms,
        compiled,
        transformation,
        compile_value(transformation.value, compiled),
        tuple(
            (key, compile_place(path, compiled, "dimension"))
            for key, path in transformation.dimensions.items()
        ),
        system,
    )


def _check_dimensions(pattern: Pattern, transformation: Transformation, system: int) -> None:
    """Differs: the text for too many dimensions is ours; AWS's was not recorded."""
    if transformation.dimensions and transformation.default_value is not None:
        raise invalid_parameter(
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties"
        )
    if transformation.dimensions and not pattern.supports_dimensions:
        raise invalid_parameter("The specified filter pattern does not support dimensions")
    if len(transformation.dimensions) + system > DIMENSIONS_PER_FILTER:
        raise invalid_parameter(
            f"Invalid metric transformation: at most {DIMENSIONS_PER_FILTER} dimensions are allowed"
        )
