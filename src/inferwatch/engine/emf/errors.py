"""What AWS counts of a log group's embedded metrics: errors, in namespace `AWS/Logs`.

Source: CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics": `EMFParsingErrors` and
`EMFValidationErrors`, dimension `LogGroupName`, nothing where there was no error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from inferwatch.engine.emf.extract import Extraction, Sample
from inferwatch.engine.metrics.store import Metric

NAMESPACE: Final = "AWS/Logs"


def error_samples(extractions: Iterable[Extraction], group: str, now_ms: int) -> Iterator[Sample]:
    """The errors of one batch, counted at the moment of its ingestion."""
    parsing = validation = 0
    for extraction in extractions:
        parsing += extraction.parsing_errors
        validation += extraction.validation_errors
    for name, count in (("EMFParsingErrors", parsing), ("EMFValidationErrors", validation)):
        if count:
            metric = Metric.of(NAMESPACE, name, {"LogGroupName": group})
            yield Sample(metric, now_ms, (float(count),), "None", 60)
