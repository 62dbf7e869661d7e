"""A dashboard body → widgets, each in its place on AWS's grid of 24 columns.

PutDashboard has validated the body, yet lets much through with a warning only. What cannot be read or is not
drawn yet becomes an `OtherWidget` that says so in its place, and the rest of the page lives.

Source: CloudWatch API reference, "Dashboard body structure and syntax".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from inferwatch.console.rows import BodyError, Row, Side, color, read_rows
from inferwatch.console.timerange import TimeRange, range_of_body
from inferwatch.model.limits import SECOND_MS

COLUMNS = 24
_DEFAULT_SIZE = 6
_DEFAULT_PERIOD_S = 300
_DEFAULT_STAT = "Average"

Fill = Literal["above", "below", "between", "before", "after"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a widget stands, in grid units."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Level:
    """A line across; `top` makes it a band from `value` to `top`, `quiet` keeps it in the background."""

    value: float
    label: str = ""
    color: str | None = None
    fill: Fill | None = None
    side: Side = "left"
    top: float | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A vertical annotation; `until_ms` makes it a band."""

    time_ms: int
    label: str = ""
    color: str | None = None
    fill: Fill | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """What a body says about one y axis."""

    minimum: float | None = None
    maximum: float | None = None
    label: str | None = None
    show_units: bool = True


@dataclass(frozen=True, slots=True)
class MetricWidget:
    """Metrics and expressions in one picture or as numbers."""

    place: Place
    title: str
    region: str
    view: str
    rows: tuple[Row, ...]
    stacked: bool = False
    left: Axis = Axis()
    right: Axis = Axis()
    levels: tuple[Level, ...] = ()
    moments: tuple[Moment, ...] = ()
    alarm_arns: tuple[str, ...] = ()
    sparkline: bool = False
    whole_range: bool = False


@dataclass(frozen=True, slots=True)
class TextWidget:
    """Markdown somebody wrote beside the pictures."""

    place: Place
    markdown: str


@dataclass(frozen=True, slots=True)
class AlarmWidget:
    """A list of alarms by ARN, only those in `states` where that is given."""

    place: Place
    title: str
    arns: tuple[str, ...]
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherWidget:
    """A widget not drawn, and why."""

    place: Place
    title: str
    why: str


Widget = MetricWidget | TextWidget | AlarmWidget | OtherWidget


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A body, read. `notes` are what the whole page has to say about it."""

    widgets: tuple[Widget, ...]
    range: TimeRange | None
    notes: tuple[str, ...]


def read_body(text: str, *, region: str) -> Dashboard:
    """Read a body as GetDashboard gives it; `region` serves widgets that name none."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        return Dashboard((), None, ("The dashboard's body is not a JSON object with a list of widgets.",))
    notes = []
    if body.get("variables"):
        notes.append(
            "This dashboard has variables; they are not offered here yet: the body's own values are shown."
        )
    places = _places(body["widgets"])
    widgets = tuple(
        _widget(widget, place, region) for widget, place in zip(body["widgets"], places, strict=True)
    )
    return Dashboard(widgets, range_of_body(body.get("start")), tuple(notes))


def _places(widgets: list[Any]) -> list[Place]:
    """Give every widget its place; those without x and y flow left to right, then down.

    Differs: AWS does not say how flowing widgets avoid placed ones; here they flow below the lowest of those.
    """
    sizes = [_size(widget) for widget in widgets]
    placed = [
        Place(min(widget["x"], COLUMNS - 1), widget["y"], *size)
        if isinstance(widget, dict) and _is_whole(widget.get("x")) and _is_whole(widget.get("y"))
        else None
        for widget, size in zip(widgets, sizes, strict=True)
    ]
    x, y = 0, max((place.y + place.height for place in placed if place is not None), default=0)
    line_height = 0
    result = []
    for place, (width, height) in zip(placed, sizes, strict=True):
        if place is None:
            if x + width > COLUMNS:
                x, y, line_height = 0, y + line_height, 0
            place = Place(x, y, width, height)
            x, line_height = x + width, max(line_height, height)
        result.append(place)
    return result


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _size(widget: object) -> tuple[int, int]:
    given: Mapping[str, Any] = widget if isinstance(widget, dict) else {}
    width, height = given.get("width"), given.get("height")
    return (
        max(1, min(width, COLUMNS)) if isinstance(width, int) else _DEFAULT_SIZE,
        max(1, min(height, 1000)) if isinstance(height, int) else _DEFAULT_SIZE,
    )


def _widget(widget: object, place: Place, region: str) -> Widget:
    given: Mapping[str, Any] = widget if isinstance(widget, dict) else {}
    properties = given.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    kind, title = str(given.get("type", "nameless")), str(properties.get("title", ""))
    try:
        match kind:
            case "metric":
                return _metric_widget(properties, place, title, region)
            case "text":
                return TextWidget(place, str(properties.get("markdown", "")))
            case "alarm":
                arns, states = properties.get("alarms") or [], properties.get("states") or []
                return AlarmWidget(place, title, tuple(map(str, arns)), tuple(map(str, states)))
            case _:
                return OtherWidget(place, title, f"Widgets of type “{kind}” are not drawn here yet.")
    except (BodyError, AttributeError, TypeError, ValueError) as problem:
        return OtherWidget(place, title, f"This widget cannot be read: {problem}.")


def _metric_widget(properties: Mapping[str, Any], place: Place, title: str, region: str) -> MetricWidget:
    region = properties.get("region") or region
    rows = read_rows(
        properties.get("metrics") or [],
        stat=properties.get("stat", _DEFAULT_STAT),
        period_s=properties.get("period", _DEFAULT_PERIOD_S),
        region=region,
    )
    axes = properties.get("yAxis") or {}
    annotations = properties.get("annotations") or {}
    return MetricWidget(
        place=place,
        title=title,
        region=region,
        view=properties.get("view", "timeSeries"),
        rows=rows,
        stacked=properties.get("stacked") is True,
        left=_axis(axes.get("left") or {}),
        right=_axis(axes.get("right") or {}),
        levels=tuple(map(_level, _visible(annotations.get("horizontal") or []))),
        moments=tuple(map(_moment, _visible(annotations.get("vertical") or []))),
        alarm_arns=tuple(map(str, annotations.get("alarms") or [])),
        sparkline=properties.get("sparkline") is True,
        whole_range=properties.get("setPeriodToTimeRange") is True,
    )


def _axis(given: Mapping[str, Any]) -> Axis:
    return Axis(given.get("min"), given.get("max"), given.get("label"), given.get("showUnits") is not False)


def _visible(annotations: list[Any]) -> list[Any]:
    """Leave out hidden annotations; a band is hidden when its first half is."""
    return [
        one for one in annotations if (one[0] if isinstance(one, list) else one).get("visible") is not False
    ]


def _level(given: Any) -> Level:
    first, second = given if isinstance(given, list) else (given, None)
    side: Side = "right" if first.get("yAxis") == "right" else "left"
    label, tint = str(first.get("label", "")), color(first.get("color"))
    if second is None:
        fill = first.get("fill")
        return Level(float(first["value"]), label, tint, fill if fill in {"above", "below"} else None, side)
    low, high = sorted((float(first["value"]), float(second["value"])))
    return Level(low, label or str(second.get("label", "")), tint, "between", side, top=high)


def _moment(given: Any) -> Moment:
    first, second = given if isinstance(given, list) else (given, None)
    label, tint = str(first.get("label", "")), color(first.get("color"))
    if second is None:
        fill = first.get("fill")
        return Moment(_time_ms(first["value"]), label, tint, fill if fill in {"before", "after"} else None)
    early, late = sorted((_time_ms(first["value"]), _time_ms(second["value"])))
    return Moment(early, label or str(second.get("label", "")), tint, "between", until_ms=late)


def _time_ms(text: str) -> int:
    read = datetime.fromisoformat(text)
    return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * SECOND_MS)
