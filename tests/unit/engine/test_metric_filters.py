"""Metric filters: what one event becomes, and which filters are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.metricfilters.apply import apply_filters
from inferwatch.engine.metricfilters.filter import MetricFilter, Transformation, make_filter
from inferwatch.engine.metricfilters.sample import Sample
from inferwatch.engine.metricfilters.store import MetricFilters
from inferwatch.model.errors import AwsError

Vectors = Callable[[str], list[dict[str, Any]]]
ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /x HTTP/1.0" 200 1534'


def _filter(pattern: str, value: str = "1", name: str = "f", **more: Any) -> MetricFilter:
    system = more.pop("system_dimensions", None)
    return make_filter(name, pattern, Transformation("m", "n", value, **more), 0, system_dimensions=system)


def _made(made: MetricFilter, message: str) -> list[tuple[float, dict[str, str]]]:
    """What both evaluators make of a message: they must agree."""
    plain = [sample for _, sample in apply_filters([made], message)]
    filters = MetricFilters()
    filters.put("g", made)
    generated = [sample for _, _, sample in filters.samples("g", [message])]
    assert generated == plain
    return [(sample.value, sample.dimensions) for sample in plain]


def test_samples_are_those_the_service_recorded(vectors: Vectors) -> None:
    """Values, defaults and dimensions of every recorded filter, from both evaluators."""
    checked = 0
    for case in vectors("metric_filters"):
        if "error" in case:
            continue
        given = case["transformation"]
        made = _filter(
            case["filterPattern"],
            given["metricValue"],
            default_value=given.get("defaultValue"),
            dimensions=given.get("dimensions") or {},
            system_dimensions=dict.fromkeys(case.get("emitSystemFieldDimensions", []), "111111111111"),
        )
        messages = [event if isinstance(event, str) else event["message"] for event in case["events"]]

        samples = [sample for message in messages for sample in _made(made, message)]

        expected = [(sample["value"], sample["dimensions"]) for sample in case["samples"]]
        assert samples == expected, case["id"]
        checked += 1
    assert checked == 22


@pytest.mark.parametrize(
    ("value", "expected"),
    [("$size", 1534.0), ("$7", 1534.0), ("$status", 200.0), ("$ip", None), ("$9", 0.0)],
)
def test_a_value_comes_from_a_space_delimited_field(value: str, expected: float | None) -> None:
    """By name or by position; text that is no number makes nothing, a missing field the default value."""
    made = _filter("[ip, ..., status, size]", value, default_value=0)

    samples = _made(made, ACCESS)

    assert samples == ([] if expected is None else [(expected, {})])


def test_dimensions_come_from_space_delimited_fields() -> None:
    """`$name` and `$n` both."""
    made = _filter("[ip, ..., status, size]", dimensions={"Status": "$status", "User": "$3"})

    samples = _made(made, ACCESS)

    assert samples == [(1.0, {"Status": "200", "User": "frank"})]


@pytest.mark.parametrize(
    "value", ["$nothing", "$0", "$4", "$a.b", "$", "abc", "$.a[*]", "$.", "1e999", "NaN"]
)
def test_a_value_from_nowhere_is_refused(value: str) -> None:
    """Names the pattern does not hold, wildcards, and what is no number."""
    with pytest.raises(AwsError) as refused:
        _filter("[a, b, c]", value)

    assert (refused.value.code, refused.value.message) == (
        "InvalidParameterException",
        f"Invalid metric transformation: metric value {value} must be a valid number",
    )


def test_a_field_of_a_json_pattern_is_no_value() -> None:
    """`$a` names a space-delimited field only."""
    with pytest.raises(AwsError, match="metric value \\$a must be a valid number"):
        _filter("{ $.a = 1 }", "$a")


def test_system_dimensions_count_among_the_three() -> None:
    """Four in all are refused."""
    with pytest.raises(AwsError, match="at most 3 dimensions"):
        _filter(
            "{ $.a = * }",
            dimensions={"A": "$.a", "B": "$.b"},
            system_dimensions={"@aws.account": "1", "@aws.region": "r"},
        )


def test_a_system_dimension_stands_beside_a_field() -> None:
    """Both are on the sample."""
    made = _filter("{ $.a = * }", dimensions={"A": "$.a"}, system_dimensions={"@aws.region": "eu-west-1"})

    samples = _made(made, '{"a": "x"}')

    assert samples == [(1.0, {"A": "x", "@aws.region": "eu-west-1"})]


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ("true", "true"),
        ("1", "1"),
        ("1.0", "1.0"),
        ('"x y"', "x y"),
        ("1e10", "1.0E10"),
        ('"\\ud83d"', "\ufffd"),
    ],
)
def test_a_dimension_is_the_fields_text(node: str, text: str) -> None:
    """Scalars are printed; half a character is replaced."""
    made = _filter("{ $.a NOT EXISTS }", dimensions={"B": "$.b"})

    samples = _made(made, f'{{"b": {node}}}')

    assert samples == [(1.0, {"B": text})]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("12", [(12.0, {})]),
        ("-0.5", [(-0.5, {})]),
        ('"7"', [(7.0, {})]),
        ("true", []),
        ("[1]", []),
        ("null", [(9.0, {})]),
        ("1e309", []),
        ("1e200", []),
        ("1" * 400, []),
        ("1" * 5_000, []),
        ("9007199254740993", [(9007199254740992.0, {})]),
    ],
)
def test_a_value_is_a_number_within_cloudwatchs_range(node: str, expected: list[Any]) -> None:
    """2**360 either way; what is no number makes nothing, null the default value."""
    made = _filter("", "$.v", default_value=9)

    samples = _made(made, f'{{"v": {node}}}')

    assert samples == expected


def test_a_group_holds_a_hundred_filters() -> None:
    """The hundred and first is refused; replacing one is not."""
    filters = MetricFilters()
    for number in range(100):
        filters.put("g", _filter("", name=f"f{number}"))

    with pytest.raises(AwsError, match="Resource limit exceeded") as refused:
        filters.put("g", _filter("", name="one-more"))

    filters.put("g", _filter("", "2", name="f7"))
    assert refused.value.code == "LimitExceededException"
    assert len(filters.of_group("g")) == 100


def test_a_group_holds_five_filters_with_a_regular_expression() -> None:
    """The sixth is refused, also when subscription filters hold some; others are welcome."""
    filters = MetricFilters()
    for number in range(5):
        filters.put("g", _filter("%x%", name=f"f{number}"))

    with pytest.raises(AwsError, match="Resource limit exceeded"):
        filters.put("g", _filter("{ $.a = %x% }", name="sixth"))

    filters.put("g", _filter("[a = %y%]", name="f3"))
    filters.put("g", _filter("ERROR", name="sixth"))
    with pytest.raises(AwsError, match="Resource limit exceeded"):
        filters.put("other", _filter("%x%"), other_regexes=5)


def test_a_changed_filter_is_used_from_the_next_event() -> None:
    """Put, replace and delete each take effect at once."""
    filters = MetricFilters()
    seen = []

    filters.put("g", _filter("", "1"))
    seen.append([sample.value for _, _, sample in filters.samples("g", ["a"])])
    filters.put("g", _filter("", "2"))
    seen.append([sample.value for _, _, sample in filters.samples("g", ["a"])])
    filters.delete("g", "f")
    seen.append([sample.value for _, _, sample in filters.samples("g", ["a"])])

    assert seen == [[1.0], [2.0], []]


def test_samples_name_their_event_and_filter_in_order() -> None:
    """By event, then by the filter's name, whatever kind each filter is."""
    filters = MetricFilters()
    for name, pattern in (("c", "{ $.a = 1 }"), ("a", "boom"), ("b", "%b..m%"), ("d", "[x]")):
        filters.put("g", _filter(pattern, name=name))

    samples = [
        (index, item.name, sample)
        for index, item, sample in filters.samples("g", ["no", "boom", '{"a":1}', '{"a":1'])
    ]

    one = Sample(1.0, {})
    assert samples == [
        (0, "d", one),
        (1, "a", one),
        (1, "b", one),
        (1, "d", one),
        (2, "c", one),
        (2, "d", one),
        (3, "d", one),
    ]
