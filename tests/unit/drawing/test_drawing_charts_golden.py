"""Widget + series → Vega-Lite, held as whole specifications; `GOLDEN=write` renews them for review."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inferwatch.drawing import charts
from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.frame import line_colors
from inferwatch.drawing.readings import Reading, Series
from inferwatch.drawing.rows import Side
from inferwatch.drawing.tables import cells
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import Level, MetricWidget, Place

GOLDEN = Path(__file__).parent / "charts"
T0 = 1_795_680_000_000
WINDOW = Window(T0, T0 + 600_000)


def widget(**properties: Any) -> MetricWidget:
    given = {"metrics": [["LLM", "A"]], **properties}
    return read_metric_widget(given, Place(0, 0, 6, 6), region="us-east-1")


def series(
    label: str, *values: float | None, unit: str | None = None, side: Side = "left", **more: Any
) -> Series:
    points = tuple((T0 + minute * 60_000, value) for minute, value in enumerate(values) if value is not None)
    return Series(label, "Average", 60_000, unit, side, more.get("color"), points)


def chart(of: MetricWidget, reading: Reading, *, bare: bool = False, **more: Any) -> dict[str, Any]:
    return charts.chart(charts.sketch_of(of, reading, **more), bare=bare)


def two_axes() -> dict[str, Any]:
    lines = (
        series("slowest", 900, 950, None, None, 2600, unit="Milliseconds"),
        series("requests", 20, 21, 22, 23, 24, unit="Count", side="right", color="#123456"),
    )
    level = Level(2000.0, "slow > 2,000", None, "above")
    return chart(widget(title="Latency"), Reading(WINDOW, lines), theme="light", levels=[level])


def stacked_dark() -> dict[str, Any]:
    of = widget(
        stacked=True,
        yAxis={"left": {"min": 0, "max": 100, "label": "tokens"}},
        annotations={
            "horizontal": [[{"value": 10, "label": "band"}, {"value": 20}]],
            "vertical": [{"value": "2026-11-26T08:03:00Z", "label": "deploy", "fill": "after"}],
        },
    )
    return chart(of, Reading(WINDOW, (series("in", 1, 2), series("out", 3, 4))), theme="dark", legend=True)


def band() -> dict[str, Any]:
    lines = (
        series("latency", 5, 6, 7, 30, unit="Milliseconds"),
        replace(series("latency High", 9, 9, None, 9), edge="upper"),
        replace(series("latency Low", 2, 2, None, 2), edge="lower"),
    )
    return chart(widget(), Reading(WINDOW, lines), theme="light")


def nothing_yet() -> dict[str, Any]:
    return chart(widget(), Reading(WINDOW, ()), theme="light")


def sparkline() -> dict[str, Any]:
    of = widget(view="singleValue", sparkline=True)
    return chart(of, Reading(WINDOW, (series("now", 1, 2, 3),)), theme="dark", bare=True)


LATEST = (
    series("small", 1, 30, unit="Milliseconds"),
    series("large", 2, 90, unit="Milliseconds", color="#123456"),
    series("unheard"),
)


def bars() -> dict[str, Any]:
    of = widget(view="bar", annotations={"horizontal": [{"value": 50, "label": "slow"}]})
    return chart(of, Reading(WINDOW, LATEST), theme="light")


def pie() -> dict[str, Any]:
    return chart(widget(view="pie"), Reading(WINDOW, LATEST), theme="dark", legend=True)


def gauge() -> dict[str, Any]:
    of = widget(
        view="gauge",
        yAxis={"left": {"min": 0, "max": 100}},
        annotations={"horizontal": [{"value": 80, "fill": "above", "color": "#ff0000"}]},
    )
    return chart(of, Reading(WINDOW, LATEST[:2]), theme="light")


def figures() -> dict[str, Any]:
    return chart(widget(view="singleValue", sparkline=True), Reading(WINDOW, LATEST), theme="light")


def table() -> dict[str, Any]:
    return chart(widget(view="table"), Reading(WINDOW, LATEST), theme="light")


@pytest.mark.parametrize(
    "draw", [two_axes, stacked_dark, band, nothing_yet, sparkline, bars, pie, gauge, figures, table]
)
def test_a_picture_is_its_golden_specification(draw: Any) -> None:
    golden = GOLDEN / f"{draw.__name__}.json"

    spec = draw()

    text = json.dumps(spec, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_missing_datapoints_break_the_line_and_are_no_zeros() -> None:
    spec = chart(widget(), Reading(WINDOW, (series("a", 5, None, None, 0),)), theme="light")

    assert spec["datasets"]["series"] == [
        {"t": T0, "k": "s0", "v": 5, "dot": True},
        {"t": T0 + 60_000, "k": "s0", "v": None},
        {"t": T0 + 180_000, "k": "s0", "v": 0, "dot": True},
    ]


def test_where_points_are_many_only_the_lonely_are_marked() -> None:
    values: list[float | None] = [1.0] * 40
    values[20] = values[22] = None

    spec = chart(widget(), Reading(WINDOW, (series("a", *values),)), theme="light")

    assert [row["t"] for row in spec["datasets"]["series"] if row.get("dot")] == [T0 + 21 * 60_000]


def test_the_readout_says_each_value_with_its_unit() -> None:
    lines = (series("a", 1234.5, unit="Milliseconds"), series("b", None, 3))

    spec = chart(widget(), Reading(WINDOW, lines), theme="light")

    assert spec["datasets"]["readout"] == [
        {
            "t": T0,
            "at": "2026-11-26 08:00:00",
            "s0": "1,234\N{NO-BREAK SPACE}ms",
            "from": T0,
            "till": T0 + 30_000,
            "s1": "\N{EN DASH}",
        },
        {
            "t": T0 + 60_000,
            "at": "2026-11-26 08:01:00",
            "s1": "3",
            "from": T0 + 30_000,
            "till": T0 + 600_000,
            "s0": "\N{EN DASH}",
        },
    ]


def test_new_data_leaves_the_form_as_it_is() -> None:
    def form(spec: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in spec.items() if key not in {"datasets", "params"}}

    before = chart(widget(), Reading(WINDOW, (series("a", 1, 2),)), theme="light")
    later = Window(T0 + 60_000, T0 + 660_000)
    after = chart(widget(), Reading(later, (series("a", 7, None, 9),)), theme="light")

    assert form(before) == form(after)
    assert before["params"] != after["params"]


def test_text_of_users_becomes_no_expression() -> None:
    label = "'); alert(1); (' {datum.x} \\ \""

    spec = chart(widget(title=label), Reading(WINDOW, (series(label, 1),)), theme="light", legend=True)

    line = spec["layer"][0]["layer"][0]
    expression = line["encoding"]["color"]["legend"]["labelExpr"]
    assert "alert" not in expression
    assert expression.startswith('({s0: "\\u0027\\u0029')


def test_the_palette_differs_by_theme_and_a_bodys_colour_wins() -> None:
    lines = (series("a"), series("b", color="#abcdef"))

    assert line_colors(lines, "light") == ["#0b64b0", "#abcdef"]
    assert line_colors(lines, "dark") == ["#62aef0", "#abcdef"]


def test_a_gauge_without_its_ends_says_what_it_needs() -> None:
    spec = chart(widget(view="gauge"), Reading(WINDOW, LATEST), theme="light")

    assert spec["datasets"]["empty"] == [{"text": "a gauge needs yAxis.left.min and a greater max"}]


def test_gauges_of_equal_series_keep_colours_of_their_own() -> None:
    of = widget(view="gauge", yAxis={"left": {"min": 0, "max": 100}})

    spec = chart(of, Reading(WINDOW, (series("a", 30), series("a", 30))), theme="light")

    dials = [layer["mark"]["color"] for layer in spec["layer"] if "tooltip" in layer["encoding"]]
    assert dials == ["#0b64b0", "#c2570c"]


def test_a_pie_has_no_share_for_what_is_not_above_zero() -> None:
    lines = (series("a", 3), series("b", 0), series("c", -1), series("d", 1))

    spec = chart(widget(view="pie"), Reading(WINDOW, lines), theme="light")

    assert [(row["k"], row["share"]) for row in spec["datasets"]["slices"]] == [("s0", "75%"), ("s3", "25%")]


def test_one_empty_line_says_why_in_the_picture() -> None:
    empty = Series("a", "Sum", 60_000, None, "left", None, (), "no data since noon")

    spec = chart(widget(), Reading(WINDOW, (empty,)), theme="light")

    assert spec["datasets"]["empty"] == [{"text": "no data since noon"}]


def test_times_are_those_of_the_widgets_zone() -> None:
    of = widget(timezone="+0130", annotations={"vertical": [{"value": "2026-11-26T08:03:00Z"}]})

    spec = chart(of, Reading(WINDOW, (series("a", 1),)), theme="light")

    ahead = 90 * 60_000
    assert spec["params"][0]["value"] == T0 + ahead
    assert spec["datasets"]["series"][0]["t"] == T0 + ahead
    assert spec["datasets"]["readout"][0]["at"] == "2026-11-26 09:30:00"
    assert str(T0 + 180_000 + ahead) in json.dumps(spec["layer"][0])
    assert "UTC+01:30" in json.dumps(spec["layer"])


def test_a_tables_cells_are_its_summary_and_newest_points() -> None:
    of = widget(view="table", table={"summaryColumns": ["MAX", "SUM", "AVG", "NONSENSE"]})

    found = cells(of, Reading(WINDOW, (series("a", 1, 2), series("b", None, 4, unit="Count"))))

    assert found == (
        ("", "Max", "Sum", "Average", "11-26 08:01", "11-26 08:00"),
        ("a", "2", "3", "1.5", "2", "1"),
        ("b", "4", "4", "4", "4", "\N{EN DASH}"),
    )


def test_a_vertical_table_has_time_down_and_may_leave_points_out() -> None:
    of = widget(
        view="table", table={"layout": "vertical", "showTimeSeriesData": False, "summaryColumns": ["MIN"]}
    )

    found = cells(of, Reading(WINDOW, (series("a", 1, 2), series("b", 3))))

    assert found == (("", "a", "b"), ("Min", "1", "3"))
