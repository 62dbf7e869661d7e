"""One event through one filter → the sample it makes, if any. The specification of `generate.py`.

Source: answers recorded from the real service, 2026-09: the default value is per event that does not match,
and a dimension whose field is missing leaves a sample with no dimensions at all.

Differs: AWS's documentation says that the default value is reported once a minute without a match; its
service did it per event, and so do we. A null or empty dimension value was not measured: it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inferwatch.engine.filterpattern import Event
from inferwatch.engine.filterpattern.nodes import Fields
from inferwatch.engine.filterpattern.tokens import read_fields
from inferwatch.engine.metricfilters.filter import MetricFilter
from inferwatch.engine.metricfilters.sample import NO_DIMENSIONS, Sample
from inferwatch.engine.metricfilters.sources import dimension_at, look, number_at


def apply_filters(filters: Iterable[MetricFilter], message: str) -> Iterator[tuple[MetricFilter, Sample]]:
    """Samples that one event makes; the message is parsed once for all filters."""
    event = Event(message)
    for metric_filter in filters:
        sample = apply(metric_filter, event)
        if sample is not None:
            yield metric_filter, sample


def apply(metric_filter: MetricFilter, event: Event) -> Sample | None:
    tree = metric_filter.pattern.tree
    texts = read_fields(tree, event.message) if isinstance(tree, Fields) else None
    is_match = texts is not None if isinstance(tree, Fields) else metric_filter.pattern.matches(event)
    if not is_match:
        return default_sample(metric_filter)
    value = metric_filter.value
    if isinstance(value, float):
        number: float | None = value
    else:
        node = look(value, event, texts)
        if node is None:
            return default_sample(metric_filter)
        number = number_at(node)
    return None if number is None else Sample(number, _dimensions(metric_filter, event, texts))


def default_sample(metric_filter: MetricFilter) -> Sample | None:
    """The default value never carries dimensions. Source: recorded, 2026-09."""
    default = metric_filter.transformation.default_value
    return None if default is None else Sample(float(default), NO_DIMENSIONS)


def _dimensions(metric_filter: MetricFilter, event: Event, texts: list[str] | None) -> dict[str, str]:
    """All of the filter's dimensions, or none where one is missing.

    Differs: the system dimensions go too then; AWS's answer for the two together was not recorded.
    """
    found: dict[str, str] = {}
    for name, place in metric_filter.dimensions:
        text = dimension_at(look(place, event, texts))
        if not text:
            return NO_DIMENSIONS
        found[name] = text
    return {**found, **metric_filter.system_dimensions}
