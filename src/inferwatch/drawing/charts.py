"""A widget and its series → one Vega-Lite specification, the picture's only source.

The browser draws it with vega-embed, an image with vl-convert. What changes with every look at the clock
stands apart, in datasets and parameters, so that a page can put in new data without drawing anew. Text of
users stays data: none of it becomes an expression or a field name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from inferwatch.drawing.bars import bars
from inferwatch.drawing.figures import figures
from inferwatch.drawing.frame import Sketch, Spec
from inferwatch.drawing.gauge import gauges
from inferwatch.drawing.lines import lines, sparkline
from inferwatch.drawing.pie import pie
from inferwatch.drawing.readings import Reading
from inferwatch.drawing.tables import table
from inferwatch.drawing.themes import Theme
from inferwatch.drawing.widgets import Level, MetricWidget, Moment

# Every view that AWS has.
VIEWS: Final[dict[str, Callable[[Sketch], Spec]]] = {
    "timeSeries": lines,
    "bar": bars,
    "pie": pie,
    "gauge": gauges,
    "singleValue": figures,
    "table": table,
}


def sketch_of(
    widget: MetricWidget,
    reading: Reading,
    *,
    theme: Theme,
    levels: Sequence[Level] = (),
    legend: bool = False,
) -> Sketch:
    """Put together what a picture is made from.

    Args:
        levels: Further lines across, e.g. the thresholds of alarms that watch these metrics.
        legend: Whether the picture explains its own colours; a page does so beside it.
    """
    return Sketch(*_on_the_clock(widget, reading), theme, levels, legend)


def chart(sketch: Sketch, *, bare: bool = False) -> Spec:
    """Draw the widget's view of its series over the reading's window; `bare`, their sparkline."""
    return sparkline(sketch) if bare else VIEWS.get(sketch.widget.view, lines)(sketch)


def _on_the_clock(widget: MetricWidget, reading: Reading) -> tuple[MetricWidget, Reading]:
    """Move all times to what the widget's time zone shows: axes are drawn as if that were UTC."""
    ahead = widget.zone_ms
    if ahead == 0:
        return widget, reading
    moments = tuple(_moved(one, ahead) for one in widget.moments)
    series = tuple(
        replace(one, points=tuple((time_ms + ahead, value) for time_ms, value in one.points))
        for one in reading.series
    )
    return replace(widget, moments=moments), replace(
        reading, window=reading.window.moved(ahead), series=series
    )


def _moved(moment: Moment, by_ms: int) -> Moment:
    until_ms = None if moment.until_ms is None else moment.until_ms + by_ms
    return replace(moment, time_ms=moment.time_ms + by_ms, until_ms=until_ms)
