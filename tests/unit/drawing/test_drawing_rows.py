"""The shorthand of a widget's `metrics`."""

from typing import Any

import pytest

from inferwatch.drawing.rows import BodyError, ExpressionRow, MetricRow, Row, read_rows


def read(metrics: Any) -> tuple[Row, ...]:
    return read_rows(metrics, stat="Average", period_s=300, region="us-east-1")


def metric(row: Row) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    assert isinstance(row, MetricRow)
    return row.namespace, row.name, row.dimensions


def test_a_dot_repeats_what_stands_above_it() -> None:
    rows = read([["LLM", "Latency", "Model", "a"], [".", ".", ".", "b"]])

    assert metric(rows[1]) == ("LLM", "Latency", (("Model", "b"),))


def test_three_dots_repeat_all_leading_places() -> None:
    rows = read([["LLM", "Latency", "Model", "a"], ["...", "b"], ["...", {"stat": "p99"}]])

    assert metric(rows[1]) == ("LLM", "Latency", (("Model", "b"),))
    assert metric(rows[2]) == ("LLM", "Latency", (("Model", "b"),))


def test_dots_look_past_an_expression_to_the_metric_above() -> None:
    rows = read([["LLM", "Errors", {"id": "m1"}], [{"expression": "m1 * 2", "id": "e1"}], [".", "Requests"]])

    assert metric(rows[2]) == ("LLM", "Requests", ())


def test_options_win_over_the_widgets_own() -> None:
    (row,) = read(
        [["LLM", "Latency", {"stat": "p99", "period": 60, "region": "eu-west-1", "yAxis": "right"}]]
    )

    assert isinstance(row, MetricRow)
    assert (row.stat, row.period_s, row.region, row.side) == ("p99", 60, "eu-west-1", "right")


def test_an_expression_keeps_its_label_and_id() -> None:
    rows = read(
        [["LLM", "E", {"id": "m1", "visible": False}], [{"expression": "m1/2", "id": "e1", "label": "half"}]]
    )

    assert rows[0].visible is False
    assert isinstance(rows[1], ExpressionRow)
    assert (rows[1].id, rows[1].expression, rows[1].label) == ("e1", "m1/2", "half")


def test_rows_without_an_id_get_one_that_is_free() -> None:
    rows = read([["LLM", "A"], ["LLM", "B", {"id": "q1"}]])

    assert [row.id for row in rows] == ["q1_", "q1"]


def test_only_colours_become_colours() -> None:
    rows = read([["LLM", "A", {"color": "#1f77b4"}], ["LLM", "B", {"color": "red;fill:url(x)"}]])

    assert [row.color for row in rows] == ["#1f77b4", None]


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ("LLM", "expected a list of non-empty lists"),
        ([[]], "expected a list of non-empty lists"),
        ([[".", "Latency"]], 'row 1: "." has nothing above it to repeat'),
        ([["...", "b"]], 'row 1: "..." has no row above long enough to repeat'),
        ([["LLM", "Latency", "Model"]], "row 1: expected a namespace, a metric name and pairs"),
        ([["LLM", 3]], "row 1: expected text, found 3"),
        ([[{"label": "x"}]], "row 1: expected a metric or an expression"),
        ([["LLM", "A", {"period": "60"}]], 'row 1: expected a period in seconds, found "60"'),
    ],
)
def test_what_cannot_be_read_is_said_by_row(metrics: Any, message: str) -> None:
    with pytest.raises(BodyError, match=message.replace("...", r"\.\.\.")):
        read(metrics)
