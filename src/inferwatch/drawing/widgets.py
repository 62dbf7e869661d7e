"""What stands on a dashboard: its widgets in their places, and all that a body says of their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inferwatch.drawing.rows import Row, Side
from inferwatch.drawing.timerange import Range

Fill = Literal["above", "below", "between", "before", "after"]
Legend = Literal["bottom", "right", "hidden"]


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
class Table:
    """How the view `table` is laid out: metrics down and time across, or `vertical`, the other way round."""

    vertical: bool = False
    points: bool = True
    summary: tuple[str, ...] = ("MIN", "MAX", "SUM", "AVG")


@dataclass(frozen=True, slots=True)
class MetricWidget:
    """Metrics and expressions in one picture, as numbers or as a table.

    `span` is its own time, where it keeps one whatever the page shows; with `keeps_period` periods stay as
    the body has them, however many points that makes.
    """

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
    legend: Legend = "bottom"
    table: Table = Table()
    full_precision: bool = False
    span: Range | None = None
    zone_ms: int = 0
    keeps_period: bool = False


@dataclass(frozen=True, slots=True)
class TextWidget:
    """Markdown somebody wrote beside the pictures; `solid` sets it on a card."""

    place: Place
    markdown: str
    solid: bool = False


@dataclass(frozen=True, slots=True)
class AlarmWidget:
    """A list of alarms by ARN, only those in `states` where that is given."""

    place: Place
    title: str
    arns: tuple[str, ...]
    states: tuple[str, ...] = ()
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class LogWidget:
    """A Logs Insights query, one command a line."""

    place: Place
    title: str
    query: str


@dataclass(frozen=True, slots=True)
class OtherWidget:
    """A widget not drawn, and why."""

    place: Place
    title: str
    why: str


Widget = MetricWidget | TextWidget | AlarmWidget | LogWidget | OtherWidget


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A body, read. `notes` are what the whole page has to say about it."""

    widgets: tuple[Widget, ...]
    range: Range | None
    notes: tuple[str, ...]
