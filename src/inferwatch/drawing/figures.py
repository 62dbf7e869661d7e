"""The view `singleValue` as a picture: each metric's latest value in large digits, over its sparkline.

A page writes the digits itself and draws the sparkline only; this is for images. Datasets: `figures` (a row
per metric: `text` the value, `label`) and `empty`.
"""

from __future__ import annotations

import math

from inferwatch.drawing import wording
from inferwatch.drawing.frame import Sketch, Spec, empty_rows, frame, words_in_the_middle
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
        place = {
            name: {"field": name, "type": "quantitative", "scale": None, "axis": None} for name in ("x", "y")
        }
        return {
            "data": {"name": "figures"},
            "transform": [{"calculate": x, "as": "x"}, {"calculate": y, "as": "y"}],
            "mark": mark,
            "encoding": {**place, "text": {"field": field, "type": "nominal"}},
        }

    layers = [
        words("text", size, f"-0.25 * {size}", look.ink, 600),
        words("label", f"max(10, min(13, 0.4 * {size}))", f"0.65 * {size}", look.text, 400),
        words_in_the_middle(look),
    ]
    datasets = {"figures": _rows(widget, reading), "empty": empty_rows(reading)}
    return frame(sketch, datasets, layers)


def _rows(widget: MetricWidget, reading: Reading) -> list[Spec]:
    return [
        {
            "n": place,
            "label": one.label,
            "text": wording.quantity(
                one.latest[1] if one.latest else None, one.unit, full=widget.full_precision
            ),
        }
        for place, one in enumerate(reading.series)
        if any(other.points for other in reading.series)
    ]
