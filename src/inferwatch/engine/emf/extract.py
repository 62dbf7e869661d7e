"""One log event → the samples its `_aws` member asks for.

- the message is one JSON object and nothing else; `_aws` holds `CloudWatchMetrics`, a list of directives, and
  `Timestamp`;
- a directive has a namespace, sets of dimensions and metrics; a name in it means the root member of exactly
  that key, never a path;
- every metric is published once for every set of dimensions;
- a fault of one metric costs that metric, any other fault of a directive costs the directive; the log event
  is kept whatever happens, and its neighbours never notice.

Source: CloudWatch User Guide, "Specification: Embedded metric format", read 2026-11.
Differs: AWS does not say which error counts as parsing and which as validation, nor what survives a partly
wrong directive. Here a broken envelope (`_aws`, its list, its time) counts as parsing, the rest as
validation; a fault of one metric costs that metric, any other fault the directive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inferwatch.engine.emf.directive import Fault, read_directive
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.limits import EVENT_MAX_AGE_MS, EVENT_MAX_FUTURE_MS


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one metric in one event.

    Args:
        resolution_s: 1 or 60, as the event asks.
    """

    metric: Metric
    timestamp_ms: int
    values: Sequence[float]
    unit: str
    resolution_s: int


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one event held."""

    samples: Sequence[Sample] = ()
    parsing_errors: int = 0
    validation_errors: int = 0


NOTHING = Extraction()


def may_hold_metrics(message: str) -> bool:
    """Is this message worth parsing? Cheap, and never wrong when it says no."""
    if '"_aws"' in message:
        return True
    # The key may be spelled with escapes; looking for one sign first is many times cheaper than for several.
    return "\\" in message and "\\u00" in message and message.lstrip()[:1] == "{"


def extract(message: str, document: dict[str, Any] | None, timestamp_ms: int, now_ms: int) -> Extraction:
    """Read the metrics of one event; whatever the event holds, this answers.

    Args:
        document: The message from `parse_document`; `None` where it is no JSON object.
        timestamp_ms: The event's own time, for samples that name none.
            Differs: the format requires a timestamp; AWS's own samples work without, and so does any here.
    """
    if document is None:
        is_broken = '"_aws"' in message and message.lstrip()[:1] == "{"
        return Extraction(parsing_errors=1) if is_broken else NOTHING
    if "_aws" not in document:
        return NOTHING
    envelope = document["_aws"]
    if not isinstance(envelope, dict) or not isinstance(envelope.get("CloudWatchMetrics"), list):
        return Extraction(parsing_errors=1)
    at_ms = _whole_number(envelope["Timestamp"]) if "Timestamp" in envelope else timestamp_ms
    if at_ms is None:
        return Extraction(parsing_errors=1)
    if not now_ms - EVENT_MAX_AGE_MS <= at_ms <= now_ms + EVENT_MAX_FUTURE_MS:
        return Extraction(validation_errors=1)
    return _extraction(envelope["CloudWatchMetrics"], document, at_ms)


def _extraction(directives: list[Any], document: dict[str, Any], at_ms: int) -> Extraction:
    samples: list[Sample] = []
    faults = 0
    for directive in directives:
        for found in _read(directive, document, at_ms):
            if isinstance(found, Fault):
                faults += 1
            else:
                samples.append(found)
    return Extraction(samples, validation_errors=faults)


def _read(directive: Any, document: dict[str, Any], at_ms: int) -> Iterator[Sample | Fault]:
    read = read_directive(directive, document)
    if isinstance(read, Fault):
        yield read
        return
    for definition in read.metrics:
        if isinstance(definition, Fault):
            yield definition
        elif definition.values:
            for dimensions in read.dimension_sets:
                metric = Metric.of(read.namespace, definition.name, dimensions)
                yield Sample(metric, at_ms, definition.values, definition.unit, definition.resolution_s)


def _whole_number(value: Any) -> int | None:
    """A JSON number without a fraction: `1.0` and `1e3` are whole."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return int(value)
