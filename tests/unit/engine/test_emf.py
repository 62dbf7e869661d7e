"""The embedded metric format: which samples an event asks for, and what a fault costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.emf.errors import error_samples
from inferwatch.engine.emf.extract import Extraction, extract, may_hold_metrics
from inferwatch.engine.filterpattern import parse_document
from inferwatch.engine.metrics.store import Metric

Vectors = Callable[[str], list[dict[str, Any]]]
AT_MS = 1_735_689_600_000
EVENT_MS = AT_MS - 7


def _extract(message: str, now_ms: int = AT_MS) -> Extraction:
    return extract(message, parse_document(message), EVENT_MS, now_ms)


def _event(
    directive: dict[str, Any] | None = None, envelope: dict[str, Any] | None = None, **members: Any
) -> str:
    """A sound event of one metric `t` = 1 in namespace `app`, with what is given put over it."""
    sound = {"Namespace": "app", "Dimensions": [["svc"]], "Metrics": [{"Name": "t"}], **(directive or {})}
    aws = {"Timestamp": AT_MS, "CloudWatchMetrics": [sound], **(envelope or {})}
    return json.dumps({"_aws": aws, "svc": "api", "t": 1, **members})


def test_every_vector_passes(vectors: Vectors) -> None:
    """Samples and the kind of error of each documented case."""
    cases = vectors("emf")
    for case in cases:
        found = _extract(case["message"])

        shown = [
            {
                "namespace": sample.metric.namespace,
                "name": sample.metric.name,
                "dimensions": dict(sample.metric.dimensions),
                "values": list(sample.values),
                "unit": sample.unit,
                "storageResolution": sample.resolution_s,
                "timestamp": "log event timestamp"
                if sample.timestamp_ms == EVENT_MS
                else sample.timestamp_ms,
            }
            for sample in found.samples
        ]
        assert shown == case["metrics"], case["id"]
        errors = (found.parsing_errors, found.validation_errors)
        wanted = {"EMFParsingErrors": (1, 0), "EMFValidationErrors": (0, 1), None: (0, 0)}
        assert errors == wanted[case["errorMetric"]], case["id"]
    assert len(cases) == 26


def test_every_metric_goes_to_every_set_of_dimensions() -> None:
    """Two sets, three metrics: six series."""
    message = _event(
        {"Dimensions": [["svc"], []], "Metrics": [{"Name": "a"}, {"Name": "b"}, {"Name": "c"}]}, a=1, b=2, c=3
    )

    samples = _extract(message).samples

    assert [(sample.metric.name, sample.metric.dimensions, sample.values) for sample in samples] == [
        ("a", (("svc", "api"),), [1.0]),
        ("a", (), [1.0]),
        ("b", (("svc", "api"),), [2.0]),
        ("b", (), [2.0]),
        ("c", (("svc", "api"),), [3.0]),
        ("c", (), [3.0]),
    ]


def test_a_wrong_metric_costs_only_itself() -> None:
    """Its neighbours in the directive are published."""
    found = _extract(_event({"Metrics": [{"Name": "missing"}, {"Name": "t"}]}))

    assert [sample.metric.name for sample in found.samples] == ["t"]
    assert (found.parsing_errors, found.validation_errors) == (0, 1)


def test_a_wrong_directive_costs_only_itself() -> None:
    """Its neighbours in the event are published."""
    sound = {"Namespace": "b", "Dimensions": [[]], "Metrics": [{"Name": "t"}]}
    message = _event(envelope={"CloudWatchMetrics": [{**sound, "Namespace": ""}, 7, sound]})

    found = _extract(message)

    assert [sample.metric for sample in found.samples] == [Metric("b", "t")]
    assert found.validation_errors == 2


@pytest.mark.parametrize(
    "directive",
    [
        {"Namespace": "n" * 1_025},
        {"Namespace": 7},
        {"Dimensions": []},
        {"Dimensions": ["svc"]},
        {"Dimensions": [["svc", ""]]},
        {"Dimensions": [["svc"], ["absent"]]},
        {"Dimensions": [["d" * 251]]},
        {"Dimensions": None},
        {"Metrics": {"Name": "t"}},
        {"Metrics": [{"Name": ""}]},
        {"Metrics": [{"Name": "t", "Unit": None}]},
        {"Metrics": [{"Name": "t", "Unit": ["Count"]}]},
        {"Metrics": [{"Name": "t", "StorageResolution": True}]},
        {"Metrics": [{"Name": "t", "StorageResolution": "60"}]},
        {"Metrics": [7]},
    ],
)
def test_a_broken_rule_makes_no_sample_and_one_validation_error(directive: dict[str, Any]) -> None:
    """Names, sets, units and resolutions are all held."""
    found = _extract(_event(directive))

    assert (list(found.samples), found.parsing_errors, found.validation_errors) == ([], 0, 1)


@pytest.mark.parametrize("value", [True, None, {}, "1", [1, "2"], [[1]], 1e200, 10**400, [1, None]])
def test_a_value_that_is_no_metric_value_is_an_error(value: Any) -> None:
    """Only numbers that CloudWatch can hold."""
    found = _extract(_event(t=value))

    assert (list(found.samples), found.validation_errors) == ([], 1)


@pytest.mark.parametrize("value", ["", "v" * 1_025, 7, None, ["api"]])
def test_a_dimension_value_must_be_text_of_fair_length(value: Any) -> None:
    """1 to 1,024 characters."""
    found = _extract(_event(svc=value))

    assert (list(found.samples), found.validation_errors) == ([], 1)


@pytest.mark.parametrize(
    "envelope",
    [
        {"CloudWatchMetrics": None},
        {"CloudWatchMetrics": {}},
        {"Timestamp": "now"},
        {"Timestamp": 1.5},
        {"Timestamp": True},
    ],
)
def test_a_broken_envelope_is_a_parsing_error(envelope: dict[str, Any]) -> None:
    """Without its list or its time nothing can be read."""
    found = _extract(_event(envelope=envelope))

    assert found == Extraction(parsing_errors=1)


@pytest.mark.parametrize("offset_ms", [-14 * 86_400_000 - 1, 2 * 3_600_000 + 1])
def test_a_time_out_of_range_is_a_validation_error(offset_ms: int) -> None:
    """Fourteen days back, two hours ahead: as any metric."""
    found = _extract(_event(envelope={"Timestamp": AT_MS + offset_ms}))

    assert found == Extraction(validation_errors=1)


@pytest.mark.parametrize("offset_ms", [-14 * 86_400_000, 2 * 3_600_000])
def test_the_bounds_of_time_are_within(offset_ms: int) -> None:
    """Both ends are taken."""
    (sample,) = _extract(_event(envelope={"Timestamp": AT_MS + offset_ms})).samples

    assert sample.timestamp_ms == AT_MS + offset_ms


def test_half_a_character_is_made_whole() -> None:
    """A cut emoji must not spoil ListMetrics."""
    message = _event().replace('"api"', '"a\\ud83d"')

    (sample,) = _extract(message).samples

    assert sample.metric.dimensions == (("svc", "a\ufffd"),)


@pytest.mark.parametrize("message", ["", "plain", '"_aws"', "[1]", "{", '{"a": "_aws"}', 'INFO {"_aws": 1}'])
def test_text_that_is_no_embedded_metric_is_no_error(message: str) -> None:
    """Most log events are none."""
    found = _extract(message)

    assert found == Extraction()


@pytest.mark.parametrize("message", ['{"_aws": 1}', ' {"\\u005faws": 1}', '{"_a\\u0077s": 1}'])
def test_no_spelling_of_the_key_is_missed(message: str) -> None:
    """JSON may write any letter as an escape."""
    assert may_hold_metrics(message)


@pytest.mark.parametrize("message", ["plain", '{"a": 1}', "C:\\u00e9", '{"a": "\\u20ac"}'])
def test_other_events_are_waved_away(message: str) -> None:
    """They need not be parsed for this."""
    assert not may_hold_metrics(message)


def test_errors_of_a_batch_are_counted_for_its_group() -> None:
    """One sample of each kind that occurred."""
    batch = [
        Extraction(parsing_errors=1),
        Extraction(),
        Extraction(validation_errors=2),
        Extraction(validation_errors=1),
    ]

    samples = list(error_samples(batch, "/app", AT_MS))

    dimensions = (("LogGroupName", "/app"),)
    assert [(sample.metric, sample.timestamp_ms, sample.values, sample.unit) for sample in samples] == [
        (Metric("AWS/Logs", "EMFParsingErrors", dimensions), AT_MS, (1.0,), "None"),
        (Metric("AWS/Logs", "EMFValidationErrors", dimensions), AT_MS, (3.0,), "None"),
    ]
    assert list(error_samples([Extraction()], "/app", AT_MS)) == []
