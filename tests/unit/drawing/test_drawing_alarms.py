"""Alarms: what they watch, their line, their words, their past."""

import asyncio
from typing import Any

import pytest

from inferwatch.console.history import Stretch, read_history, strip
from inferwatch.drawing.alarms import Alarm, is_watching, level_in, picture_of, read_alarms
from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.rows import ExpressionRow
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import Level, MetricWidget, Place


@pytest.fixture
def alarms(engine: Any) -> dict[str, Alarm]:
    return {alarm.name: alarm for alarm in asyncio.run(read_alarms(engine, "us-east-1"))}


def widget(*metrics: Any, **properties: Any) -> MetricWidget:
    given = {"metrics": list(metrics), **properties}
    return read_metric_widget(given, Place(0, 0, 6, 6), region="us-east-1")


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


# Drawn as fine as the rows ask.
HOUR = Window(1_795_680_000_000, 1_795_683_600_000)


def test_a_threshold_is_drawn_only_where_the_compared_statistic_is(alarms: dict[str, Alarm]) -> None:
    average = widget(["LLM/Inference", "InferenceLatency", {"stat": "Average"}])
    maximum = widget(["LLM/Inference", "InferenceLatency", {"stat": "Maximum", "yAxis": "right"}])

    assert level_in(alarms["slow-inferences"], average, HOUR) is None
    assert level_in(alarms["slow-inferences"], maximum, HOUR) == Level(
        2000.0, "slow-inferences > 2,000", None, "above", "right"
    )


def test_the_line_of_an_alarm_that_is_not_raised_keeps_to_the_background(alarms: dict[str, Alarm]) -> None:
    shown = widget(["LLM/Inference", "InferenceLatency", {"stat": "p99"}])

    level = level_in(alarms["latency-p99"], shown, HOUR)

    assert level == Level(4000.0, "latency-p99 > 4,000", quiet=True)


def sum_alarm(period_s: int, stat: str = "Sum") -> Alarm:
    rows = widget(["LLM", "Errors"], stat=stat, period=period_s).rows
    return Alarm("a", "arn", "us-east-1", "OK", 0, "", "", "", 5.0, "GreaterThanThreshold", rows, True, {})


@pytest.mark.parametrize(
    ("stat", "period_s", "drawn"),
    [("Sum", 60, True), ("Sum", 300, False), ("SampleCount", 300, False), ("Average", 300, True)],
)
def test_what_adds_up_is_compared_over_the_same_period_only(stat: str, period_s: int, drawn: bool) -> None:
    shown = widget(["LLM", "Errors"], stat=stat, period=period_s)

    assert (level_in(sum_alarm(60, stat), shown, HOUR) is not None) is drawn


def test_a_picture_too_long_for_the_alarms_period_has_no_line_of_a_sum() -> None:
    week = Window(HOUR.to_ms - 7 * 24 * 3_600_000, HOUR.to_ms)

    assert level_in(sum_alarm(60), widget(["LLM", "Errors"], stat="Sum", period=60), week) is None


@pytest.mark.parametrize(
    ("errors", "requests", "expression", "drawn"),
    [
        ("Errors", "Inferences", "100*errors/requests", True),
        ("Timeouts", "Inferences", "100*errors/requests", False),
        ("Errors", "Tokens", "100*errors/requests", False),
        ("Errors", "Inferences", "10*errors/requests", False),
    ],
)
def test_a_math_alarm_is_drawn_where_the_same_is_computed(
    alarms: dict[str, Alarm], errors: str, requests: str, expression: str, drawn: bool
) -> None:
    shown = widget(
        ["LLM/Inference", errors, {"id": "errors", "visible": False}],
        ["LLM/Inference", requests, {"id": "requests", "visible": False}],
        [{"expression": expression}],
        stat="Sum",
        period=60,
    )

    assert (level_in(alarms["error-rate"], shown, HOUR) is not None) is drawn


@pytest.mark.parametrize(("stat", "period_s"), [("Average", 60), ("Sum", 300)])
def test_an_expression_of_another_statistic_or_period_is_another(
    alarms: dict[str, Alarm], stat: str, period_s: int
) -> None:
    shown = widget(
        ["LLM/Inference", "Errors", {"id": "errors"}],
        ["LLM/Inference", "Inferences", {"id": "requests"}],
        [{"expression": "100 * errors / requests"}],
        stat=stat,
        period=period_s,
    )

    assert level_in(alarms["error-rate"], shown, HOUR) is None


def test_ids_do_not_matter_and_expressions_may_stand_on_others(alarms: dict[str, Alarm]) -> None:
    shown = widget(
        ["LLM/Inference", "Errors", {"id": "e"}],
        ["LLM/Inference", "Inferences", {"id": "all"}],
        [{"expression": "100 * e / all", "id": "rate"}],
        stat="Sum",
        period=60,
    )
    itself = widget([{"expression": "rate", "id": "rate"}])

    assert level_in(alarms["error-rate"], shown, HOUR) is not None
    assert level_in(alarms["error-rate"], itself, HOUR) is None


def test_a_widget_that_names_an_alarm_shows_its_line_whatever_it_draws(alarms: dict[str, Alarm]) -> None:
    named = widget(["A", "B"], annotations={"alarms": [alarms["slow-inferences"].arn]})

    assert is_watching(alarms["slow-inferences"], named)
    assert level_in(alarms["slow-inferences"], named, HOUR) is not None


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
