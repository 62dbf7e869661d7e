"""The view `pie`: each metric's latest value as its share of their sum.

Datasets: `slices` (a row per metric: `k` its key, `v` the value, `share` in words) and `empty`. Values that
are not above zero have no share.
"""

from __future__ import annotations

from inferwatch.drawing import wording
from inferwatch.drawing.frame import Sketch, Spec, color_of, empty_rows, frame, keyed, words_in_the_middle
from inferwatch.drawing.readings import Reading

# Below this share words would run into their neighbours'.
_WORDED_FROM = 0.05
# Words stand around the ring, where they are readable whatever colour a slice has.
_OUTER = "max(4, min(width / 2 - 34, height / 2 - 20))"


def pie(sketch: Sketch) -> Spec:
    """Draw a ring of slices, each larger share in words beside its slice."""
    reading, look = sketch.reading, sketch.look
    theta: Spec = {"field": "v", "type": "quantitative", "stack": True}
    order: Spec = {"field": "n", "type": "quantitative"}
    color = color_of(sketch)
    if color["legend"] is not None:
        color["legend"] |= {"columns": 1, "orient": "right", "symbolType": "circle", "symbolStrokeWidth": 0}
    tooltip = [
        {"field": "share", "type": "nominal", "title": "Share"},
        {"field": "text", "type": "nominal", "title": "Latest"},
    ]
    ring = {
        "type": "arc",
        "outerRadius": {"expr": _OUTER},
        "innerRadius": {"expr": f"{_OUTER} * 0.58"},
        "stroke": look.halo,
        "strokeWidth": 2,
    }
    words = {
        "type": "text",
        "radius": {"expr": f"{_OUTER} + 16"},
        "fontSize": 11,
        "fontWeight": 600,
        "color": look.text,
    }
    layers: list[Spec] = [
        {
            "data": {"name": "slices"},
            "mark": ring,
            "encoding": {"theta": theta, "order": order, "color": color, "tooltip": tooltip},
        },
        {
            "data": {"name": "slices"},
            "mark": words,
            "encoding": {"theta": theta, "order": order, "text": {"field": "word", "type": "nominal"}},
        },
        words_in_the_middle(look),
    ]
    slices = _slices(reading)
    empty = empty_rows(reading) or ([] if slices else [{"text": "no value is above zero"}])
    return frame(sketch, {"slices": slices, "empty": empty}, layers)


def _slices(reading: Reading) -> list[Spec]:
    latest = [
        (key, one, one.latest[1])
        for key, one in keyed(reading.series)
        if one.latest is not None and one.latest[1] > 0
    ]
    total = sum(value for _, _, value in latest)
    rows = []
    for place, (key, one, value) in enumerate(latest):
        share = f"{wording.number(round(100 * value / total, 1))}%"
        word = f"{round(100 * value / total)}%" if value / total >= _WORDED_FROM else ""
        text = wording.quantity(value, one.unit)
        rows.append({"k": key, "n": place, "v": value, "share": share, "word": word, "text": text})
    return rows
