"""The view `gauge`: each metric's latest value between the ends of the left axis, side by side.

Source: CloudWatch API reference, "Dashboard body structure and syntax": a gauge needs `yAxis.left.min` and
`max`; its horizontal annotations colour the stretches they fill.
Differs: of more than six metrics the first six are shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from inferwatch.drawing import wording
from inferwatch.drawing.annotations import color_of_level, joined
from inferwatch.drawing.frame import Sketch, Spec, empty_rows, frame, line_colors, quoted, words_in_the_middle
from inferwatch.drawing.readings import Series
from inferwatch.drawing.themes import Look
from inferwatch.drawing.widgets import Level

# More than these side by side could not be read.
_GAUGES_MAX = 6
# Each dial is open at the bottom: from here to as far on the other side.
_OPENS = 0.72 * math.pi


def gauges(sketch: Sketch) -> Spec:
    """Draw a dial a metric; what lies beyond an end of the axis stands at that end."""
    reading, widget, look = sketch.reading, sketch.widget, sketch.look
    low, high = widget.left.minimum, widget.left.maximum
    if low is None or high is None or low >= high:
        why = [{"text": "a gauge needs yAxis.left.min and a greater max"}]
        return frame(sketch, {"empty": why}, [words_in_the_middle(look)])
    colors = line_colors(reading.series, sketch.theme)
    told = [pair for pair in zip(reading.series, colors, strict=True) if pair[0].latest is not None]
    shown = told[:_GAUGES_MAX]
    levels = joined(sketch.levels, widget.levels)
    layers: list[Spec] = [words_in_the_middle(look)]
    for place, (one, color) in enumerate(shown):
        dial = _Dial(place, len(shown), low, high)
        layers += dial.layers(one, color, levels, look)
    return frame(sketch, {"empty": empty_rows(reading)}, layers)


class _Dial:
    """One gauge: a share of the picture's width, and the axis it measures on."""

    def __init__(self, place: int, count: int, low: float, high: float) -> None:
        self._x = f"width * {(place + 0.5) / count:.4f}"
        self._y = "height * 0.54"
        self._radius = f"max(10, min(width / {count} * 0.46, height * 0.5) - 4)"
        self._width = f"width / {count} - 8"
        self._low, self._high = low, high

    def layers(self, one: Series, color: str, levels: Sequence[Level], look: Look) -> Iterator[Spec]:
        assert one.latest is not None
        value = one.latest[1]
        at = self._angle(value)
        text = wording.quantity(value, one.unit)
        yield self._arc(-_OPENS, _OPENS, look.grid, 0.78, 1.0)
        yield self._arc(-_OPENS, at, color, 0.78, 1.0, f"{one.label}: {text}")
        for level in levels:
            yield from self._level(level, look)
        yield self._words(text, 0.0, 0.3, look.ink, bold=True)
        yield self._words(one.label, 0.3, 0.15, look.text)
        for end, side in ((self._low, -1), (self._high, 1)):
            yield self._words(wording.number(end), 0.86, 0.13, look.text, across=side * 0.66)

    def _level(self, level: Level, look: Look) -> Iterator[Spec]:
        color = color_of_level(level, look)
        at = self._angle(level.value)
        stretches = {"above": (at, _OPENS), "below": (-_OPENS, at)}
        stretch = (at - 0.012, at + 0.012)
        if level.top is not None:
            stretch = (at, self._angle(level.top))
        elif level.fill in stretches:
            stretch = stretches[level.fill]
        yield self._arc(*stretch, color, 1.02, 1.07, level.label or wording.number(level.value))

    def _angle(self, value: float) -> float:
        share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
        return -_OPENS + 2 * _OPENS * share

    def _place(self, dy: float = 0, across: float = 0) -> Spec:
        return {
            "x": {"value": {"expr": f"{self._x} + {across} * {self._radius}"}},
            "y": {"value": {"expr": f"{self._y} + {dy} * {self._radius}"}},
        }

    def _arc(
        self, start: float, end: float, color: str, inner: float, outer: float, tooltip: str = ""
    ) -> Spec:
        mark: Spec = {
            "type": "arc",
            "theta": end,
            "theta2": start,
            "innerRadius": {"expr": f"{inner} * {self._radius}"},
            "outerRadius": {"expr": f"{outer} * {self._radius}"},
            "color": color,
            "cornerRadius": 2,
        }
        encoding = self._place()
        if tooltip:
            encoding["tooltip"] = {"value": tooltip}
        return {"data": {"values": [{}]}, "mark": mark, "encoding": encoding}

    def _words(
        self, text: str, dy: float, size: float, color: str, *, bold: bool = False, across: float = 0
    ) -> Spec:
        mark: Spec = {
            "type": "text",
            "align": "center",
            "baseline": "middle",
            "color": color,
            "fontSize": {"expr": f"min({28 if bold else 12}, max(9, {size} * {self._radius}))"},
            "fontWeight": 600 if bold else 400,
            "limit": {"expr": self._radius if across else self._width},
            "text": {"expr": quoted(text)},
        }
        return {"data": {"values": [{}]}, "mark": mark, "encoding": self._place(dy, across)}
