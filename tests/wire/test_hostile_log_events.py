"""Log events and filters with values that no store can hold: refused at the door, or made whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.store.store import Store

Aws = Callable[[str], Any]
Write = Callable[..., None]
OpenStore = Callable[[str], Store]
PostJson = Callable[..., tuple[int, dict[str, Any]]]
NOON_S = 1_795_521_600
HALF_AN_EMOJI = "\\ud83d"  # as JSON text writes it


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


def _filter(aws: Aws, group: str, *, value: str = "$.v", **more: Any) -> None:
    aws("logs").put_metric_filter(
        logGroupName=group,
        filterName="f",
        filterPattern="{ $.v = * }",
        metricTransformations=[{"metricName": "m", "metricNamespace": "NS", "metricValue": value, **more}],
    )


@pytest.mark.parametrize("value", ["1e999", "-1e999", "1e200", "nan", "inf"])
def test_a_filter_value_that_is_no_metric_value_is_refused(
    aws: Aws, log_stream: tuple[str, str], value: str
) -> None:
    """It would break every event that matches."""
    with pytest.raises(ClientError, match="must be a valid number"):
        _filter(aws, log_stream[0], value=value)


def test_a_default_value_that_is_no_number_is_refused(
    post_json: PostJson, log_stream: tuple[str, str]
) -> None:
    """JSON spells it as a string, and so it arrives."""
    transformation = {"metricName": "m", "metricNamespace": "NS", "metricValue": "1", "defaultValue": "NaN"}
    params = {"logGroupName": log_stream[0], "filterName": "f", "filterPattern": "{ $.v = 1 }"}

    status, answer = post_json(
        "logs", "PutMetricFilter", {**params, "metricTransformations": [transformation]}
    )

    assert (status, answer["message"]) == (
        400,
        "Invalid metric transformation: default value nan must be a valid number",
    )


@pytest.mark.parametrize(
    "value", ["1.79e308", "1e400", "-1e200", "1" + "0" * 400, '"1_000"', '" 12 "', '"١٢"']
)
def test_a_logged_value_that_is_no_metric_value_makes_no_sample(
    aws: Aws, log_stream: tuple[str, str], write: Write, value: str
) -> None:
    """The event is kept; its neighbours count."""
    _filter(aws, log_stream[0])

    write(f'{{"v": {value}}}', '{"v": 2}', '{"v": "3"}')

    points = aws("cloudwatch").get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        StartTime=NOON_S,
        EndTime=NOON_S + 60,
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert [(point["Sum"], point["SampleCount"]) for point in points] == [(5.0, 2.0)]
    assert len(aws("logs").filter_log_events(logGroupName=log_stream[0])["events"]) == 3


def test_half_a_character_in_a_dimension_is_made_whole(
    aws: Aws, log_stream: tuple[str, str], write: Write
) -> None:
    """A cut emoji in one log event must not spoil ListMetrics for ever."""
    _filter(aws, log_stream[0], dimensions={"Task": "$.task"})

    write(f'{{"v": 1, "task": "a{HALF_AN_EMOJI}"}}')

    (metric,) = aws("cloudwatch").list_metrics()["Metrics"]
    assert metric["Dimensions"] == [{"Name": "Task", "Value": "a\ufffd"}]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"{HALF_AN_EMOJI}\\ude00", "\U0001f600"),
        ("\\u0000\\u0007\\r\\n", "\x00\x07\r\n"),
        ("\\ufeff\\u2028", "\ufeff\u2028"),
    ],
)
def test_a_message_of_odd_characters_reads_as_it_was_written(
    post_json: PostJson, clock: ManualClock, log_stream: tuple[str, str], written: str, kept: str
) -> None:
    """Character for character."""
    group, stream = log_stream
    event = f'{{"timestamp": {clock.now_ms()}, "message": "{written}"}}'
    body = f'{{"logGroupName": "{group}", "logStreamName": "{stream}", "logEvents": [{event}]}}'
    put, _ = post_json("logs", "PutLogEvents", body.encode())

    _, filtered = post_json("logs", "FilterLogEvents", {"logGroupName": group})
    _, got = post_json("logs", "GetLogEvents", {"logGroupName": group, "logStreamName": stream})

    assert put == 200
    assert [event["message"] for event in filtered["events"]] == [kept]
    assert [event["message"] for event in got["events"]] == [kept]
