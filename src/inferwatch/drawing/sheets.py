"""A dashboard by name → its panels, read from whatever API answers: what `inferwatch image` draws.

A metric widget alone → its sketch: GetMetricWidgetImage's too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inferwatch.drawing.alarms import Alarm, is_watching, levels_in, listed, read_alarms_of, with_rows_of
from inferwatch.drawing.api import Api
from inferwatch.drawing.charts import sketch_of
from inferwatch.drawing.frame import Sketch
from inferwatch.drawing.poster import Panel
from inferwatch.drawing.readings import Units, read_widget
from inferwatch.drawing.themes import Theme
from inferwatch.drawing.timerange import DEFAULT, Range, Window
from inferwatch.drawing.variables import read_chosen
from inferwatch.drawing.widgets import AlarmWidget, MetricWidget, Widget
from inferwatch.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Sheet:
    """A dashboard's panels, or one of them; `notes` are what the whole has to say."""

    panels: tuple[Panel, ...]
    notes: tuple[str, ...] = ()


async def read_sheet(
    api: Api,
    region: str,
    name: str,
    *,
    now_ms: int,
    theme: Theme,
    widget: str = "",
    time_range: Range | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Sheet:
    """Read a dashboard, or one widget of it by its title or its number from 1.

    Raises:
        AwsError: The endpoint refuses.
        UsageError: There is no such widget.
    """
    answer = await api.call(region, "cloudwatch", "GetDashboard", {"DashboardName": name})
    body, _ = await read_chosen(api, region, str(answer["DashboardBody"]), chosen or {}, now_ms)
    widgets = (_find(body.widgets, widget, name),) if widget else body.widgets
    alarms, refused = await read_alarms_of(api, widgets, region)
    shown = time_range or body.range or DEFAULT
    units = Units(api)
    panels = tuple([await _panel(api, one, alarms, theme, shown, now_ms, units) for one in widgets])
    return Sheet(panels, (*body.notes, *refused))


def _find(widgets: Sequence[Widget], wanted: str, name: str) -> Widget:
    titles = [getattr(one, "title", "") for one in widgets]
    if wanted in titles:
        return widgets[titles.index(wanted)]
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= len(widgets):
        return widgets[int(wanted) - 1]
    listed = ", ".join(f"{place} {title or '(no title)'}" for place, title in enumerate(titles, start=1))
    raise UsageError(f'the dashboard {name} has no widget "{wanted}": there are {listed or "none"}')


async def _panel(
    api: Api, widget: Widget, alarms: Sequence[Alarm], theme: Theme, shown: Range, now_ms: int, units: Units
) -> Panel:
    if isinstance(widget, AlarmWidget):
        return Panel(widget, alarms=listed(alarms, widget))
    if not isinstance(widget, MetricWidget):
        return Panel(widget)
    window = (widget.span or shown).window(now_ms)
    return Panel(widget, await read_sketch(api, widget, alarms, window, units, theme=theme))


async def read_sketch(
    api: Api, widget: MetricWidget, alarms: Sequence[Alarm], window: Window, units: Units, *, theme: Theme
) -> Sketch:
    """Read a widget's series, and draw with them the thresholds of those alarms that watch it."""
    watching = [alarm for alarm in alarms if is_watching(alarm, widget)]
    reading = await read_widget(api, with_rows_of(watching, widget), window, units)
    levels = levels_in(watching, widget, window)
    return sketch_of(widget, reading, theme=theme, levels=levels, legend=widget.legend != "hidden")
