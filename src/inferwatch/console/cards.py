"""What stands on a page: alarms and widgets with what was read for them, their charts, their data as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from inferwatch.console.history import Change, Stretch, strip
from inferwatch.console.links import Links
from inferwatch.drawing.alarms import Alarm, levels_in
from inferwatch.drawing.api import Shape
from inferwatch.drawing.charts import chart, sketch_of
from inferwatch.drawing.frame import Spec
from inferwatch.drawing.readings import Reading, Series
from inferwatch.drawing.themes import Theme
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import MetricWidget, Place, Widget
from inferwatch.explain.past import document

Draw = Callable[[Theme], Spec]


@dataclass(frozen=True, slots=True)
class AlarmCard:
    """An alarm in a list."""

    alarm: Alarm
    strip: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class WidgetCard:
    """A widget on its dashboard, with what it read."""

    id: str
    widget: Widget
    kind: str
    reading: Reading | None = None
    alarms: tuple[Alarm, ...] = ()
    missing: tuple[str, ...] = ()
    note: str = ""
    text: str = ""

    @property
    def place(self) -> Place:
        """Where the widget stands on the grid."""
        return self.widget.place


def alarm_card(alarm: Alarm, changes: Sequence[Change], window: Window) -> AlarmCard:
    """Put an alarm and its recent states together."""
    return AlarmCard(alarm, strip(alarm.name, alarm.state, changes, window, since_ms=alarm.since_ms))


def drawing(card: WidgetCard) -> Draw | None:
    """Give what draws a widget's chart, if it has one."""
    widget = card.widget
    if not isinstance(widget, MetricWidget) or widget.view == "table":
        return None
    if widget.view == "singleValue" and not widget.sparkline:
        return None
    return partial(draw_metric, card)


def draw_metric(card: WidgetCard, theme: Theme) -> Spec:
    """Draw a metric widget with the thresholds of the alarms that watch it."""
    assert isinstance(card.widget, MetricWidget)
    assert card.reading is not None
    levels = levels_in(card.alarms, card.widget, card.reading.window)
    bare = card.widget.view == "singleValue"
    return chart(sketch_of(card.widget, card.reading, theme=theme, levels=levels), bare=bare)


def evaluated(alarm: Alarm) -> list[Shape]:
    """Read the datapoints AWS says it decided on; empty when the reason carries none."""
    points = document(alarm.shape.get("StateReasonData")).get("evaluatedDatapoints")
    return [one for one in points if isinstance(one, dict)] if isinstance(points, list) else []


def alarm_data(alarm: Alarm, links: Links) -> Shape:
    """An alarm in a JSON twin."""
    return {
        "name": alarm.name,
        "arn": alarm.arn,
        "state": alarm.state,
        "since_ms": alarm.since_ms,
        "reason": alarm.reason,
        "condition": alarm.condition,
        "threshold": alarm.threshold,
        "url": links.alarm(alarm.name),
    }


def series_data(series: Sequence[Series]) -> list[Shape]:
    """Series in a JSON twin, every point of them."""
    return [
        {
            "label": one.label,
            "statistic": one.stat,
            "period_ms": one.period_ms,
            "unit": one.unit,
            "absence": one.absence,
            "points": [list(point) for point in one.points],
        }
        for one in series
    ]


def widget_data(card: WidgetCard) -> Shape:
    """A widget in a JSON twin."""
    widget = card.widget
    return {
        "id": card.id,
        "type": card.kind,
        "title": getattr(widget, "title", ""),
        "x": card.place.x,
        "y": card.place.y,
        "width": card.place.width,
        "height": card.place.height,
        "alarms": [{"name": alarm.name, "state": alarm.state} for alarm in card.alarms],
        "series": [] if card.reading is None else series_data(card.reading.series),
        "problems": [] if card.reading is None else list(card.reading.problems),
        "note": card.note,
        "text": getattr(widget, "markdown", "") or getattr(widget, "query", ""),
    }
