"""inferwatch's records in the embedded metric format: CloudWatch takes the numbers out by itself.

Only a number can be embedded, and for every event that has it; what is counted by a condition is still
filtered, from the same events. `configure(emf=…)` puts `envelope` into each; whoever else writes such records
may do the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from inferwatch.catalog.metrics import DIMENSION, METRICS
from inferwatch.catalog.readings import Embedded, Filter, Reading, Source
from inferwatch.catalog.records import RECORDS
from inferwatch.model.limits import DIMENSION_VALUE_MAX_CHARS


def _embedded(key: str, reading: Reading) -> Reading:
    """Numbers of the record are embedded; what is one level down, or counted, stays a filter."""
    if not isinstance(reading, Filter) or reading.value != f"$.{METRICS[key].name}":
        return reading
    return Embedded(reading.unit)


READINGS: Final[Mapping[str, Reading]] = MappingProxyType(
    {key: _embedded(key, reading) for key, reading in RECORDS.readings.items()}
)

EMF: Final = Source(
    "emf",
    "inferwatch's records with an `_aws` member: their numbers are metrics by themselves. Every model named "
    "in a record becomes a dimension, known or not.",
    RECORDS.model,
    READINGS,
    RECORDS.fields,
)

_EMBEDDED: Final = tuple(
    (key, METRICS[key].name, reading.unit)
    for key, reading in READINGS.items()
    if isinstance(reading, Embedded)
)

_INTEGER_LIMIT: Final = 2**63
"""JSON writers go no further: beyond it a record says an integer as text."""


def envelope(namespace: str, record: Mapping[str, object], timestamp_ms: int) -> dict[str, Any] | None:
    """The `_aws` member that makes metrics of a record; `None` where it has no number that is one.

    Source: CloudWatch User Guide, "Specification: Embedded metric format".
    """
    found = directive(namespace, record)
    return {"Timestamp": timestamp_ms, "CloudWatchMetrics": [found]} if found["Metrics"] else None


def directive(namespace: str, record: Mapping[str, object]) -> dict[str, Any]:
    """The `CloudWatchMetrics` element of a record: its numbers, with and without the model.

    It names those that the metric filters would take and no others: one that is missing counts as an error.

    Source: CloudWatch User Guide, "Specification: Embedded metric format".
    """
    return {
        "Namespace": namespace,
        "Dimensions": [[], [DIMENSION]] if _is_dimension(record.get(DIMENSION)) else [[]],
        "Metrics": [
            {"Name": name, "Unit": unit}
            for key, name, unit in _EMBEDDED
            if _is_taken(key, record.get(name), record)
        ],
    }


def _is_dimension(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= DIMENSION_VALUE_MAX_CHARS and not value.isspace()


def _is_taken(key: str, value: object, record: Mapping[str, object]) -> bool:
    """Would the filter of `RECORDS` take this number?"""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _INTEGER_LIMIT:
        return False
    match key:
        case "throttles":
            return value > 0
        case "duration":  # a batch's items were not waited for
            return record.get("status") == "ok" and record.get("operation", "batch_item") != "batch_item"
        case _:
            return True
