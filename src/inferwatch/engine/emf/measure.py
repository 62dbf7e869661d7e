"""One batch of log events → every sample that its embedded metrics make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inferwatch.engine.emf.errors import error_samples
from inferwatch.engine.emf.extract import Sample, extract, may_hold_metrics
from inferwatch.engine.filterpattern import parse_document


def embedded_samples(
    messages: Sequence[str], timestamps: Sequence[int], group: str, now_ms: int
) -> Iterator[Sample]:
    """The samples of each event in order, then the errors of all; events without `_aws` cost little."""
    found = [
        extract(message, parse_document(message), timestamp_ms, now_ms)
        for message, timestamp_ms in zip(messages, timestamps, strict=True)
        if may_hold_metrics(message)
    ]
    for extraction in found:
        yield from extraction.samples
    yield from error_samples(found, group, now_ms)
