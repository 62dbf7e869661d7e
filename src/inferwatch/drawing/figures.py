"""The view `singleValue` as a picture: each metric's latest value in large digits, over its sparkline.

A page writes the digits itself and draws the sparkline only; this is for images. Datasets: `figures` (a row
per metric: `text` the value, `label`), `sparks` (a row per point: `t` and `v` between 0 and 1) and `empty`.
"""

from __future__ import annotations

import math

from inferwatch.drawing import wording
from inferwatch.drawing.frame import (
    Sketch,
    Spec,
    color_of,
    empty_rows,
    frame,
    in_pixels,
    keyed,
    words_in_the_middle,
)
from inferwatch.drawing.readings import Reading
from inferwatch.drawing.widgets import MetricWidget

_COLUMNS_MAX = 4


def figures(sketch: Sketch) -> Spec:
    """Draw figures in rows of up to four, as large as they fit."""
    reading, widget, look = sketch.reading, sketch.widget, sketch.look
    count = max(1, len(reading.series))
    columns = min(count, _COLUMNS_MAX)
    rows = math.ceil(count / columns)
    x = f"width * (datum.n % {columns} + 0.5) / {columns}"
    y = f"height * (floor(datum.n / {columns}) + 0.5) / {rows}"
    # A sparkline takes the lower quarter.
    lift = 0.7 if widget.sparkline else 0.25
    size = f"max(12, min(44, width / {columns} / 6, height / {rows} / 3))"

    def words(field: str, font: str, dy: str, color: str, weight: int) -> Spec:
        mark = {
            "type": "text",
            "color": color,
            "fontSize": {"expr": font},
            "fontWeight": weight,
            "dy": {"expr": dy},
            "limit": {"expr": f"width / {columns} - 8"},
        }
        return {
            "data": {"name": "figures"},
            "transform": [{"calculate": x, "as": "x"}, {"calculate": y, "as": "y"}],
            "mark": mark,
            "encoding": {**in_pixels(), "text": {"field": field, "type": "nominal"}},
        }

    spark: Spec = {
        "data": {"name": "sparks"},
        "transform": [
            {"calculate": f"width * (datum.n % {columns} + 0.08 + 0.84 * datum.t) / {columns}", "as": "x"},
            {
                "calculate": f"height * (floor(datum.n / {columns}) + 0.98 - 0.24 * datum.v) / {rows}",
                "as": "y",
            },
        ],
        "mark": {"type": "line"},
        "encoding": {
            **in_pixels(),
            "detail": {"field": "n", "type": "nominal"},
            "order": {"field": "t", "type": "quantitative"},
            "color": {**color_of(sketch), "legend": None},
        },
    }
    layers = [
        *([spark] if widget.sparkline else []),
        words("text", size, f"-{lift} * {size}", look.ink, 600),
        words("label", f"max(10, min(13, 0.4 * {size}))", f"{0.9 - lift} * {size}", look.text, 400),
        words_in_the_middle(look),
    ]
    datasets = {"figures": _rows(widget, reading), "empty": empty_rows(reading)}
    if widget.sparkline:
        datasets["sparks"] = _sparks(reading)
    return frame(sketch, datasets, layers)


def _rows(widget: MetricWidget, reading: Reading) -> list[Spec]:
    if not any(one.points for one in reading.series):
        return []
    return [
        {
            "n": place,
            "label": one.label,
            "text": wording.quantity(
                one.latest[1] if one.latest else None, one.unit, full=widget.full_precision
            ),
        }
        for place, one in enumerate(reading.series)
    ]


def _sparks(reading: Reading) -> list[Spec]:
    rows = []
    for place, (key, one) in enumerate(keyed(reading.series)):
        values = [value for _, value in one.points]
        low, span = min(values, default=0), max(values, default=0) - min(values, default=0)
        for time_ms, value in one.points:
            t = (time_ms - reading.window.from_ms) / reading.window.length_ms
            v = (value - low) / span if span else 0.5
            rows.append({"n": place, "k": key, "t": round(t, 4), "v": round(v, 4)})
    return rows
