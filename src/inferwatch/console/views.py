"""What each page shows: a few calls to the API, and their answers as cards, strips and charts.

A `Page` holds one look at the engine three ways: `context` for the template, `data` for the JSON twin, and
`parts` and `charts` for the module that keeps an open page current.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

from inferwatch.console.cards import (
    Draw,
    WidgetCard,
    alarm_card,
    alarm_data,
    draw_metric,
    drawing,
    evaluated,
    series_data,
    widget_data,
)
from inferwatch.console.contributors import has_contributors, read_contributors
from inferwatch.console.history import Change, read_history
from inferwatch.console.links import Links
from inferwatch.console.markdown import render
from inferwatch.drawing.alarms import (
    Alarm,
    is_watching,
    listed,
    picture_of,
    read_alarms,
    read_alarms_of,
    with_rows_of,
)
from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.drawing.body import read_body
from inferwatch.drawing.charts import VIEWS
from inferwatch.drawing.readings import Units, read_widget
from inferwatch.drawing.timerange import DEFAULT, Range, Window
from inferwatch.drawing.variables import read_chosen
from inferwatch.drawing.widgets import (
    AlarmWidget,
    LogWidget,
    MetricWidget,
    OtherWidget,
    Place,
    TextWidget,
    Widget,
)
from inferwatch.explain.explanation import Explanation
from inferwatch.explain.read import explain
from inferwatch.model.errors import AwsError

_LOG = logging.getLogger(__name__)
_NOTIFICATIONS_SHOWN = 8
_GONE = {"ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"}


T = TypeVar("T")


class NotHereError(Exception):
    """The page of something that does not exist, with what does."""

    def __init__(self, kind: str, name: str, exists: Sequence[str]) -> None:
        super().__init__(f"there is no {kind} “{name}”")
        self.kind = kind
        self.exists = exists


@dataclass(frozen=True, slots=True)
class Page:
    """One page at one moment.

    `parts` maps an element's id to the template that fills it and what that needs beyond `context`; `layout`
    changes when the page must be built anew.
    """

    template: str
    title: str
    context: dict[str, Any]
    data: Shape
    parts: Mapping[str, tuple[str, dict[str, Any]]]
    charts: Mapping[str, Draw] = field(default_factory=dict)
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """Builds pages from an API; keeps nothing but the units it has learned."""

    api: Api
    units: Units

    async def overview(self, links: Links, time_range: Range | None) -> Page:
        """Build `/`: alarms loud first, dashboards, newest notifications."""
        time_range = time_range or DEFAULT
        problems: dict[str, str] = {}
        health, alarms, dashboards, notifications = await asyncio.gather(
            self.api.local("/_inferwatch/health"),
            _part("alarms", read_alarms(self.api, links.region), problems),
            _part("dashboards", self._dashboards(links.region), problems),
            _part("notifications", self._notifications(links.region), problems),
        )
        now_ms: int = health["now_ms"]
        window = time_range.window(now_ms)
        changes = await self._history(links.region, window.from_ms) if alarms else ()
        cards = [alarm_card(alarm, changes, window) for alarm in alarms]
        loud = sum(alarm.state == "ALARM" for alarm in alarms)
        context = {
            "links": links,
            "now_ms": now_ms,
            "health": health,
            "range": time_range,
            "cards": cards,
            "loud": loud,
            "dashboards": dashboards,
            "notifications": notifications[:_NOTIFICATIONS_SHOWN],
            "problems": problems,
        }
        data = {
            "now_ms": now_ms,
            "region": links.region,
            "alarms": [alarm_data(alarm, links) for alarm in alarms],
            "dashboards": [
                {"name": one["DashboardName"], "url": links.dashboard(one["DashboardName"])}
                for one in dashboards
            ],
            "notifications": notifications,
            "problems": problems,
        }
        names = ("headline", "alarms", "dashboards", "notifications", "asof")
        parts: dict[str, tuple[str, dict[str, Any]]] = {name: (f"parts/{name}.html", {}) for name in names}
        title = f"({loud}) inferwatch" if loud else "inferwatch"
        return Page("overview.html", title, context, data, parts)

    async def dashboard(self, name: str, links: Links, time_range: Range | None) -> Page:
        """Build a dashboard's page from the body as deployed.

        Raises:
            NotHereError: There is no dashboard of that name.
        """
        text = await self._body(name, links.region)
        health = await self.api.local("/_inferwatch/health")
        now_ms: int = health["now_ms"]
        body, variables = await read_chosen(self.api, links.region, text, links.chosen, now_ms)
        time_range = time_range or body.range or DEFAULT
        window = time_range.window(now_ms)
        alarms, refused = await read_alarms_of(self.api, body.widgets, links.region)
        notes = [*body.notes, *refused]
        cards = await asyncio.gather(
            *(
                self._card(f"w{index}", widget, alarms, window, now_ms)
                for index, widget in enumerate(body.widgets)
            )
        )
        context = {
            "links": links,
            "now_ms": now_ms,
            "health": health,
            "range": time_range,
            "name": name,
            "cards": cards,
            "notes": notes,
            "variables": [one for one in variables if one.visible],
        }
        parts: dict[str, tuple[str, dict[str, Any]]] = {"asof": ("parts/asof.html", {})}
        for card in cards:
            parts[f"{card.id}-state"] = ("parts/widget_state.html", {"card": card})
            if card.kind in {"metric", "alarm"}:
                parts[f"{card.id}-numbers"] = (f"parts/{card.kind}_numbers.html", {"card": card})
        data = {
            "now_ms": now_ms,
            "name": name,
            "range": time_range.key,
            "from_ms": window.from_ms,
            "to_ms": window.to_ms,
            "variables": {one.id: one.value(links.chosen) for one in variables},
            "widgets": [widget_data(card) for card in cards],
        }
        drawn = {card.id: draw for card in cards if (draw := drawing(card)) is not None}
        layout = json.dumps([[card.kind, card.note, str(card.widget)] for card in cards])
        return Page("dashboard.html", f"{name} · inferwatch", context, data, parts, drawn, layout)

    async def has_alarm(self, name: str, region: str) -> bool:
        """Whether there is an alarm of exactly that name."""
        return any(alarm.name == name for alarm in await read_alarms(self.api, region))

    async def places(self, name: str, links: Links) -> dict[str, Place]:
        """Find where each widget of a dashboard stands, by element id."""
        body = read_body(await self._body(name, links.region), region=links.region)
        return {f"w{index}": widget.place for index, widget in enumerate(body.widgets)}

    async def alarm(self, name: str, links: Links, time_range: Range | None) -> Page:
        """Build an alarm's page: its chart and threshold, its reason, what it went through.

        Raises:
            NotHereError: There is no alarm of that name.
        """
        time_range = time_range or DEFAULT
        health, alarms = await asyncio.gather(
            self.api.local("/_inferwatch/health"), read_alarms(self.api, links.region)
        )
        found = next((one for one in alarms if one.name == name), None)
        if found is None:
            raise NotHereError("alarm", name, [one.name for one in alarms])
        now_ms: int = health["now_ms"]
        window = time_range.window(now_ms)
        changes = await self._history(links.region, window.from_ms, alarm=name)
        explanation, unexplained = await self._explain(found, now_ms)
        contributors = await read_contributors(self.api, found) if has_contributors(found) else None
        picture = picture_of(found)
        card = None
        if picture is not None:
            card = WidgetCard(
                "w0", picture, "metric", await read_widget(self.api, picture, window, self.units)
            )
        context = {
            "links": links,
            "now_ms": now_ms,
            "health": health,
            "range": time_range,
            "card": card,
            "of": alarm_card(found, changes, window),
            "alarm": found,
            "changes": changes,
            "datapoints": evaluated(found),
            "explanation": explanation,
            "unexplained": unexplained,
            "contributors": contributors,
        }
        names = (
            "asof",
            "alarm_state",
            "alarm_history",
            "alarm_reason",
            "alarm_explanation",
            "alarm_contributors",
        )
        parts: dict[str, tuple[str, dict[str, Any]]] = {name: (f"parts/{name}.html", {}) for name in names}
        drawn = {}
        if card is not None:
            parts["w0-numbers"] = ("parts/metric_numbers.html", {})
            drawn["w0"] = partial(draw_metric, card)
        data = {
            "now_ms": now_ms,
            "range": time_range.key,
            **alarm_data(found, links),
            "explanation": None if explanation is None else explanation.to_json(),
            "contributors": [asdict(one) for one in contributors or ()],
            "series": [] if card is None or card.reading is None else series_data(card.reading.series),
            "history": [
                {"time_ms": one.time_ms, "type": one.kind, "summary": one.summary, "reason": one.reason}
                for one in changes
            ],
        }
        mark = "(!) " if found.state == "ALARM" else ""
        layout = json.dumps([found.condition, found.description])
        return Page("alarm.html", f"{mark}{name} · inferwatch", context, data, parts, drawn, layout)

    async def _explain(self, alarm: Alarm, now_ms: int) -> tuple[Explanation | None, str]:
        """The explanation, or why there is none; what breaks it must not take the page with it."""
        try:
            return await explain(self.api, alarm, now_ms), ""
        except AwsError as error:
            return None, error.message or error.code
        except Exception as error:  # noqa: BLE001 - whatever it is, the rest of the page is fine
            _LOG.exception("alarm %s cannot be explained", alarm.name)
            return None, type(error).__name__

    async def _dashboards(self, region: str) -> list[Shape]:
        found: list[Shape] = []
        async for page in pages(self.api, region, "cloudwatch", "ListDashboards", {}):
            found += page.get("DashboardEntries", [])
        return sorted(found, key=lambda one: str(one["DashboardName"]))

    async def _notifications(self, region: str) -> list[Shape]:
        answer = await self.api.local(f"/_inferwatch/deliveries?region={region}")
        return sorted(answer["deliveries"], key=lambda one: -int(one["created_ms"]))

    async def _history(self, region: str, since_ms: int, *, alarm: str | None = None) -> tuple[Change, ...]:
        try:
            return await read_history(self.api, region, since_ms=since_ms, alarm=alarm)
        except AwsError:
            return ()  # the strip then shows the state held now, from when it is known

    async def _body(self, name: str, region: str) -> str:
        try:
            answer = await self.api.call(region, "cloudwatch", "GetDashboard", {"DashboardName": name})
        except AwsError as error:
            # A name that none may have is none's.
            if error.code not in {*_GONE, "InvalidParameterValueException"}:
                raise
            exists = [one["DashboardName"] for one in await self._dashboards(region)]
            raise NotHereError("dashboard", name, exists) from error
        return str(answer["DashboardBody"])

    async def _card(
        self, card_id: str, widget: Widget, alarms: Sequence[Alarm], window: Window, now_ms: int
    ) -> WidgetCard:
        """One widget's card; what breaks one must not take the page with it."""
        try:
            return await self._widget(card_id, widget, alarms, window, now_ms)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other widgets are fine
            _LOG.exception("widget %s cannot be shown", card_id)
            why = f"This widget cannot be shown: {type(error).__name__}."
            other = OtherWidget(widget.place, getattr(widget, "title", ""), why)
            return WidgetCard(card_id, other, "other", note=why)

    async def _widget(
        self, card_id: str, widget: Widget, alarms: Sequence[Alarm], window: Window, now_ms: int
    ) -> WidgetCard:
        match widget:
            case MetricWidget():
                own = window if widget.span is None else widget.span.window(now_ms)
                return await self._metric_widget(card_id, widget, alarms, own)
            case AlarmWidget():
                missing = _missing(widget.arns, alarms)
                return WidgetCard(card_id, widget, "alarm", alarms=listed(alarms, widget), missing=missing)
            case TextWidget():
                return WidgetCard(card_id, widget, "text", text=render(widget.markdown))
            case LogWidget():
                return WidgetCard(card_id, widget, "log", text=widget.query)
            case OtherWidget():
                return WidgetCard(card_id, widget, "other", note=widget.why)

    async def _metric_widget(
        self, card_id: str, widget: MetricWidget, alarms: Sequence[Alarm], window: Window
    ) -> WidgetCard:
        watching = tuple(alarm for alarm in alarms if is_watching(alarm, widget))
        drawn = with_rows_of(watching, widget)
        reading = await read_widget(self.api, drawn, window, self.units)
        missing = _missing(widget.alarm_arns, alarms)
        note = ""
        if widget.view not in VIEWS:
            note = f"There is no view “{widget.view}”; this is timeSeries."
        return WidgetCard(card_id, widget, "metric", reading, watching, missing, note)


def _missing(arns: Sequence[str], alarms: Sequence[Alarm]) -> tuple[str, ...]:
    known = {alarm.arn for alarm in alarms}
    return tuple(arn for arn in arns if arn not in known)


async def _part(name: str, reading: Awaitable[Sequence[T]], problems: dict[str, str]) -> Sequence[T]:
    """What a part of a page reads, or nothing and the reason among the problems."""
    try:
        return await reading
    except AwsError as error:
        problems[name] = f"The {name} cannot be read: {error.message or error.code}"
        return ()
