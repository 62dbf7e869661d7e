"""The view `table`: each metric's summary and points, as cells to be read.

A page writes them as an HTML table; `table` draws the same cells for an image, as many as there is room for.

Source: CloudWatch API reference, "Dashboard body structure and syntax", `table`.
Differs: of the points the newest 24 are shown.
"""

from __future__ import annotations

from inferwatch.drawing import wording
from inferwatch.drawing.frame import Sketch, Spec, empty_rows, frame, in_pixels, words_in_the_middle
from inferwatch.drawing.readings import Reading, Series
from inferwatch.drawing.widgets import MetricWidget

_POINTS_MAX = 24
_ROW_PX = 24
_COLUMN_PX = 84
_FIRST_PX = 150
_SUMMARIES = {"MIN": "Min", "MAX": "Max", "SUM": "Sum", "AVG": "Average", "LATEST": "Latest"}


def cells(widget: MetricWidget, reading: Reading) -> tuple[tuple[str, ...], ...]:
    """Lay a widget's series out: a row a metric, or a column where the body wants it `vertical`.

    The first row heads the columns, the first cell of each names its row.
    """
    columns = [name for name in widget.table.summary if name in _SUMMARIES]
    times = sorted({time_ms for one in reading.series for time_ms, _ in one.points}, reverse=True)
    times = times[:_POINTS_MAX] if widget.table.points else []
    head = ["", *(_SUMMARIES[name] for name in columns), *(_time(time_ms) for time_ms in times)]
    rows = [tuple(head)]
    for one in reading.series:
        at = dict(one.points)
        figures = [wording.quantity(_summary(name, one), one.unit) for name in columns]
        points = [wording.quantity(at.get(time_ms), one.unit) for time_ms in times]
        rows.append((one.label, *figures, *points))
    if widget.table.vertical:
        rows = list(zip(*rows, strict=True))
    return tuple(rows)


def _time(time_ms: int) -> str:
    return wording.moment(time_ms)[5:16]


def _summary(name: str, one: Series) -> float | None:
    values = [value for _, value in one.points]
    if not values:
        return None
    match name:
        case "MIN":
            return min(values)
        case "MAX":
            return max(values)
        case "SUM":
            return sum(values)
        case "LATEST":
            return values[-1]
        case _:
            return sum(values) / len(values)


def table(sketch: Sketch) -> Spec:
    """Draw the table's cells; those beyond the picture's edges are left out."""
    reading, widget, look = sketch.reading, sketch.widget, sketch.look
    rows = [
        {"row": row, "column": column, "text": text}
        for row, line in enumerate(cells(widget, reading))
        for column, text in enumerate(line)
    ]
    x = f"datum.column === 0 ? 2 : {_FIRST_PX} + {_COLUMN_PX} * datum.column - 6"
    fits = f"datum.y < height && (datum.column === 0 || {_FIRST_PX} + {_COLUMN_PX} * datum.column < width)"

    def words(only: str, align: str, color: str, limit: int) -> Spec:
        return {
            "data": {"name": "cells"},
            "transform": [
                {"filter": only},
                {"calculate": x, "as": "x"},
                {"calculate": f"{_ROW_PX} * (datum.row + 0.5)", "as": "y"},
                {"filter": fits},
            ],
            "mark": {"type": "text", "align": align, "fontSize": 12, "color": color, "limit": limit},
            "encoding": {**in_pixels(), "text": {"field": "text", "type": "nominal"}},
        }

    layers = [
        words("datum.row === 0", "right", look.text, _COLUMN_PX - 8),
        words("datum.row > 0 && datum.column === 0", "left", look.ink, _FIRST_PX + 30),
        words("datum.row > 0 && datum.column > 0", "right", look.ink, _COLUMN_PX - 8),
        words_in_the_middle(look),
    ]
    return frame(sketch, {"cells": rows, "empty": empty_rows(reading)}, layers)
