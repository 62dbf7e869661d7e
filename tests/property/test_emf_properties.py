"""Whatever JSON an event holds, it is answered, and it harms no other."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inferwatch.engine.emf.directive import METRICS_MAX
from inferwatch.engine.emf.extract import Extraction, extract, may_hold_metrics
from inferwatch.engine.filterpattern import parse_document
from inferwatch.model.limits import METRIC_VALUE_MAX

AT_MS = 1_735_689_600_000
WORDS = [
    "_aws",
    "CloudWatchMetrics",
    "Timestamp",
    "Namespace",
    "Dimensions",
    "Metrics",
    "Name",
    "Unit",
    "t",
    "svc",
]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from([*WORDS, "Count", 60, 1, AT_MS, 10**400, 1e308]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
metric = st.fixed_dictionaries(
    {"Name": anything | st.just("t")}, optional={"Unit": anything, "StorageResolution": anything}
)
directive = anything | st.fixed_dictionaries(
    {
        "Namespace": anything | st.just("app"),
        "Dimensions": anything | st.just([["svc"], []]),
        "Metrics": anything | st.lists(metric | anything, max_size=3),
    }
)
envelope = anything | st.fixed_dictionaries(
    {"CloudWatchMetrics": anything | st.lists(directive, max_size=3)},
    optional={"Timestamp": anything | st.just(AT_MS)},
)
document = st.fixed_dictionaries({"_aws": envelope, "t": anything, "svc": anything | st.just("api")})

SOUND: dict[str, Any] = {"Namespace": "sound", "Dimensions": [["kept"]], "Metrics": [{"Name": "good"}]}


def _extract(message: str) -> Extraction:
    return extract(message, parse_document(message), AT_MS, AT_MS)


@given(st.text() | document.map(json.dumps) | anything.map(json.dumps))
def test_no_message_raises_and_every_sample_can_be_held(message: str) -> None:
    """Only finite values within CloudWatch's range, and names that can be encoded."""
    found = _extract(message)

    for sample in found.samples:
        assert 1 <= len(sample.values) <= 100
        assert all(math.isfinite(value) and abs(value) <= METRIC_VALUE_MAX for value in sample.values)
        assert sample.resolution_s in (1, 60)
        repr((sample.metric, sample.unit)).encode()
        for name, value in (("namespace", sample.metric.namespace), *sample.metric.dimensions):
            f"{name}{value}".encode()
    assert found.parsing_errors in (0, 1)


@given(st.text() | document.map(json.dumps))
def test_the_cheap_question_never_hides_a_metric(message: str) -> None:
    """What it waves away holds nothing, and counts nothing."""
    if not may_hold_metrics(message):
        assert _extract(message) == Extraction()


@given(st.lists(directive, max_size=3), st.integers(0, 3))
def test_a_sound_directive_is_read_whatever_stands_beside_it(beside: list[Any], place: int) -> None:
    """Neighbours are unharmed."""
    directives = [*beside]
    directives.insert(place, SOUND)
    aws = {"Timestamp": AT_MS, "CloudWatchMetrics": directives}

    found = _extract(json.dumps({"_aws": aws, "kept": "yes", "good": 5, "t": 1, "svc": "api"}))

    ours = [sample for sample in found.samples if sample.metric.namespace == "sound"]
    assert [(sample.metric.name, sample.metric.dimensions, sample.values) for sample in ours] == [
        ("good", (("kept", "yes"),), [5.0])
    ]
    assert found.validation_errors <= len(beside) * METRICS_MAX
