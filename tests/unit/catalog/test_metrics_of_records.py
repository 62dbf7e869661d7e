"""Example records of each kind of log, through the engine's own filters: exactly the metrics expected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inferwatch.catalog.emf import directive, envelope
from inferwatch.catalog.metrics import DIMENSION, METRICS
from inferwatch.catalog.readings import Absent, Embedded, Filter, Source
from inferwatch.catalog.sources import SOURCES
from inferwatch.engine.emf.extract import extract
from inferwatch.engine.metricfilters.apply import apply_filters
from inferwatch.engine.metricfilters.filter import MetricFilter, Transformation, make_filter
from inferwatch.infra.plan.scope import pattern
from inferwatch.model.fields import BY_NAME

Vectors = Callable[[str], list[dict[str, Any]]]
NOON_MS = 1_795_521_600_000

# What each record of tests/vectors/records.json is worth, worked out by hand from the record's contract.
RECORDS: dict[str, dict[str, float]] = {
    "chat, finished, priced": {
        "requests": 1, "ended": 1, "duration_ms": 1234.5, "input_tokens": 120, "output_tokens": 42,
        "cache_read_tokens": 0, "reasoning_tokens": 0, "cost_usd": 0.000114,
    },
    "streamed, stopped by max tokens": {
        "requests": 1, "ended": 1, "stopped_by_length": 1, "duration_ms": 5210, "ttft_ms": 310.2,
        "itl_mean_ms": 19.1, "input_tokens": 900, "output_tokens": 256, "cost_usd": 0.00654,
    },
    "two throttles, then fine": {
        "requests": 1, "ended": 1, "retried": 1, "throttle_count": 2, "duration_ms": 4100, "input_tokens": 10,
        "output_tokens": 5, "cost_usd": 0.00006,
    },
    "throttled to the end": {"requests": 1, "ended": 1, "throttled": 1, "retried": 1, "throttle_count": 3},
    "stream cut by the server": {"requests": 1, "ended": 1, "failed": 1, "cut": 1, "ttft_ms": 200},
    "caller closed the stream early": {"requests": 1, "abandoned": 1, "ttft_ms": 210},
    "async task cancelled": {"requests": 1, "cancelled": 1},
    "model nobody has a price for": {
        "requests": 1, "ended": 1, "duration_ms": 700, "input_tokens": 80, "output_tokens": 20, "unpriced": 1,
    },
    "embeddings": {
        "requests": 1, "ended": 1, "duration_ms": 90, "input_tokens": 512, "output_tokens": 0, "cost_usd": 0.00001,
    },
    "ledger of a batch (not an inference: no operation)": {},
}  # fmt: skip
# Ends that the examples do not have.
MADE: list[tuple[dict[str, Any], dict[str, float]]] = [
    (
        {"status": "timeout", "operation": "chat", "duration_ms": 60_000.0},
        {"requests": 1, "ended": 1, "failed": 1, "timeouts": 1},
    ),
    (
        {"status": "blocked", "operation": "chat", "duration_ms": 40.0, "finish_reason": "content_filter"},
        {"requests": 1, "ended": 1, "blocked": 1, "content_filtered": 1},
    ),
    (
        {"status": "error", "operation": "chat", "duration_ms": 12.0},
        {"requests": 1, "ended": 1, "failed": 1},
    ),
    (
        {"status": "ok", "operation": "batch_item", "duration_ms": 9e6, "cache_write_tokens": 7},
        {"requests": 1, "ended": 1, "cache_write_tokens": 7},
    ),
    ({"ledger": {"writer": "p", "from": 0, "to": 8, "dropped": 3}}, {"dropped_records": 3}),
]


def _filters(source: Source, also: str = "", dimensions: dict[str, str] | None = None) -> list[MetricFilter]:
    return [
        make_filter(
            reading.name or METRICS[key].name,
            pattern(reading.condition, also),
            Transformation(key, "NS", reading.value, unit=reading.unit, dimensions=dimensions or {}),
            0,
        )
        for key, reading in source.readings.items()
        if isinstance(reading, Filter)
    ]


def _measured(source: str, record: dict[str, Any]) -> dict[str, float]:
    message = json.dumps(record)
    return {made.name: sample.value for made, sample in apply_filters(_filters(SOURCES[source]), message)}


def test_every_example_record_makes_exactly_its_metrics(vectors: Vectors) -> None:
    """inferwatch's own records; all ten examples."""
    cases = vectors("records")

    made = {case["about"]: _measured("inferwatch", case["record"]) for case in cases}

    assert len(cases) == 10
    assert made == RECORDS


@pytest.mark.parametrize(("record", "expected"), MADE)
def test_the_other_ends_make_exactly_their_metrics(
    record: dict[str, Any], expected: dict[str, float]
) -> None:
    """A batch's item has no latency: nobody waited."""
    assert _measured("inferwatch", record) == expected


@pytest.mark.parametrize(
    ("source", "file", "count"), [("bedrock", "bedrock_invocation_logs", 9), ("otel", "otel_genai_spans", 12)]
)
def test_other_logs_make_exactly_their_metrics(source: str, file: str, count: int, vectors: Vectors) -> None:
    """Each example says what it is worth."""
    cases = vectors(file)

    made = {case["about"]: _measured(source, case["record"]) for case in cases}

    assert len(cases) == count
    assert made == {case["about"]: case["metrics"] for case in cases}


@pytest.mark.parametrize("source", SOURCES)
def test_every_metric_that_a_log_gives_is_seen_in_an_example(source: str, vectors: Vectors) -> None:
    """No filter is there that no example has ever matched."""
    files = {"bedrock": "bedrock_invocation_logs", "otel": "otel_genai_spans"}
    records = [case["record"] for case in vectors(files.get(source, "records"))]
    records += [record for record, _ in MADE] if source in ("inferwatch", "emf") else []
    given = {
        reading.name or METRICS[key].name
        for key, reading in SOURCES[source].readings.items()
        if isinstance(reading, Filter)
    }

    seen = {name for record in records for name in _measured(source, record)}

    assert seen == given


@pytest.mark.parametrize("source", SOURCES)
def test_every_log_says_of_every_metric_whether_it_gives_it(source: str) -> None:
    """In the catalog's order; where it does not, why."""
    readings = SOURCES[source].readings

    assert list(readings) == list(METRICS)
    assert all(reading.why for reading in readings.values() if isinstance(reading, Absent))


@pytest.mark.parametrize("source", SOURCES)
def test_named_models_have_the_model_as_dimension(source: str, vectors: Vectors) -> None:
    """And a model that is not named makes no metric."""
    files = {"bedrock": "bedrock_invocation_logs", "otel": "otel_genai_spans"}
    named = {"bedrock": "amazon.nova-pro-v1:0", "otel": "gpt-5-mini"}.get(source, "claude-sonnet-5")
    selector = SOURCES[source].model
    filters = _filters(SOURCES[source], f'{selector} = "{named}"', {DIMENSION: selector})
    seen: set[tuple[str, ...]] = set()

    for case in vectors(files.get(source, "records")):
        samples = [sample for _, sample in apply_filters(filters, json.dumps(case["record"]))]
        seen |= {tuple(sample.dimensions.items()) for sample in samples}

    assert seen == {((DIMENSION, named),)}


def test_metrics_read_from_the_record_are_called_as_its_fields() -> None:
    """`$.ttft_ms` is the metric ttft_ms: one word for one thing, in patterns, queries and metrics."""
    numbers = {
        key: reading.value.removeprefix("$.")
        for key, reading in SOURCES["inferwatch"].readings.items()
        if isinstance(reading, Filter) and reading.value.startswith("$.") and "ledger" not in reading.value
    }

    assert numbers == {key: METRICS[key].name for key in numbers}
    assert set(numbers.values()) <= set(BY_NAME)


def test_a_record_with_the_directive_publishes_its_numbers(vectors: Vectors) -> None:
    """Each number twice, with the model and without; and no other number."""
    record = vectors("records")[1]["record"]
    envelope = {"_aws": {"Timestamp": NOON_MS, "CloudWatchMetrics": [directive("NS", record)]}}
    event = record | envelope

    extraction = extract(json.dumps(event), event, NOON_MS, NOON_MS)

    assert (extraction.parsing_errors, extraction.validation_errors) == (0, 0)
    assert sorted(_published(extraction.samples)) == [
        ("cost_usd", (), 0.00654),
        ("cost_usd", (("model", "claude-sonnet-5"),), 0.00654),
        ("duration_ms", (), 5210.0),
        ("duration_ms", (("model", "claude-sonnet-5"),), 5210.0),
        ("input_tokens", (), 900.0),
        ("input_tokens", (("model", "claude-sonnet-5"),), 900.0),
        ("itl_mean_ms", (), 19.1),
        ("itl_mean_ms", (("model", "claude-sonnet-5"),), 19.1),
        ("output_tokens", (), 256.0),
        ("output_tokens", (("model", "claude-sonnet-5"),), 256.0),
        ("ttft_ms", (), 310.2),
        ("ttft_ms", (("model", "claude-sonnet-5"),), 310.2),
    ]


def test_embedded_numbers_are_those_that_the_filters_take(vectors: Vectors) -> None:
    """Every example, and every way an inference ends: the same metrics with the same values, and no error."""
    records = [case["record"] for case in vectors("records")] + [record for record, _ in MADE]
    records += [
        {"model": "m", "status": "ok", "operation": "chat", "duration_ms": value, "throttle_count": 0}
        for value in (0, -1, "12", True, None, 10**400, float("inf"))
    ]
    names = {METRICS[key].name for key, each in SOURCES["emf"].readings.items() if isinstance(each, Embedded)}

    for record in records:
        event = {"_aws": envelope("NS", record, NOON_MS), **record}
        found = extract(json.dumps(event), event, NOON_MS, NOON_MS) if event["_aws"] else None
        plain = (
            {} if found is None else {name: v for name, with_, v in _published(found.samples) if not with_}
        )

        filtered = {
            name: value
            for name, value in _measured("inferwatch", record).items()
            if name in names and isinstance(record.get(name), int | float)
        }
        assert plain == filtered
        assert found is None or (found.parsing_errors, found.validation_errors) == (0, 0)


def _published(samples: Any) -> Iterator[tuple[str, tuple[tuple[str, str], ...], float]]:
    for sample in samples:
        for value in sample.values:
            yield sample.metric.name, tuple(sample.metric.dimensions), value


def test_numbers_are_embedded_and_counts_are_filtered() -> None:
    """The embedded metric format holds numbers only."""
    embedded = {key for key, reading in SOURCES["emf"].readings.items() if isinstance(reading, Embedded)}

    assert embedded == {
        "throttles", "duration", "ttft", "tpot", "input", "output", "cache_read", "cache_write", "reasoning", "cost",
    }  # fmt: skip
