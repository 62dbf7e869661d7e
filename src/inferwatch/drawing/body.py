"""A dashboard body → widgets, each in its place on AWS's grid of 24 columns.

PutDashboard has validated the body, yet lets much through with a warning only. What cannot be read or is not
drawn yet becomes an `OtherWidget` that says so in its place, and the rest of the page lives.

Source: CloudWatch API reference, "Dashboard body structure and syntax".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from inferwatch.drawing.rows import BodyError, Side, color, read_rows, text_of
from inferwatch.drawing.timerange import moment_ms, range_of_body
from inferwatch.drawing.widgets import (
    AlarmWidget,
    Axis,
    Dashboard,
    Legend,
    Level,
    LogWidget,
    MetricWidget,
    Moment,
    OtherWidget,
    Place,
    Table,
    TextWidget,
    Widget,
)
from inferwatch.model.text import shown
from inferwatch.model.zone import zone_offset_ms

COLUMNS = 24
_NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DEFAULT_SIZE = 6
_DEFAULT_PERIOD_S = 300
_DEFAULT_STAT = "Average"


def read_body(text: str, *, region: str) -> Dashboard:
    """Read a body as GetDashboard gives it; `region` serves widgets that name none."""
    return read_document(parse_body(text), region=region)


def parse_body(text: str) -> dict[str, Any] | None:
    """The body as an object; `None` where it is none."""
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def read_document(body: Mapping[str, Any] | None, *, region: str) -> Dashboard:
    """Read a body that has been parsed."""
    if body is None or not isinstance(body.get("widgets"), list):
        return Dashboard((), None, ("The dashboard's body is not a JSON object with a list of widgets.",))
    places = _places(body["widgets"])
    keeps_period = body.get("periodOverride") == "inherit"
    widgets = tuple(
        _widget(widget, place, region, keeps_period)
        for widget, place in zip(body["widgets"], places, strict=True)
    )
    return Dashboard(widgets, range_of_body(body.get("start"), body.get("end")), ())


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


def _widget(widget: object, place: Place, region: str, keeps_period: bool) -> Widget:
    given: Mapping[str, Any] = widget if isinstance(widget, dict) else {}
    properties = given.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    kind, title = str(given.get("type", "nameless")), str(properties.get("title", ""))
    try:
        match kind:
            case "metric":
                return read_metric_widget(properties, place, region=region, keeps_period=keeps_period)
            case "text":
                markdown = text_of(properties.get("markdown"), "markdown") or ""
                return TextWidget(place, markdown, properties.get("background") == "solid")
            case "alarm":
                arns, states = (_texts(properties, key) for key in ("alarms", "states"))
                newest_first = properties.get("sortBy") in ("stateUpdatedTimestamp", "timestamp")
                return AlarmWidget(place, title, arns, states, newest_first)
            case "log":
                return LogWidget(place, title, _a_line_each(text_of(properties.get("query"), "query") or ""))
            case _:
                return OtherWidget(place, title, f"Widgets of type “{kind}” are not drawn here yet.")
    except BodyError as problem:
        return OtherWidget(place, title, f"This widget cannot be read: {problem}.")


def _a_line_each(query: str) -> str:
    """A query with every command on a line of its own, as one reads it."""
    return re.sub(r"\s*\|\s*(?=[a-zA-Z@])", "\n| ", query).strip()


def read_metric_widget(
    properties: Mapping[str, Any], place: Place, *, region: str, keeps_period: bool = False
) -> MetricWidget:
    """Read a metric widget's properties; GetMetricWidgetImage's are of the same kind.

    Raises:
        BodyError: They say what cannot be drawn.
    """
    region = text_of(properties.get("region"), "region") or region
    rows = read_rows(
        properties.get("metrics") or [],
        stat=text_of(properties.get("stat"), "stat") or _DEFAULT_STAT,
        period_s=properties.get("period", _DEFAULT_PERIOD_S),
        region=region,
        account_id=text_of(properties.get("accountId"), "accountId"),
    )
    axes, annotations = _object(properties, "yAxis"), _object(properties, "annotations")
    return MetricWidget(
        place=place,
        title=str(properties.get("title", "")),
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
        legend=_legend(_object(properties, "legend")),
        table=_table(_object(properties, "table")),
        full_precision=properties.get("singleValueFullPrecision") is True,
        span=range_of_body(properties.get("start"), properties.get("end")),
        zone_ms=zone_offset_ms(str(properties.get("timezone", ""))) or 0,
        keeps_period=keeps_period,
    )


def _legend(given: Mapping[str, Any]) -> Legend:
    match given.get("position"):
        case "right":
            return "right"
        case "hidden":
            return "hidden"
        case _:
            return "bottom"


def _table(given: Mapping[str, Any]) -> Table:
    return Table(
        vertical=given.get("layout") == "vertical",
        points=given.get("showTimeSeriesData") is not False,
        summary=_texts(given, "summaryColumns") if "summaryColumns" in given else Table().summary,
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
            raise BodyError(f"{key} annotations: expected an object or two, found {shown(one)}")
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
    time_ms = moment_ms(str(text))
    if time_ms is None:
        raise BodyError(f"vertical annotation: expected a moment in ISO 8601, found {shown(text)}")
    return time_ms


# --- a body's values, held to their kinds


def _number(given: Mapping[str, Any], key: str, what: str) -> float:
    """A finite number, in digits or in a text that holds some."""
    value = given.get(key)
    try:
        number = float(value) if isinstance(value, str) and _NUMERAL.fullmatch(value) else value
        if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number):
            return number
    except (ValueError, OverflowError):
        pass
    raise BodyError(f"{what}: {key}: expected a number, found {shown(value)}")


def _object(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key) or {}
    if not isinstance(value, dict):
        raise BodyError(f"{key}: expected an object, found {shown(value)}")
    return value


def _list(given: Mapping[str, Any], key: str) -> list[Any]:
    value = given.get(key) or []
    if not isinstance(value, list):
        raise BodyError(f"{key}: expected a list, found {shown(value)}")
    return value


def _texts(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(map(str, _list(given, key)))
