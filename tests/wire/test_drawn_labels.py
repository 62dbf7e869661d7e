"""What pictures read of the engine: dynamic labels, and variables that a search fills."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.readings import Reading, Units, read_widget
from inferwatch.drawing.remote import RemoteApi
from inferwatch.drawing.sheets import read_sheet
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.variables import Option, Variable, read_chosen
from inferwatch.drawing.widgets import MetricWidget, Place

Aws = Callable[[str], Any]
NOON_MS = 1_795_521_600_000
HOUR_MS = 3_600_000


@pytest.fixture
def api(aws: Aws) -> RemoteApi:
    """An engine that two models have told of, as pictures ask it."""
    for model, value in (("small", 4.0), ("large", 20.0)):
        aws("cloudwatch").put_metric_data(
            Namespace="LLM",
            MetricData=[
                {
                    "MetricName": "Latency",
                    "Dimensions": [{"Name": "Model", "Value": model}],
                    "Timestamp": (NOON_MS - ago * 60_000) // 1_000,
                    "Value": value + ago,
                }
                for ago in (10, 20, 30)
            ],
        )
    return RemoteApi(lambda service, _: aws(service))


def _read(api: RemoteApi, *metrics: Any, **more: Any) -> Reading:
    properties = {"metrics": list(metrics), "period": 60, "stat": "Sum", **more}
    widget = read_metric_widget(properties, Place(0, 0, 24, 6), region="us-east-1")
    return asyncio.run(read_widget(api, widget, Window(NOON_MS - HOUR_MS, NOON_MS), Units(api)))


def _labels(reading: Reading) -> list[str]:
    assert reading.problems == ()
    return [series.label for series in reading.series]


def test_a_widgets_labels_show_what_its_lines_hold(api: RemoteApi) -> None:
    """Of metrics by name, of searches, and of what is reckoned."""
    reading = _read(
        api,
        ["LLM", "Latency", "Model", "small", {"id": "m1", "label": "${PROP('Dim.Model')} max ${MAX}"}],
        [{"expression": "m1 * 2", "label": "twice, last ${LAST}"}],
        [{"expression": "SEARCH('{LLM,Model} Latency', 'Sum', 60)", "label": "${LABEL} ${MIN}"}],
    )

    assert _labels(reading) == ["small max 34", "twice, last 28", "large 30", "small 14"]


def test_times_in_labels_are_those_of_the_widgets_zone(api: RemoteApi) -> None:
    """As its axis is."""
    row = ["LLM", "Latency", "Model", "small", {"label": "${LAST_TIME}"}]

    assert _labels(_read(api, row)) == ["2026-11-24 11:50:00"]
    assert _labels(_read(api, row, timezone="+0130")) == ["2026-11-24 13:20:00"]


def test_a_label_that_cannot_be_understood_is_said_on_its_widget(api: RemoteApi) -> None:
    """In the engine's words."""
    reading = _read(api, ["LLM", "Latency", "Model", "small", {"label": "${NO}"}])

    (problem,) = reading.problems
    assert reading.series == ()
    assert problem.endswith(": unknown dynamic value '${NO}' at column 1")


def test_an_account_of_a_widget_is_ours_or_is_said_to_be_forbidden(api: RemoteApi) -> None:
    """On the picture."""
    row = ["LLM", "Latency", "Model", "small"]

    assert _labels(_read(api, row, accountId="123456789012")) == ["Latency"]
    (problem,) = _read(api, row, accountId="111122223333").problems
    assert problem.startswith("Access denied when getting data - please check that this account")


def _dashboard(aws: Aws, **variable: Any) -> None:
    row = ["LLM", "Latency", "Model", "MODEL", {"label": "${PROP('Dim.Model')}: ${DATAPOINT_COUNT}"}]
    properties = {"region": "us-east-1", "metrics": [row], "period": 60, "stat": "Sum"}
    body = {
        "variables": [
            {
                "type": "property",
                "property": "Model",
                "inputType": "select",
                "id": "model",
                "defaultValue": "__FIRST",
                "search": '{LLM,Model} MetricName="Latency"',
                "populateFrom": "Model",
                **variable,
            }
        ],
        "widgets": [{"type": "metric", "properties": properties}],
    }
    aws("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=json.dumps(body))


def _variable(api: RemoteApi, aws: Aws, **variable: Any) -> Variable:
    _dashboard(aws, **variable)
    text = aws("cloudwatch").get_dashboard(DashboardName="d")["DashboardBody"]
    _, (found,) = asyncio.run(read_chosen(api, "us-east-1", text, {}, NOON_MS))
    return found


@pytest.mark.parametrize(
    ("populate_from", "values"),
    [("Model", ["large", "small"]), ("MetricName", ["Latency"]), ("Namespace", ["LLM"]), ("Region", ["us-east-1"])],
)  # fmt: skip
def test_a_variable_offers_what_its_search_finds(
    api: RemoteApi, aws: Aws, populate_from: str, values: list[str]
) -> None:
    """Values of a dimension, or of what a metric is."""
    assert _variable(api, aws, populateFrom=populate_from).options == tuple(
        Option(value, value) for value in values
    )


def test_a_variable_whose_search_finds_no_value_says_so(api: RemoteApi, aws: Aws) -> None:
    """Nothing found, a dimension that none has, a text that is no search."""
    assert _variable(api, aws, search="nobody").note == "its search finds nothing"
    assert _variable(api, aws, populateFrom="Zone").note == "its search finds nothing"
    assert (
        "its values cannot be searched for: Error in expression 'v'" in _variable(api, aws, search="(").note
    )


def test_a_dashboard_shows_the_first_value_found_until_another_is_chosen(api: RemoteApi, aws: Aws) -> None:
    """Its label says which."""
    _dashboard(aws)

    def labels(**chosen: str) -> list[str]:
        sheet = asyncio.run(read_sheet(api, "us-east-1", "d", now_ms=NOON_MS, theme="light", chosen=chosen))
        (panel,) = sheet.panels
        assert isinstance(panel.widget, MetricWidget)
        assert panel.sketch is not None
        return [series.label for series in panel.sketch.reading.series]

    assert labels() == ["large: 3"]
    assert labels(model="small") == ["small: 3"]


def test_an_image_has_its_labels_filled_in(api: RemoteApi, aws: Aws) -> None:
    """GetMetricWidgetImage draws what the page draws; what it cannot read is on the picture too."""

    def image(label: str) -> bytes:
        widget = {"metrics": [["LLM", "Latency", "Model", "small", {"label": label}]], "start": "-PT1H"}
        answer = aws("cloudwatch").get_metric_widget_image(MetricWidget=json.dumps(widget))
        png: bytes = answer["MetricWidgetImage"]
        return png

    assert image("${PROP('Dim.Model')} ${PROP('Stat')}") == image("small Average")
    assert image("${MAX}") == image("34")
    assert image("${MIN}") != image("34")
    assert isinstance(image("${NO}"), bytes)
