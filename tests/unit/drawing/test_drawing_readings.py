"""A widget's rows → GetMetricData → series."""

import asyncio
from dataclasses import replace
from typing import Any

from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.readings import Reading, Units, read_widget
from inferwatch.drawing.timerange import parse_range
from inferwatch.drawing.widgets import MetricWidget, Place
from inferwatch.model.errors import AwsError


def widget(**properties: Any) -> MetricWidget:
    return read_metric_widget({"period": 60, **properties}, Place(0, 0, 6, 6), region="us-east-1")


def read(engine: Any, of: MetricWidget, time_range: str = "1h") -> Reading:
    window = parse_range(time_range).window(engine.now_ms)
    return asyncio.run(read_widget(engine, of, window, Units(engine)))


def asked(engine: Any, operation: str = "GetMetricData") -> list[Any]:
    return [params for _, _, name, params in engine.calls if name == operation]


def test_a_window_ends_with_the_running_minute() -> None:
    window = parse_range("1h").window(1_795_682_105_000)

    assert (window.from_ms, window.to_ms) == (1_795_678_560_000, 1_795_682_160_000)


def test_rows_become_queries_in_awss_casing(engine: Any) -> None:
    of = widget(
        metrics=[
            [
                "LLM/Inference",
                "Errors",
                "Model",
                "a",
                {"id": "m1", "stat": "Sum", "visible": False, "label": "x"},
            ],
            [{"expression": "m1 * 2", "id": "e1", "label": "twice"}],
        ]
    )

    read(engine, of)

    assert asked(engine)[0] == {
        "MetricDataQueries": [
            {
                "Id": "m1",
                "ReturnData": False,
                "Label": "x",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "LLM/Inference",
                        "MetricName": "Errors",
                        "Dimensions": [{"Name": "Model", "Value": "a"}],
                    },
                    "Period": 60,
                    "Stat": "Sum",
                },
            },
            {"Id": "e1", "ReturnData": True, "Label": "twice", "Expression": "m1 * 2", "Period": 60},
        ],
        "StartTime": 1_795_678_560_000,
        "EndTime": 1_795_682_160_000,
        "ScanBy": "TimestampAscending",
        "LabelOptions": {"Timezone": "+0000"},
    }


def test_the_grid_of_periods_hangs_on_whole_periods(engine: Any) -> None:
    read(engine, widget(metrics=[["LLM/Inference", "Errors"]], period=300))

    assert (asked(engine)[0]["StartTime"], asked(engine)[0]["EndTime"]) == (
        1_795_678_500_000,
        1_795_682_400_000,
    )


def test_a_period_finer_than_awss_retention_is_asked_at_a_minute(engine: Any) -> None:
    read(engine, widget(metrics=[["LLM/Inference", "Errors"]], period=10), "12h")

    assert asked(engine)[0]["MetricDataQueries"][0]["MetricStat"]["Period"] == 60


def test_a_week_of_minutes_is_asked_in_longer_periods(engine: Any) -> None:
    read(engine, widget(metrics=[["LLM/Inference", "Errors"]]), "7d")

    assert asked(engine)[0]["MetricDataQueries"][0]["MetricStat"]["Period"] == 900


def test_rows_of_two_regions_are_asked_in_their_own(engine: Any) -> None:
    of = widget(metrics=[["LLM/Inference", "Errors"], ["LLM/Inference", "Errors", {"region": "eu-west-1"}]])

    reading = read(engine, of)

    assert [region for region, _, name, _ in engine.calls if name == "GetMetricData"] == [
        "us-east-1",
        "eu-west-1",
    ]
    assert len(reading.series) == 2


def test_the_unit_is_learned_once(engine: Any) -> None:
    of = widget(metrics=[["LLM/Inference", "InferenceLatency"], ["...", {"stat": "SampleCount"}]])

    reading = read(engine, of)

    assert [one.unit for one in reading.series] == ["Milliseconds", "Count"]
    (question,) = asked(engine, "GetMetricStatistics")
    assert (question["StartTime"], question["EndTime"]) == (1_795_676_400_000, 1_795_683_600_000)


def test_pages_of_a_series_are_joined(engine: Any) -> None:
    answers = [
        {
            "MetricDataResults": [{"Id": "q1", "Label": "A", "Timestamps": [t0], "Values": [1.0]}],
            "NextToken": "n",
        },
        {"MetricDataResults": [{"Id": "q1", "Label": "A", "Timestamps": [t0 + 60_000], "Values": [2.0]}]},
    ]
    engine._GetMetricData = lambda params: answers.pop(0)

    reading = read(engine, widget(metrics=[["LLM/Inference", "A"]]))

    assert reading.series[0].points == ((t0, 1.0), (t0 + 60_000, 2.0))
    assert asked(engine)[1]["NextToken"] == "n"


t0 = 1_795_680_000_000


def test_an_array_expression_gives_a_series_for_each_result(engine: Any) -> None:
    results = [{"Id": "q1", "Label": label, "Timestamps": [t0], "Values": [1.0]} for label in ("a", "b")]
    engine._GetMetricData = lambda params: {"MetricDataResults": results}

    reading = read(engine, widget(metrics=[[{"expression": "SEARCH('x', 'Sum')"}]]))

    assert [one.label for one in reading.series] == ["a", "b"]


def test_values_that_are_not_numbers_are_no_data(engine: Any) -> None:
    result = {"Id": "q1", "Label": "a", "Timestamps": [t0, t0 + 60_000], "Values": [float("nan"), 0.0]}
    engine._GetMetricData = lambda params: {"MetricDataResults": [result]}

    reading = read(engine, widget(metrics=[["LLM/Inference", "A"]]))

    assert reading.series[0].points == ((t0 + 60_000, 0.0),)


def test_a_refusal_and_aws_messages_become_problems(engine: Any) -> None:
    engine.refusals["GetMetricData"] = AwsError(
        "ValidationError", "Error in expression 'e1': Function 'X' not found"
    )

    reading = read(engine, widget(metrics=[[{"expression": "X(m1)", "id": "e1"}]]))

    assert reading.series == ()
    assert reading.problems == ("Error in expression 'e1': Function 'X' not found",)


def test_the_whole_range_can_be_one_period(engine: Any) -> None:
    read(
        engine,
        widget(metrics=[["LLM/Inference", "Errors"]], setPeriodToTimeRange=True, view="singleValue"),
        "3h",
    )

    query = asked(engine)[0]
    assert query["MetricDataQueries"][0]["MetricStat"]["Period"] == 10_800
    assert (query["StartTime"], query["EndTime"]) == (1_795_671_360_000, 1_795_694_400_000)


class Several:
    """An API whose one query gives several series, two of one label, over two pages."""

    def __init__(self) -> None:
        self.pages = 0

    async def call(self, region: str, service: str, operation: str, params: Any) -> dict[str, Any]:
        assert operation == "GetMetricData"
        self.pages += 1
        at_ms = params["StartTime"] + self.pages * 60_000
        results = [
            {"Id": "e1", "Label": label, "Timestamps": [at_ms], "Values": [value]}
            for label, value in (("a", 1.0), ("b", 2.0), ("b", 3.0))
        ]
        more = {"NextToken": "next"} if self.pages == 1 else {}
        return {"MetricDataResults": results, **more}

    async def local(self, path: str) -> dict[str, Any]:
        raise AssertionError(path)


def test_one_query_may_give_several_series_in_colours_of_their_own() -> None:
    of = widget(metrics=[[{"expression": "SEARCH(...)", "id": "e1", "color": "#123456"}]])
    api = Several()
    window = parse_range("1h").window(1_795_682_105_000)

    reading = asyncio.run(read_widget(api, of, window, Units(api)))

    assert [(one.label, one.color, [value for _, value in one.points]) for one in reading.series] == [
        ("a", None, [1.0, 1.0]),
        ("b", None, [2.0, 2.0]),
        ("b", None, [3.0, 3.0]),
    ]


def test_inherited_periods_stay_however_many_points_that_makes(engine: Any) -> None:
    of = replace(widget(metrics=[["LLM/Inference", "Errors"]]), keeps_period=True)

    read(engine, of, "7d")

    assert asked(engine)[0]["MetricDataQueries"][0]["MetricStat"]["Period"] == 60
