"""The view `timeSeries`: lines, stacked areas and sparklines over the reading's window.

What changes with every look at the clock stands apart, so that a page can put in new data without drawing
anew: the datasets `series` (one row per point and line, `k` its key, `v` null in a gap), `expected` (where
there are bands), `readout` (one row per moment, each line's value in words) and `empty`, and the parameters
`from_ms` and `to_ms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from inferwatch.drawing import wording
from inferwatch.drawing.annotations import band, joined, moment_lines, rule, within
from inferwatch.drawing.expected import expected_area, expected_rows
from inferwatch.drawing.frame import (
    Sketch,
    Spec,
    color_of,
    empty_rows,
    frame,
    keyed,
    keys_of,
    scale_of,
    short_numbers,
    titled,
    words_in_the_middle,
)
from inferwatch.drawing.readings import Reading, Series
from inferwatch.drawing.rows import Side
from inferwatch.drawing.widgets import Axis, Level

# Up to here every point is marked; beyond, a line alone tells more.
_MARKED_POINTS = 30


def lines(sketch: Sketch) -> Spec:
    """Draw every series, the lines across and down, and what the pointer reads."""
    reading, look = sketch.reading, sketch.look
    x = _x_axis(bare=False)
    groups = _sides(sketch, joined(sketch.levels, sketch.widget.levels), x)
    moments = [layer for one in sketch.widget.moments for layer in moment_lines(one, look)]
    words = words_in_the_middle(look)
    datasets = {
        **_drawn(reading.series),
        "readout": _readout_rows(reading),
        "empty": empty_rows(reading),
    }
    return _timed(sketch, datasets, [*moments, *groups, words, *_readout(sketch, x)], groups)


def sparkline(sketch: Sketch) -> Spec:
    """Draw the series alone: no axes, lines across or tooltips."""
    groups = _sides(sketch, (), _x_axis(bare=True))
    return _timed(sketch, _drawn(sketch.series), groups, groups)


def _timed(
    sketch: Sketch, datasets: dict[str, list[Spec]], layers: Sequence[Spec], groups: Sequence[Spec]
) -> Spec:
    spec = frame(sketch, datasets, layers)
    window = sketch.reading.window
    spec["params"] = [
        {"name": "from_ms", "value": window.from_ms},
        {"name": "to_ms", "value": window.to_ms},
    ]
    if len(groups) > 1:
        spec["resolve"] = {"scale": {"y": "independent"}}
    return spec


def _drawn(series: Sequence[Series]) -> dict[str, list[Spec]]:
    """What is drawn: the lines, and where there are any the bands."""
    bands = {"expected": expected_rows(series)} if any(one.edge for one in series) else {}
    return {"series": _series_rows(series), **bands}


def _sides(sketch: Sketch, across: Sequence[Level], x: Spec) -> list[Spec]:
    """A layer for each y axis that measures something; the left one where nothing does."""
    sides: list[Side] = ["left", "right"]
    drawn = [side for side in sides if any(one.side == side for one in sketch.series)] or ["left"]
    shared = {"x": x, "color": color_of(sketch)}
    return [
        _side(sketch, side, [one for one in across if one.side == side], shared)
        for side in sides
        if side in drawn or any(one.side == side for one in across)
    ]


def _x_axis(bare: bool) -> Spec:
    axis: Spec | None = None
    if not bare:
        axis = {
            "title": None,
            "format": "%H:%M",
            "labelOverlap": True,
            "labelFlush": True,
            "tickCount": {"expr": "max(2, min(8, floor(width / 90)))"},
        }
        # A day's own ticks carry the date, so that a week reads as a week.
        axis["labelExpr"] = (
            "to_ms - from_ms > 129600000 ? utcFormat(datum.value, '%b %d') : "
            "utchours(datum.value) + utcminutes(datum.value) == 0 ? utcFormat(datum.value, '%b %d') : "
            "datum.label"
        )
    return {
        "field": "t",
        "type": "temporal",
        "scale": {"type": "utc", "domain": [{"expr": "from_ms"}, {"expr": "to_ms"}], "nice": False},
        "axis": axis,
    }


def _side(sketch: Sketch, side: Side, levels: Sequence[Level], shared: Spec) -> Spec:
    """Everything that is measured on one y axis."""
    here = [(key, one) for key, one in keyed(sketch.series) if one.side == side]
    keys = [key for key, one in here if one.edge is None]
    upper = [key for key, one in here if one.edge == "upper"]
    series = [one for _, one in here if one.edge is None]
    widget, look = sketch.widget, sketch.look
    # An area of the right axis over those of the left would hide them: it is a line beside them.
    is_stacked = widget.stacked and (side == "left" or len(series) == len(sketch.series))
    axis = widget.left if side == "left" else widget.right
    y: Spec = {
        "field": "v",
        "type": "quantitative",
        "stack": "zero" if is_stacked else None,
        "scale": scale_of(axis),
        "axis": None if shared["x"]["axis"] is None else _y_axis(axis, series, side),
    }
    # Where the body sets an edge that data may lie beyond, they are cut there; elsewhere marks stay whole.
    clip = bool(axis.minimum) or axis.maximum is not None
    mark: Spec = {"type": "line", "clip": clip}
    if is_stacked:
        mark = {"type": "area", "clip": clip, "line": {"strokeWidth": 1.25}, "fillOpacity": 0.25}
    own = {"filter": {"field": "k", "oneOf": keys}}
    lines: Spec = {
        "data": {"name": "series"},
        "transform": [own],
        "mark": {**mark, "invalid": "break-paths-show-domains"},
        "encoding": {**shared, "y": y},
    }
    points: Spec = {
        "data": {"name": "series"},
        "transform": [own, {"filter": "datum.dot === true"}],
        "mark": {"type": "point", "filled": True, "size": 22, "opacity": 1, "clip": clip},
        "encoding": {**shared, "y": y},
    }
    areas = [expected_area(upper, shared, y, clip=clip)] if upper else []
    bands = [layer for level in levels for layer in band(level, look)]
    rules = [layer for level in levels for layer in rule(within(level, axis), look)]
    return {"layer": [*bands, *areas, lines, points, _headroom(axis, own, y), *rules]}


def _headroom(axis: Axis, own: Spec, y: Spec) -> Spec:
    """An unseen point above data that lie all on the floor: an axis from 0 to 0 would float in the middle."""
    floor = axis.minimum or 0
    return {
        "data": {"name": "series"},
        "transform": [
            own,
            {"aggregate": [{"op": "max", "field": "v", "as": "v"}]},
            {"calculate": f"datum.v === {floor} ? {floor + 1} : datum.v", "as": "v"},
        ],
        "mark": {"type": "point", "opacity": 0, "clip": True},
        "encoding": {"y": {**y, "stack": None}},
    }


def _y_axis(axis: Axis, series: Sequence[Series], side: Side) -> Spec:
    units = {wording.unit(one.unit) for one in series}
    unit = units.pop() if len(units) == 1 and axis.show_units else ""
    title = " · ".join(part for part in (axis.label, unit) if part)
    return {
        "orient": side,
        "title": title or None,
        "titleAlign": "left" if side == "left" else "right",
        "tickCount": {"expr": "max(2, min(6, floor(height / 40)))"},
        **short_numbers(),
        "grid": side == "left",
    }


def _readout(sketch: Sketch, x: Spec) -> list[Spec]:
    """A hair line at the moment under the pointer, and every line's value there.

    Each moment owns an unseen stripe, from halfway to the one before to halfway to the next; Vega-Lite's own
    search for the nearest point loses the tooltip's fields.
    """
    tooltip: list[Spec] = [{"field": "at", "type": "nominal", "title": wording.zone(sketch.widget.zone_ms)}]
    tooltip += [
        {"field": key, "type": "nominal", "title": titled(one.label)} for key, one in keyed(sketch.series)
    ]
    here = {"type": "point", "fields": ["t"], "on": "pointerover", "clear": "pointerout"}
    hair: Spec = {
        "data": {"name": "readout"},
        "mark": {"type": "rule", "color": sketch.look.annotation, "strokeWidth": 1, "clip": True},
        "encoding": {
            "x": x,
            "opacity": {"condition": {"param": "here", "empty": False, "value": 0.6}, "value": 0},
        },
    }
    stripe: Spec = {
        "data": {"name": "readout"},
        "params": [{"name": "here", "select": here}],
        "mark": {"type": "rect", "opacity": 0, "clip": True},
        "encoding": {
            # Without a domain of its own: Vega-Lite would unite the two, warn, and lose the moving one.
            "x": {**x, "field": "from", "scale": {"type": "utc", "nice": False}},
            "x2": {"field": "till"},
            "y": {"value": 0},
            "y2": {"value": "height"},
            "tooltip": tooltip,
        },
    }
    return [hair, stripe]


def _series_rows(series: Sequence[Series]) -> list[Spec]:
    """Lay all points out, with an empty one where a line must break and a mark where one would be lost."""
    rows: list[Spec] = []
    for key, one in keyed(series):
        if one.edge is not None:
            continue
        few = len(one.points) <= _MARKED_POINTS
        times = [time_ms for time_ms, _ in one.points]
        for place, (time_ms, value) in enumerate(one.points):
            joined_before = place > 0 and time_ms - times[place - 1] <= one.period_ms
            joined_after = place + 1 < len(times) and times[place + 1] - time_ms <= one.period_ms
            if place > 0 and not joined_before:
                rows.append({"t": times[place - 1] + one.period_ms, "k": key, "v": None})
            row: Spec = {"t": time_ms, "k": key, "v": value}
            if few or not (joined_before or joined_after):
                row["dot"] = True
            rows.append(row)
    return rows


def _readout_rows(reading: Reading) -> list[Spec]:
    rows: dict[int, Spec] = {}
    for key, one in keyed(reading.series):
        for time_ms, value in one.points:
            row = rows.setdefault(time_ms, {"t": time_ms, "at": wording.moment(time_ms).removesuffix(" UTC")})
            row[key] = wording.quantity(value, one.unit)
    keys, times = keys_of(reading.series), sorted(rows)
    halves = [(early + late) // 2 for early, late in pairwise(times)]
    edges = [reading.window.from_ms, *halves, reading.window.to_ms]
    for place, time_ms in enumerate(times):
        row = rows[time_ms]
        row |= {"from": edges[place], "till": edges[place + 1]}
        for key in keys:
            row.setdefault(key, wording.NOTHING)
    return [rows[time_ms] for time_ms in times]
