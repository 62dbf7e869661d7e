"""The view `bar`: each metric's latest value as a bar, so that they can be compared.

Datasets: `bars` (a row per metric: `k` its key, `v` the value, `text` it in words) and `empty`.
"""

from __future__ import annotations

from inferwatch.drawing import wording
from inferwatch.drawing.annotations import color_of_level, joined
from inferwatch.drawing.frame import (
    Sketch,
    Spec,
    color_of,
    empty_rows,
    frame,
    halo,
    keyed,
    keys_of,
    naming,
    scale_of,
    short_numbers,
    words_in_the_middle,
)
from inferwatch.drawing.themes import Look
from inferwatch.drawing.widgets import Axis, Level, MetricWidget

_LABEL_PX = 130


def bars(sketch: Sketch) -> Spec:
    """Draw a bar a metric, longest side across, its value at its end; levels stand where they are."""
    reading, widget, look = sketch.reading, sketch.widget, sketch.look
    y: Spec = {
        "field": "k",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": keys_of(reading.series), "padding": 0.35},
        "axis": {
            "title": None,
            "labelExpr": naming(reading.series),
            "labelLimit": _LABEL_PX,
            "ticks": False,
            "domain": False,
            "grid": False,
        },
    }
    x: Spec = {
        "field": "v",
        "type": "quantitative",
        "stack": None,
        "scale": scale_of(widget.left),
        "axis": _axis(widget, look),
    }
    color = {**color_of(sketch), "legend": None}
    tooltip = [{"field": "text", "type": "nominal", "title": "Latest"}]
    mark = {
        "type": "bar",
        "cornerRadiusEnd": 3,
        "clip": widget.left.maximum is not None or bool(widget.left.minimum),
    }
    layers: list[Spec] = [
        {
            "data": {"name": "bars"},
            "mark": mark,
            "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
        },
        *(_mark_level(level, look) for level in joined(sketch.levels, widget.levels)),
        *(
            {
                "data": {"name": "bars"},
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12, **ink},
                "encoding": {
                    "x": {**x, "field": "end"},
                    "y": y,
                    "text": {"field": "text", "type": "nominal"},
                },
            }
            for ink in (halo(look), {"color": look.ink})
        ),
        words_in_the_middle(look),
    ]
    rows = [
        {
            "k": key,
            "v": one.latest[1],
            "end": _end(one.latest[1], widget.left),
            "text": wording.quantity(one.latest[1], one.unit),
        }
        for key, one in keyed(reading.series)
        if one.latest is not None
    ]
    spec = frame(sketch, {"bars": rows, "empty": empty_rows(reading)}, layers)
    spec["padding"] = {"left": 0, "right": 56, "top": 4, "bottom": 0}
    return spec


def _end(value: float, axis: Axis) -> float:
    """Where a bar ends that is cut off at an end of the axis."""
    low = value if axis.minimum is None else max(value, axis.minimum)
    return low if axis.maximum is None else min(low, axis.maximum)


def _axis(widget: MetricWidget, look: Look) -> Spec:
    return {
        "title": widget.left.label,
        "grid": True,
        "gridColor": look.grid,
        "domain": False,
        "ticks": False,
        "tickCount": {"expr": "max(2, min(6, floor(width / 80)))"},
        **short_numbers(),
        "labelOverlap": True,
    }


def _mark_level(level: Level, look: Look) -> Spec:
    color = color_of_level(level, look)
    label = level.label or wording.number(level.value)
    return {
        "data": {"values": [{"text": label}]},
        "mark": {"type": "rule", "color": color, "strokeDash": [5, 4], "strokeWidth": 1.25, "clip": True},
        "encoding": {
            "x": {"datum": level.value},
            "y": {"value": 0},
            "y2": {"value": "height"},
            "tooltip": [{"field": "text", "type": "nominal", "title": "Level"}],
        },
    }
