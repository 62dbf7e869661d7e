"""Annotations as layers of a picture: lines across at a level, lines down at a moment, their shaded sides.

Source: CloudWatch API reference, "Dashboard body structure and syntax", `annotations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inferwatch.drawing.frame import Spec, halo
from inferwatch.drawing.themes import Look
from inferwatch.drawing.widgets import Axis, Level, Moment


def joined(alarms: Sequence[Level], drawn: Sequence[Level]) -> list[Level]:
    """The body's own lines and those of alarms, one where several lie in one place: no words over words.

    Of alarms the loudest speaks, of equals the first, and `+ 1` says that another is there. A body's own line
    where an alarm's is would only say it again.
    """
    places: dict[tuple[object, ...], list[Level]] = {}
    for level in alarms:
        places.setdefault(_place(level), []).append(level)
    own = [level for level in drawn if _place(level) not in places]
    return [*own, *(_loudest(group) for group in places.values())]


def _place(level: Level) -> tuple[object, ...]:
    return (level.side, level.value, level.top)


def _loudest(group: Sequence[Level]) -> Level:
    first = min(group, key=lambda level: level.quiet)
    return replace(first, label=f"{first.label} + {len(group) - 1}") if len(group) > 1 else first


def color_of_level(level: Level, look: Look) -> str:
    """The body's own colour; else an alarm's, grey where it keeps to the background."""
    return level.color or (look.annotation if level.quiet else look.threshold)


def band(level: Level, look: Look) -> list[Spec]:
    """The shaded side of a line across, where the body or the alarm wants one."""
    color = color_of_level(level, look)
    sides: dict[str, Spec] = {"above": {"value": 0}, "below": {"value": "height"}}
    y2 = sides.get(level.fill or "")
    if level.top is not None:
        y2 = {"datum": level.top}
    if y2 is None:
        return []
    return [
        {
            "data": {"values": [{}]},
            "mark": {"type": "rect", "color": color, "opacity": 0.07, "clip": True},
            "encoding": {"x": {"value": 0}, "x2": {"value": "width"}, "y": {"datum": level.value}, "y2": y2},
        }
    ]


def within(level: Level, axis: Axis) -> Level:
    """The line without its words, where those would stand beyond an end that the body gives the axis.

    What is not cut off there takes the room that the picture has.
    """
    value = level.value if level.top is None else level.top
    is_above = axis.maximum is not None and value > axis.maximum
    is_below = axis.minimum is not None and value < axis.minimum
    return replace(level, label="") if is_above or is_below else level


def rule(level: Level, look: Look) -> list[Spec]:
    """The line itself, both edges of a band, and its words at the newest end."""
    color = color_of_level(level, look)
    edges = [level.value] if level.top is None else [level.value, level.top]
    rules: list[Spec] = [
        {
            "data": {"values": [{}]},
            "mark": {"type": "rule", "color": color, "strokeDash": [5, 4], "strokeWidth": 1.25, "clip": True},
            "encoding": {"x": {"value": 0}, "x2": {"value": "width"}, "y": {"datum": edge}},
        }
        for edge in edges
    ]
    if level.label:
        mark: Spec = {
            "type": "text",
            "align": "right",
            "baseline": "bottom",
            "dx": -4,
            "dy": -3,
            "fontSize": 11,
            "limit": {"expr": "width - 8"},
        }
        # The first writing is a halo, so that a line passing behind the words leaves them readable.
        for ink in (
            halo(look),
            {"color": ink_of(level.color, color, look)},
        ):
            rules.append(
                {
                    "data": {"values": [{"text": level.label}]},
                    "mark": {**mark, **ink},
                    "encoding": {
                        "x": {"value": "width"},
                        "y": {"datum": edges[-1]},
                        "text": {"field": "text", "type": "nominal"},
                    },
                }
            )
    return rules


def ink_of(of_body: str | None, color: str, look: Look) -> str:
    """What words about a line are written in: a body's own colour may be too faint for them."""
    return color if of_body is None else look.text


def moment_lines(moment: Moment, look: Look) -> list[Spec]:
    """A line down, at a moment, with its shaded side and its label at the top."""
    color = moment.color or look.annotation
    at = {"datum": moment.time_ms, "type": "temporal"}
    layers: list[Spec] = []
    sides: dict[str, Spec] = {"before": {"value": 0}, "after": {"value": "width"}}
    x2 = sides.get(moment.fill or "")
    edges = [moment.time_ms]
    if moment.until_ms is not None:
        x2 = {"datum": moment.until_ms, "type": "temporal"}
        edges.append(moment.until_ms)
    nothing: Spec = {"values": [{}]}
    if x2 is not None:
        mark = {"type": "rect", "color": color, "opacity": 0.08, "clip": True}
        layers.append({"data": nothing, "mark": mark, "encoding": {"x": at, "x2": x2}})
    for edge in edges:
        mark = {"type": "rule", "color": color, "strokeWidth": 1, "clip": True}
        encoding: Spec = {"x": {"datum": edge, "type": "temporal"}}
        layers.append({"data": nothing, "mark": mark, "encoding": encoding})
    if moment.label:
        layers.append(
            {
                "data": {"values": [{"text": moment.label}]},
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "top",
                    "dx": 4,
                    "fontSize": 11,
                    "color": ink_of(moment.color, color, look),
                    "clip": True,
                },
                "encoding": {"x": at, "y": {"value": 0}, "text": {"field": "text", "type": "nominal"}},
            }
        )
    return layers
