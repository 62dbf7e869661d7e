"""A dashboard body → widgets, each in its place on AWS's grid of 24 columns.

PutDashboard has validated the body, yet lets much through with a warning only. What cannot be read or is not
drawn yet becomes an `OtherWidget` that says so in its place, and the rest of the page lives.

Source: CloudWatch API reference, "Dashboard body structure and syntax".
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from inferwatch.drawing.rows import BodyError, Row, Side, color, read_rows, text_of
from inferwatch.drawing.timerange import TimeRange, range_of_body
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
                return TextWidget(place, text_of(properties.get("markdown"), "markdown") or "")
            case "alarm":
                arns, states = (_texts(properties, key) for key in ("alarms", "states"))
                return AlarmWidget(place, title, arns, states)
            case _:
                return OtherWidget(place, title, f"Widgets of type “{kind}” are not drawn here yet.")
    except BodyError as problem:
        return OtherWidget(place, title, f"This widget cannot be read: {problem}.")


def _metric_widget(properties: Mapping[str, Any], place: Place, title: str, region: str) -> MetricWidget:
    region = text_of(properties.get("region"), "region") or region
    rows = read_rows(
        properties.get("metrics") or [],
        stat=text_of(properties.get("stat"), "stat") or _DEFAULT_STAT,
        period_s=properties.get("period", _DEFAULT_PERIOD_S),
        region=region,
    )
    axes, annotations = _object(properties, "yAxis"), _object(properties, "annotations")
    return MetricWidget(
        place=place,
        title=title,
        region=region,
        view=text_of(properties.get("view"), "view") or "timeSeries",
        rows=rows,
        stacked=properties.get("stacked") is True,
        left=_axis(_object(axes, "left")),
        right=_axis(_object(axes, "right")),
        levels=tuple(_level(*one) for one in _visible(annotations, "horizontal")),
        moments=tuple(_moment(*one) for one in _visible(annotations, "vertical")),
        alarm_arns=_texts(annotations, "alarms"),
        sparkline=properties.get("sparkline") is True,
        whole_range=properties.get("setPeriodToTimeRange") is True,
    )


def _axis(given: Mapping[str, Any]) -> Axis:
    low, high = (None if given.get(key) is None else _number(given, key, "yAxis") for key in ("min", "max"))
    return Axis(low, high, text_of(given.get("label"), "yAxis: label"), given.get("showUnits") is not False)


def _visible(annotations: Mapping[str, Any], key: str) -> list[list[Mapping[str, Any]]]:
    """Each annotation's one or two halves, without the hidden: a band is when its first half is."""
    found = []
    for one in _list(annotations, key):
        halves = one if isinstance(one, list) else [one]
        if len(halves) not in (1, 2) or not all(isinstance(half, dict) for half in halves):
            raise BodyError(f"{key} annotations: expected an object or two, found {one!r}")
        if halves[0].get("visible") is not False:
            found.append(halves)
    return found


def _level(first: Mapping[str, Any], second: Mapping[str, Any] | None = None) -> Level:
    side: Side = "right" if first.get("yAxis") == "right" else "left"
    label, tint = str(first.get("label", "")), color(first.get("color"))
    value = float(_number(first, "value", "horizontal annotation"))
    if second is None:
        fill = first.get("fill")
        return Level(value, label, tint, fill if fill in ("above", "below") else None, side)
    low, high = sorted((value, float(_number(second, "value", "horizontal annotation"))))
    return Level(low, label or str(second.get("label", "")), tint, "between", side, top=high)


def _moment(first: Mapping[str, Any], second: Mapping[str, Any] | None = None) -> Moment:
    label, tint = str(first.get("label", "")), color(first.get("color"))
    if second is None:
        fill = first.get("fill")
        return Moment(_time_ms(first), label, tint, fill if fill in ("before", "after") else None)
    early, late = sorted((_time_ms(first), _time_ms(second)))
    return Moment(early, label or str(second.get("label", "")), tint, "between", until_ms=late)


def _time_ms(given: Mapping[str, Any]) -> int:
    text = given.get("value")
    try:
        read = datetime.fromisoformat(str(text))
        return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * SECOND_MS)
    except (ValueError, OverflowError) as error:
        raise BodyError(f"vertical annotation: expected a moment in ISO 8601, found {text!r}") from error


# --- a body's values, held to their kinds


def _number(given: Mapping[str, Any], key: str, what: str) -> float:
    """A finite number, in digits or in a text that holds some."""
    value = given.get(key)
    try:
        number = float(value) if isinstance(value, str) else value
        if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number):
            return number
    except (ValueError, OverflowError):
        pass
    raise BodyError(f"{what}: {key}: expected a number, found {value!r}")


def _object(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key) or {}
    if not isinstance(value, dict):
        raise BodyError(f"{key}: expected an object, found {value!r}")
    return value


def _list(given: Mapping[str, Any], key: str) -> list[Any]:
    value = given.get(key) or []
    if not isinstance(value, list):
        raise BodyError(f"{key}: expected a list, found {value!r}")
    return value


def _texts(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(map(str, _list(given, key)))
