"""GetMetricWidgetImage through the wire: a PNG of the size asked for, in each protocol, or AWS's refusal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.wire.request import Request
from inferwatch.wire.respond import respond

Aws = Callable[[str], Any]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROW = ["LLM", "Latency", "Model", "m1"]


def put(cloudwatch: Any) -> None:
    datum = {
        "MetricName": "Latency",
        "Dimensions": [{"Name": "Model", "Value": "m1"}],
        "Unit": "Milliseconds",
    }
    data = [{**datum, "Timestamp": NOON.replace(hour=11, minute=m), "Value": 100 + m} for m in range(60)]
    cloudwatch.put_metric_data(Namespace="LLM", MetricData=data)


def image(cloudwatch: Any, **widget: Any) -> bytes:
    answer = cloudwatch.get_metric_widget_image(MetricWidget=json.dumps({"metrics": [ROW], **widget}))
    png: bytes = answer["MetricWidgetImage"]
    return png


def test_a_picture_has_awss_default_size_in_every_protocol(cloudwatch: Any, png_size: Any) -> None:
    put(cloudwatch)

    assert png_size(image(cloudwatch)) == (600, 400)


def test_the_widget_says_the_size(aws: Aws, png_size: Any) -> None:
    assert png_size(image(aws("cloudwatch"), width=321, height=123)) == (321, 123)


@pytest.mark.slow
def test_different_widgets_are_different_pictures(aws: Aws) -> None:
    """Theme, view, title, time and the data itself each change what is seen."""
    cloudwatch = aws("cloudwatch")
    before = image(cloudwatch)
    put(cloudwatch)

    pictures = [
        before,
        image(cloudwatch),
        image(cloudwatch, theme="dark"),
        image(cloudwatch, view="bar"),
        image(cloudwatch, view="pie"),
        image(cloudwatch, title="Latency"),
        image(cloudwatch, start="-PT30M"),
        image(cloudwatch, timezone="+0130"),
        image(cloudwatch, stacked=True),
        image(cloudwatch, annotations={"horizontal": [{"value": 120, "label": "slow"}]}),
        image(cloudwatch, legend={"position": "hidden"}),
    ]

    assert len(set(pictures)) == len(pictures)
    assert image(cloudwatch) == pictures[1]


def test_an_alarm_alone_is_drawn_with_what_it_watches(aws: Aws) -> None:
    cloudwatch = aws("cloudwatch")
    put(cloudwatch)
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="LLM",
        MetricName="Latency",
        Dimensions=[{"Name": "Model", "Value": "m1"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=150,
        ComparisonOperator="GreaterThanThreshold",
    )
    arn = cloudwatch.describe_alarms()["MetricAlarms"][0]["AlarmArn"]

    alarm = {"annotations": {"alarms": [arn]}}

    alone = image(cloudwatch, metrics=[], **alarm)

    assert alone == image(cloudwatch, metrics=[[*ROW, {"stat": "Average", "period": 60}]], **alarm)
    assert alone != image(cloudwatch, metrics=[[*ROW, {"stat": "Average", "period": 60}]])


def test_as_image_png_the_body_is_the_picture(cloud: Cloud, png_size: Any) -> None:
    """Source: API reference, "GetMetricWidgetImage", OutputFormat: for custom HTTP requests."""
    form = {
        "Action": "GetMetricWidgetImage",
        "Version": "2010-08-01",
        "MetricWidget": json.dumps({"metrics": [ROW]}),
        "OutputFormat": "image/png",
    }
    headers = {"content-type": "application/x-www-form-urlencoded"}

    response = respond(
        cloud, Request("POST", "/", "", headers, urlencode(form).encode()), "request-1", "us-east-1"
    )

    assert response is not None
    assert response.headers["content-type"] == "image/png"
    assert png_size(response.body) == (600, 400)


def test_a_widget_whose_expression_is_refused_is_still_a_picture(aws: Aws, png_size: Any) -> None:
    """AWS marks a graph that could not load; it does not refuse it."""
    png = image(aws("cloudwatch"), metrics=[[{"expression": "NO_SUCH(m1)", "id": "e1"}]])

    assert png_size(png) == (600, 400)


MANY = [["LLM", "Latency", "Model", f"m{n}"] for n in range(101)]


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"MetricWidget": "{"}, "InvalidParameterValue", "must be a valid JSON object"),
        ({"MetricWidget": "[" * 50_000}, "InvalidParameterValue", "must be a valid JSON object"),
        ({"MetricWidget": '{"metrics": NaN}'}, "InvalidParameterValue", "must be a valid JSON object"),
        (
            {"MetricWidget": " " * 102_401},
            "InvalidParameterValue",
            "must not be longer than 102400 characters",
        ),
        ({"MetricWidget": '{"annotations": [1]}'}, "ValidationError", "Should be object"),
        ({"MetricWidget": "{}"}, "ValidationError", "Should have required property 'metrics'"),
        ({"MetricWidget": '{"metrics": []}'}, "ValidationError", "Should NOT have less than 1 items"),
        (
            {"MetricWidget": json.dumps({"metrics": MANY})},
            "ValidationError",
            "Should NOT have more than 100 items",
        ),
        (
            {"MetricWidget": json.dumps({"metrics": [ROW], "width": 2001})},
            "ValidationError",
            "Should be <= 2000",
        ),
        ({"MetricWidget": json.dumps({"metrics": [ROW], "height": 0})}, "ValidationError", "Should be >= 1"),
        (
            {"MetricWidget": json.dumps({"metrics": [ROW], "view": "gauge"})},
            "ValidationError",
            "allowed values: timeSeries,bar,pie",
        ),
        (
            {"MetricWidget": json.dumps({"metrics": [ROW], "start": "-PT1H", "end": "-PT2H"})},
            "ValidationError",
            "start must be a time before",
        ),
        (
            {"MetricWidget": json.dumps({"metrics": [["LLM"]]})},
            "ValidationError",
            "/metrics/0",
        ),
        (
            {"MetricWidget": json.dumps({"metrics": [ROW]}), "OutputFormat": "jpeg"},
            "InvalidParameterValue",
            "must be a value in the set [png, image/png]",
        ),
    ],
)
def test_a_widget_that_cannot_be_drawn_is_refused(
    aws: Aws, params: dict[str, str], code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").get_metric_widget_image(**params)

    error = refused.value.response["Error"]
    assert error["Code"] == code
    assert message in error["Message"]


@pytest.mark.slow
@pytest.mark.parametrize("view", ["timeSeries", "bar"])
@pytest.mark.parametrize("axis", [{"max": 100}, {"max": 50}, {"min": 150, "max": 160}], ids=str)
@pytest.mark.parametrize(
    "levels", [[], [{"value": 5_000, "label": "above"}, {"value": -5_000, "label": "below"}]]
)
def test_values_beyond_a_fixed_end_of_the_axis_are_cut_off(
    aws: Aws, view: str, axis: dict[str, int], levels: list[Any]
) -> None:
    """And so are lines across. A picture whose room they take is white, and small as a file."""
    values = [160 + 77 * math.sin(minute / 20) for minute in range(180)]
    data = [
        {"MetricName": "Wave", "Timestamp": NOON - timedelta(minutes=minute), "Value": value}
        for minute, value in enumerate(values)
    ]
    aws("cloudwatch").put_metric_data(Namespace="LLM", MetricData=data)
    widget = {"metrics": [["LLM", "Wave"]], "view": view, "annotations": {"horizontal": levels}}

    whole = image(aws("cloudwatch"), **widget)
    cut = image(aws("cloudwatch"), yAxis={"left": axis}, **widget)

    assert len(cut) > len(whole) / 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["a\\b", "ends\\", "a\nb", '\\"+1+"', "a\u0000b", "a\u001bb", "a\ufffeb", "a\uffffb"],
    ids=ascii,
)
def test_a_text_may_hold_any_sign(aws: Aws, text: str, png_size: Any) -> None:
    """Titles, labels of metrics and of annotations."""
    put(aws("cloudwatch"))
    annotations = {
        "horizontal": [{"value": 120, "label": text}],
        "vertical": [{"value": NOON.isoformat(), "label": text}],
    }

    png = image(aws("cloudwatch"), metrics=[[*ROW, {"label": text}]], title=text, annotations=annotations)

    assert png_size(png) == (600, 400)
