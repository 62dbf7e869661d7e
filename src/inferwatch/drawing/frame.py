"""What every picture has: its size, its look, the colours of its lines and how they are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inferwatch.drawing.readings import Reading, Series
from inferwatch.drawing.themes import LOOKS, Look, Theme, config
from inferwatch.drawing.widgets import Axis, Level, MetricWidget
from inferwatch.model.visible import visible

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, slots=True)
class Sketch:
    """All that a picture is made from; `legend`: whether it explains its own colours."""

    widget: MetricWidget
    reading: Reading
    theme: Theme
    levels: Sequence[Level] = ()
    legend: bool = False

    @property
    def look(self) -> Look:
        """The theme's colours."""
        return LOOKS[self.theme]

    @property
    def series(self) -> tuple[Series, ...]:
        """What is drawn."""
        return self.reading.series


def frame(sketch: Sketch, datasets: dict[str, list[Spec]], layers: Sequence[Spec]) -> Spec:
    """Layers in a picture that fills whatever it is put in. What the clock changes are its datasets."""
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": "container",
        "autosize": {"type": "fit", "contains": "padding"},
        "description": sketch.widget.title or "metrics over time",
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 0},
        "params": [],
        "datasets": datasets,
        "layer": list(layers),
        "config": config(sketch.theme),
    }


def line_colors(series: Sequence[Series], theme: Theme) -> list[str]:
    """Choose each line's colour: the body's own, else the palette's next; a band keeps to the background."""
    look = LOOKS[theme]
    return [
        one.color or (look.annotation if one.edge else look.lines[index % len(look.lines)])
        for index, one in enumerate(series)
    ]


def color_of(sketch: Sketch) -> Spec:
    """The colour of each key `s0`, `s1` …, with a legend where the picture explains itself."""
    series, keys = sketch.series, keys_of(sketch.series)
    return {
        "field": "k",
        "type": "nominal",
        "scale": {"domain": keys, "range": line_colors(series, sketch.theme)},
        "legend": _legend(sketch) if sketch.legend and keys else None,
    }


def _legend(sketch: Sketch) -> Spec:
    orient = "right" if sketch.widget.legend == "right" else "bottom"
    return {"labelExpr": naming(sketch.series), "orient": orient, "labelLimit": 180}


def keys_of(series: Sequence[Series]) -> list[str]:
    return [f"s{index}" for index in range(len(series))]


def keyed(series: Sequence[Series]) -> list[tuple[str, Series]]:
    """Each line with its key."""
    return list(zip(keys_of(series), series, strict=True))


def naming(series: Sequence[Series]) -> str:
    """An expression that turns a key into its line's label; labels are literals in it, whatever they say."""
    names = ", ".join(f"{key}: {quoted(one.label)}" for key, one in keyed(series))
    return f"({{{names}}})[datum.label]"


def quoted(text: str) -> str:
    """Write text as a string literal of Vega's expression language."""
    return '"' + "".join(f"\\u{ord(one):04x}" if ord(one) < 0x10000 else "?" for one in visible(text)) + '"'


def titled(text: str) -> str:
    """Text as the title of a tooltip's line.

    Vega-Lite writes it into an expression of its own, and minds no sign but the double quote.
    """
    return visible(text).replace("\\", "\\\\").replace("\n", "\\n")


def scale_of(axis: Axis) -> Spec:
    """An axis of values: from 0 and to a round end, save where the body sets its ends."""
    scale: Spec = {"zero": axis.minimum is None, "nice": True}
    if axis.minimum is not None:
        scale["domainMin"] = axis.minimum
    if axis.maximum is not None:
        scale["domainMax"] = axis.maximum
    return scale


def in_pixels() -> Spec:
    """Where a mark stands that reckons its own `x` and `y`, in pixels."""
    return {name: {"field": name, "type": "quantitative", "scale": None, "axis": None} for name in ("x", "y")}


def short_numbers() -> Spec:
    """How an axis writes numbers: whole and grouped up to 9,999, then `10k`, `2M`."""
    return {
        "format": "~s",
        "labelExpr": "abs(datum.value) < 10000 ? format(datum.value, ',~f') : datum.label",
    }


def halo(look: Look) -> Spec:
    """A first writing of words, so that what passes behind them leaves them readable."""
    return {"color": look.halo, "stroke": look.halo, "strokeWidth": 4, "opacity": 0.8}


def words_in_the_middle(look: Look) -> Spec:
    """What a picture without a point says instead: dataset `empty`."""
    return {
        "data": {"name": "empty"},
        "mark": {"type": "text", "color": look.text, "fontSize": 13, "limit": {"expr": "width - 16"}},
        "encoding": {
            "x": {"value": {"expr": "width / 2"}},
            "y": {"value": {"expr": "height / 2 - 12"}},
            "text": {"field": "text", "type": "nominal"},
        },
    }


def empty_rows(reading: Reading) -> list[Spec]:
    """Dataset `empty`: one row where no line has a point."""
    if reading.problems or any(one.points for one in reading.series):
        return []
    if not reading.series:
        return [{"text": "no metric is drawn"}]
    alone = reading.series[0].absence if len(reading.series) == 1 else ""
    return [{"text": alone or "no data in this time"}]
