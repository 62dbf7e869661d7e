"""Alarms: what they watch, their line, their words, their past."""

import asyncio
import json
from typing import Any

import pytest

from inferwatch.console.alarms import Alarm, is_watching, level_in, picture_of, read_alarms
from inferwatch.console.body import Level, MetricWidget, read_body
from inferwatch.console.history import Stretch, read_history, strip
from inferwatch.console.readings import Window
from inferwatch.console.rows import ExpressionRow


@pytest.fixture
def alarms(engine: Any) -> dict[str, Alarm]:
    return {alarm.name: alarm for alarm in asyncio.run(read_alarms(engine, "us-east-1"))}


def widget(*metrics: Any, **properties: Any) -> MetricWidget:
    body = {"widgets": [{"type": "metric", "properties": {"metrics": metrics, **properties}}]}
    found = read_body(json.dumps(body), region="us-east-1").widgets[0]
    assert isinstance(found, MetricWidget)
    return found


def test_the_loudest_alarm_comes_first(alarms: dict[str, Alarm]) -> None:
    assert list(alarms) == ["slow-inferences", "error-rate", "latency-p99"]


def test_conditions_are_worded(alarms: dict[str, Alarm]) -> None:
    assert [alarm.condition for alarm in alarms.values()] == [
        "Maximum of InferenceLatency > 2,000, 1 of 1 datapoints within 1 minute",
        "error rate > 5, 3 of 3 datapoints within 3 minutes",
        "p99 of InferenceLatency > 4,000, 2 of 3 datapoints within 3 minutes",
    ]


def test_an_alarm_watches_a_widget_that_shows_its_metric(alarms: dict[str, Alarm]) -> None:
    latency = widget(["LLM/Inference", "InferenceLatency"])
    other_dimensions = widget(["LLM/Inference", "InferenceLatency", "Model", "a"])
    other_region = widget(["LLM/Inference", "InferenceLatency", {"region": "eu-west-1"}])

    assert is_watching(alarms["slow-inferences"], latency)
    assert not is_watching(alarms["slow-inferences"], other_dimensions)
    assert not is_watching(alarms["slow-inferences"], other_region)


def test_a_threshold_is_drawn_only_where_the_compared_statistic_is(alarms: dict[str, Alarm]) -> None:
    average = widget(["LLM/Inference", "InferenceLatency", {"stat": "Average"}])
    maximum = widget(["LLM/Inference", "InferenceLatency", {"stat": "Maximum", "yAxis": "right"}])

    assert level_in(alarms["slow-inferences"], average) is None
    assert level_in(alarms["slow-inferences"], maximum) == Level(
        2000.0, "slow-inferences > 2,000", None, "above", "right"
    )


def test_the_line_of_an_alarm_that_is_not_raised_keeps_to_the_background(alarms: dict[str, Alarm]) -> None:
    level = level_in(alarms["latency-p99"], widget(["LLM/Inference", "InferenceLatency", {"stat": "p99"}]))

    assert level == Level(4000.0, "latency-p99 > 4,000", quiet=True)


def test_a_math_alarm_is_drawn_on_the_same_expression(alarms: dict[str, Alarm]) -> None:
    same = widget(
        ["LLM/Inference", "Errors", {"id": "errors"}],
        ["LLM/Inference", "Inferences", {"id": "requests"}],
        [{"expression": "100*errors/requests"}],
    )

    level = level_in(alarms["error-rate"], same)

    assert level is not None
    assert level.value == 5.0


def test_a_widget_that_names_an_alarm_shows_its_line_whatever_it_draws(alarms: dict[str, Alarm]) -> None:
    named = widget(["A", "B"], annotations={"alarms": [alarms["slow-inferences"].arn]})

    assert is_watching(alarms["slow-inferences"], named)
    assert level_in(alarms["slow-inferences"], named) is not None


def test_an_alarms_own_picture_draws_what_it_compares(alarms: dict[str, Alarm]) -> None:
    picture = picture_of(alarms["error-rate"])

    assert picture is not None
    assert [(row.id, row.visible) for row in picture.rows] == [
        ("e1", True),
        ("errors", False),
        ("requests", False),
    ]
    assert isinstance(picture.rows[0], ExpressionRow)
    assert [level.value for level in picture.levels] == [5.0]


def test_a_strip_follows_the_states_from_the_alarms_creation(engine: Any, fake: Any) -> None:
    window = Window(fake.NOW_MS - 60 * 60_000, fake.NOW_MS)
    changes = asyncio.run(read_history(engine, "us-east-1", since_ms=window.from_ms))

    stretches = strip("slow-inferences", "ALARM", changes, window)

    assert stretches == (
        Stretch("INSUFFICIENT_DATA", 166.7, 150.0),
        Stretch("OK", 316.7, 536.1),
        Stretch("ALARM", 852.8, 147.2),
    )


def test_a_strip_without_changes_is_the_state_held_now() -> None:
    assert strip("a", "OK", (), Window(0, 1000)) == (Stretch("OK", 0.0, 1000.0),)


def test_without_a_history_a_strip_begins_where_the_state_is_known() -> None:
    assert strip("a", "OK", (), Window(0, 1000), since_ms=400) == (Stretch("OK", 400.0, 600.0),)


def test_history_that_cannot_be_parsed_is_still_told(engine: Any) -> None:
    engine.history = [
        {
            "AlarmName": "a",
            "Timestamp": 5,
            "HistoryItemType": "Action",
            "HistoryData": "{",
            "HistorySummary": "s",
        }
    ]

    (change,) = asyncio.run(read_history(engine, "us-east-1", since_ms=0))

    assert (change.kind, change.summary, change.state) == ("Action", "s", None)
