"""A dashboard body → widgets in their places."""

import json
from typing import Any

import pytest

from inferwatch.drawing.body import read_body
from inferwatch.drawing.rows import MetricRow
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import (
    AlarmWidget,
    Level,
    LogWidget,
    MetricWidget,
    Moment,
    OtherWidget,
    Place,
    Table,
    TextWidget,
    Widget,
)


def read(*widgets: Any, **more: Any) -> tuple[Widget, ...]:
    return read_body(json.dumps({"widgets": list(widgets), **more}), region="us-east-1").widgets


def text(**more: Any) -> dict[str, Any]:
    return {"type": "text", "properties": {"markdown": "hi"}, **more}


def metric(**properties: Any) -> MetricWidget:
    (widget,) = read({"type": "metric", "properties": {"metrics": [["LLM", "A"]], **properties}})
    assert isinstance(widget, MetricWidget)
    return widget


def test_a_placed_widget_stands_where_the_body_says() -> None:
    (widget,) = read(text(x=6, y=2, width=12, height=3))

    assert widget.place == Place(6, 2, 12, 3)


def test_widgets_without_a_place_flow_left_to_right_then_down() -> None:
    widgets = read(text(width=12, height=4), text(width=12), text(width=6))

    assert [widget.place for widget in widgets] == [
        Place(0, 0, 12, 4),
        Place(12, 0, 12, 6),
        Place(0, 6, 6, 6),
    ]


def test_flowing_widgets_start_below_the_placed_ones() -> None:
    widgets = read(text(), text(x=0, y=0, width=24, height=2))

    assert widgets[0].place == Place(0, 2, 6, 6)


def test_a_metric_widget_takes_awss_defaults() -> None:
    widget = metric()

    assert (widget.view, widget.stacked, widget.region) == ("timeSeries", False, "us-east-1")
    assert (widget.rows[0].period_s, widget.rows[0].region) == (300, "us-east-1")


def test_annotations_are_lines_bands_and_moments() -> None:
    widget = metric(
        annotations={
            "horizontal": [
                {"value": 5, "label": "SLO", "fill": "above", "color": "#ff0000", "yAxis": "right"},
                [{"value": 20, "label": "band"}, {"value": 10}],
                {"value": 7, "visible": False},
            ],
            "vertical": [{"value": "2026-11-26T08:00:00Z", "label": "deploy", "fill": "after"}],
            "alarms": ["arn:aws:cloudwatch:us-east-1:0:alarm:x"],
        }
    )

    assert widget.levels == (
        Level(5.0, "SLO", "#ff0000", "above", "right"),
        Level(10.0, "band", None, "between", "left", top=20.0),
    )
    assert widget.moments == (Moment(1_795_680_000_000, "deploy", None, "after"),)
    assert widget.alarm_arns == ("arn:aws:cloudwatch:us-east-1:0:alarm:x",)


def test_text_and_alarm_widgets_are_read() -> None:
    widgets = read(
        text(), {"type": "alarm", "properties": {"title": "A", "alarms": ["arn"], "states": ["ALARM"]}}
    )

    assert isinstance(widgets[0], TextWidget)
    assert isinstance(widgets[1], AlarmWidget)
    assert (widgets[1].arns, widgets[1].states) == (("arn",), ("ALARM",))


def test_a_widget_type_not_drawn_says_so_by_name() -> None:
    (widget,) = read({"type": "explorer", "properties": {"title": "E"}})

    assert isinstance(widget, OtherWidget)
    assert widget.why == "Widgets of type “explorer” are not drawn here yet."


def test_a_widget_that_cannot_be_read_says_why_and_the_others_live() -> None:
    widgets = read({"type": "metric", "properties": {"metrics": [["..."]]}}, "nonsense", text())

    assert isinstance(widgets[0], OtherWidget)
    assert (
        widgets[0].why == "This widget cannot be read: metrics row 1: expected a namespace, a metric name "
        "and pairs of dimension and value, found 0 values."
    )
    assert isinstance(widgets[1], OtherWidget)
    assert isinstance(widgets[2], TextWidget)


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"stat": 7}, "stat: expected text, found 7"),
        ({"view": ["x"]}, 'view: expected text, found ["x"]'),
        ({"region": {}}, "region: expected text, found {}"),
        ({"metrics": [["LLM", "A", {"stat": 7}]]}, "metrics row 1: stat: expected text, found 7"),
        (
            {"metrics": [["LLM", "A", {"label": {"a": 1}}]]},
            'metrics row 1: label: expected text, found {"a": 1}',
        ),
        ({"metrics": [["LLM", "A", {"id": ["m"]}]]}, 'metrics row 1: id: expected text, found ["m"]'),
        ({"metrics": [["LLM", "A", {"region": 1}]]}, "metrics row 1: region: expected text, found 1"),
        ({"yAxis": []}, None),
        ({"yAxis": {"left": {"min": "1_000"}}}, 'yAxis: min: expected a number, found "1_000"'),
        ({"yAxis": "left"}, 'yAxis: expected an object, found "left"'),
        ({"yAxis": {"left": {"min": "abc"}}}, 'yAxis: min: expected a number, found "abc"'),
        ({"yAxis": {"left": {"label": 1}}}, "yAxis: label: expected text, found 1"),
        (
            {"annotations": {"horizontal": [{"value": "nan"}]}},
            'horizontal annotation: value: expected a number, found "nan"',
        ),
        (
            {"annotations": {"horizontal": [{"label": "x"}]}},
            "horizontal annotation: value: expected a number, found null",
        ),
        (
            {"annotations": {"horizontal": [[]]}},
            "horizontal annotations: expected an object or two, found []",
        ),
        (
            {"annotations": {"vertical": [{"value": "soon"}]}},
            'vertical annotation: expected a moment in ISO 8601, found "soon"',
        ),
        ({"annotations": {"alarms": "arn"}}, 'alarms: expected a list, found "arn"'),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(properties: dict[str, Any], why: str | None) -> None:
    """PutDashboard lets all of these through."""
    (widget,) = read({"type": "metric", "properties": {"metrics": [["LLM", "A"]], **properties}})

    said = widget.why if isinstance(widget, OtherWidget) else None
    assert said == (None if why is None else f"This widget cannot be read: {why}.")


def test_a_body_that_is_no_dashboard_becomes_a_note() -> None:
    dashboard = read_body("[]", region="us-east-1")

    assert dashboard.widgets == ()
    assert dashboard.notes == ("The dashboard's body is not a JSON object with a list of widgets.",)


def test_a_log_widget_shows_its_query_a_command_a_line() -> None:
    query = "SOURCE 'g' | fields @timestamp, @message|filter a = '|' | limit 20"

    (widget,) = read({"type": "log", "properties": {"query": query}})

    assert isinstance(widget, LogWidget)
    assert widget.query.splitlines() == [
        "SOURCE 'g'",
        "| fields @timestamp, @message",
        "| filter a = '|'",
        "| limit 20",
    ]


def test_a_widget_keeps_its_own_time_zone_and_legend() -> None:
    widget = metric(start="-PT30M", end="-PT10M", timezone="+0545", legend={"position": "right"})

    assert widget.span is not None
    assert widget.span.window(1_795_680_000_000) == Window(
        1_795_678_200_000, 1_795_679_400_000, 1_795_680_000_000
    )
    assert (widget.zone_ms, widget.legend) == (20_700_000, "right")


def test_a_table_is_laid_out_as_the_body_says() -> None:
    widget = metric(
        view="table", table={"layout": "vertical", "showTimeSeriesData": False, "summaryColumns": ["MAX"]}
    )

    assert widget.table == Table(vertical=True, points=False, summary=("MAX",))
    assert metric(view="table").table == Table()


def test_periods_stay_as_they_are_where_the_body_inherits_them() -> None:
    widgets = {
        override: read(
            {"type": "metric", "properties": {"metrics": [["LLM", "A"]]}}, periodOverride=override
        )[0]
        for override in ("inherit", "auto")
    }

    kept = {key: isinstance(one, MetricWidget) and one.keeps_period for key, one in widgets.items()}
    assert kept == {"inherit": True, "auto": False}


def test_a_widgets_account_is_that_of_its_rows() -> None:
    widget = metric(
        accountId="111111111111", metrics=[["LLM", "A"], ["LLM", "B", {"accountId": "222222222222"}]]
    )

    accounts = [row.account_id for row in widget.rows if isinstance(row, MetricRow)]
    assert accounts == ["111111111111", "222222222222"]
