"""A body's variables and what a choice makes of its widgets."""

import asyncio
from typing import Any

import pytest

from inferwatch.drawing.timerange import Window
from inferwatch.drawing.variables import Option, Variable, chosen_body, read_variables, with_options
from inferwatch.model.errors import AwsError

WINDOW = Window(0, 3_600_000)
REGION = {"type": "property", "property": "region", "inputType": "input", "id": "r"}


def body(*metrics: Any, **properties: Any) -> dict[str, Any]:
    return {"widgets": [{"type": "metric", "properties": {"metrics": list(metrics), **properties}}]}


def properties_after(given: dict[str, Any], variable: dict[str, Any], value: str) -> dict[str, Any]:
    variables = read_variables({"variables": [variable]})
    changed = chosen_body(given, variables, {variable["id"]: value})
    found: dict[str, Any] = changed["widgets"][0]["properties"]
    return found


def test_a_property_is_changed_wherever_it_is_named() -> None:
    given = body(["LLM", "A", {"region": "us-east-1"}], region="us-east-1", title="us-east-1")

    after = properties_after(given, REGION, "eu-west-1")

    assert after == {
        "metrics": [["LLM", "A", {"region": "eu-west-1"}]],
        "region": "eu-west-1",
        "title": "us-east-1",
    }
    assert given["widgets"][0]["properties"]["region"] == "us-east-1"


def test_a_dimension_is_a_property_too_and_shorthand_does_not_hide_it() -> None:
    given = body(["LLM", "A", "Model", "a"], [".", "B", ".", "."], ["...", "b", {"stat": "Sum"}])
    variable = {"type": "property", "property": "Model", "inputType": "input", "id": "m"}

    after = properties_after(given, variable, "c")

    assert after["metrics"] == [
        ["LLM", "A", "Model", "c"],
        ["LLM", "B", "Model", "c"],
        ["LLM", "B", "Model", "c", {"stat": "Sum"}],
    ]


def test_a_metrics_name_is_no_dimension() -> None:
    """Only what stands in a dimension's place counts."""
    variable = {"type": "property", "property": "A", "inputType": "input", "id": "m"}

    assert properties_after(body(["LLM", "A", "Model", "A"]), variable, "x")["metrics"] == [
        ["LLM", "A", "Model", "A"]
    ]


@pytest.mark.parametrize(("name", "value", "after"), [("period", "300", 300), ("stacked", "false", False)])
def test_a_value_stays_of_its_kind(name: str, value: str, after: object) -> None:
    variable = {"type": "property", "property": name, "inputType": "input", "id": "v"}

    assert properties_after(body(period=60, stacked=True), variable, value)[name] is not None
    assert properties_after(body(period=60, stacked=True), variable, value)[name] == after


def test_a_pattern_is_replaced_in_every_text_of_the_widgets() -> None:
    given = body(["LLM", "A", "Model", "MODEL-x"], title="of MODEL", period=60)
    variable = {"type": "pattern", "pattern": "MODEL", "inputType": "input", "id": "m"}

    after = properties_after(given, variable, "$1\\")

    assert after == {"metrics": [["LLM", "A", "Model", "$1\\-x"]], "title": "of $1\\", "period": 60}


def test_without_a_choice_the_default_counts_and_without_that_the_body_stays() -> None:
    given = body(region="us-east-1")
    first = {**REGION, "defaultValue": "__FIRST", "values": [{"value": "eu-west-1"}, {"value": "x"}]}

    for variable, expected in (
        (REGION, "us-east-1"),
        ({**REGION, "defaultValue": "ap-south-1"}, "ap-south-1"),
        (first, "eu-west-1"),
    ):
        changed = chosen_body(given, read_variables({"variables": [variable]}), {})
        assert changed["widgets"][0]["properties"]["region"] == expected


@pytest.mark.parametrize(
    "variable",
    [
        None,
        3,
        {},
        {"id": "x"},
        {"id": "x", "type": "pattern", "property": "region"},
        {"id": 3, "property": "p"},
    ],
)
def test_what_is_no_variable_is_left_out(variable: object) -> None:
    assert read_variables({"variables": [variable]}) == ()


SEARCHED = {
    "type": "property",
    "property": "Model",
    "inputType": "select",
    "id": "m",
    "search": '{LLM,Model} MetricName="x"',
    "populateFrom": "Model",
}


class Found:
    """An API that finds metrics of these models."""

    def __init__(self, *labels: str) -> None:
        self.labels = labels
        self.asked: list[dict[str, Any]] = []

    async def call(self, region: str, service: str, operation: str, params: Any) -> dict[str, Any]:
        self.asked += params["MetricDataQueries"]
        results = [{"Id": "v", "Label": f"{label}\tsomething else"} for label in self.labels]
        return {"MetricDataResults": results}

    async def local(self, path: str) -> dict[str, Any]:
        raise AssertionError(path)


def searched(api: Any) -> Variable:
    (variable,) = asyncio.run(
        with_options(api, "us-east-1", read_variables({"variables": [SEARCHED]}), WINDOW)
    )
    return variable


def test_options_are_what_a_search_finds_under_the_name() -> None:
    api = Found("b", "a", "b", "--")

    variable = searched(api)

    assert variable.options == (Option("a", "a"), Option("b", "b"))
    assert api.asked[0]["Expression"] == """SEARCH('{LLM,Model} MetricName="x"', 'SampleCount', 3600)"""
    assert api.asked[0]["Label"] == "${PROP('Dim.Model')}\t${LABEL}"


def test_a_refused_search_is_said_beside_the_input(engine: Any) -> None:
    engine.refusals["GetMetricData"] = AwsError("ValidationError", "no SEARCH here")

    variable = searched(engine)

    assert variable.options == ()
    assert variable.note == "its values cannot be searched for: no SEARCH here"


def test_a_body_nested_beyond_all_depth_stays_as_it_is() -> None:
    nested: Any = "MODEL"
    for _ in range(5_000):
        nested = [nested]
    variable = {"type": "pattern", "pattern": "MODEL", "inputType": "input", "id": "m"}

    changed = chosen_body({"widgets": nested}, read_variables({"variables": [variable]}), {"m": "x"})

    assert changed["widgets"] is nested
