"""inferwatch's records in the embedded metric format: CloudWatch takes the numbers out by itself.

Only a number can be embedded, and for every event that has it; what is counted by a condition is still
filtered, from the same events. Whoever writes such records puts `directive` into each.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any, Final

from inferwatch.catalog.metrics import DIMENSION, METRICS
from inferwatch.catalog.readings import Embedded, Filter, Reading, Source
from inferwatch.catalog.records import RECORDS

_EVERY_END: Final = "Of every inference, however it ended: a number is embedded without a condition."


def _embedded(key: str, reading: Reading) -> Reading:
    """Numbers of the record are embedded; what is one level down, or counted, stays a filter."""
    if not isinstance(reading, Filter) or reading.value != f"$.{METRICS[key].name}":
        return reading
    return Embedded(reading.unit, note=_EVERY_END if "$.status" in reading.condition else "")


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


def directive(namespace: str, record: Container[str]) -> dict[str, Any]:
    """The `CloudWatchMetrics` element that makes metrics of a record, with and without the model.

    It names the numbers that the record has and no others: one that is missing counts as an error.

    Source: CloudWatch User Guide, "Specification: Embedded metric format".
    """
    return {
        "Namespace": namespace,
        "Dimensions": [[], [DIMENSION]],
        "Metrics": [
            {"Name": METRICS[key].name, "Unit": reading.unit}
            for key, reading in READINGS.items()
            if isinstance(reading, Embedded) and METRICS[key].name in record
        ],
    }
