"""The console's routes: pages, their JSON twins, the event stream and what a browser needs to draw.

Every answer forbids what a page does not need: no script or style but our files, no frame, no sniffing, no
referrer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inferwatch.console import markers
from inferwatch.console.bundle import Bundle, BundleError, user_cache_dir
from inferwatch.console.deliveries import deliveries_page
from inferwatch.console.events import Events
from inferwatch.console.grid import sheet
from inferwatch.console.links import VARIABLE, Links
from inferwatch.console.views import NotHereError, Page, Views
from inferwatch.drawing import wording
from inferwatch.drawing.api import Api
from inferwatch.drawing.readings import Units
from inferwatch.drawing.tables import cells
from inferwatch.drawing.themes import Theme
from inferwatch.drawing.timerange import CHOICES, Range, parse_range
from inferwatch.model.errors import AwsError, UsageError
from inferwatch.model.region import check_region
from inferwatch.model.visible import visible

_STATIC = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_FILTERS = ("status", "topic")
_NOT_KEPT = {"cache-control": "no-store"}

Build = Callable[[Links, Range | None], Awaitable[Page]]


class _Guarded:
    """Adds the security headers to every answer, the streams' too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (_SECURITY | _NOT_KEPT).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded if scope["type"] == "http" else send)


class _Static(StaticFiles):
    """Our own files: kept by a browser, but asked for again, since they change with the installed version."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


def create_console(
    api: Api, *, default_region: str, cache_dir: Path | None = None, events: Events | None = None
) -> Starlette:
    """Build the console over an API.

    The application answers absolute paths (`/`, `/dashboards/…`, `/alarms/…`, `/deliveries`, `/events`,
    `/static/…`), so it is to be served at the root. Its `state.events.close()` is to be called when the
    server begins to stop.

    Args:
        default_region: Shown when an address names none.
        cache_dir: Where the chart library is kept; the user's cache folder by default.
        events: The streams, for other intervals than the usual.
    """
    console = _Console(api, default_region, Bundle(cache_dir or user_cache_dir()), events or Events(api))
    app = Starlette(
        routes=console.routes(),
        middleware=[Middleware(_Guarded)],
        exception_handlers={
            404: console.not_found,
            NotHereError: console.not_here,
            UsageError: console.misused,
            BundleError: console.unavailable,
            AwsError: console.refused,
            Exception: console.broken,
        },
    )
    app.state.events = console.events
    app.state.bundle = console.bundle
    return app


class _Console:
    def __init__(self, api: Api, default_region: str, bundle: Bundle, events: Events) -> None:
        self._default_region = default_region
        self._api = api
        self._views = Views(api, Units(api))
        self.bundle = bundle
        self.events = events
        self._pages = Environment(
            loader=PackageLoader("inferwatch.console", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_seen,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals |= {
            "wording": wording,
            "markers": markers,
            "choices": CHOICES,
            "cells": cells,
            "variable_field": VARIABLE,
        }

    def routes(self) -> list[Route | Mount]:
        return [
            Route("/", self.overview),
            Route("/index.json", self.overview),
            Route("/dashboards/{name}.json", self.dashboard),
            Route("/dashboards/{name}.css", self.dashboard_sheet),
            Route("/dashboards/{name}", self.dashboard),
            Route("/alarms/{name:path}", self.alarm),
            Route("/deliveries", self.deliveries),
            Route("/deliveries.json", self.deliveries),
            Route("/events", self.stream),
            Route(self.bundle.url, self.vega),
            Mount("/static", _Static(directory=_STATIC)),
        ]

    async def overview(self, request: Request) -> Response:
        return await self._answer(request, self._views.overview, twin=_is_twin(request))

    async def dashboard(self, request: Request) -> Response:
        name = request.path_params["name"]
        return await self._answer(
            request, lambda *where: self._views.dashboard(name, *where), twin=_is_twin(request)
        )

    async def alarm(self, request: Request) -> Response:
        name = request.path_params["name"]
        # An alarm's own name may end like a twin's address; only a twin is asked for what is live.
        twin = _is_twin(request) and (
            "live" in request.query_params
            or not await self._views.has_alarm(name, self._links(request).region)
        )
        if twin:
            name = name.removesuffix(".json")
        return await self._answer(request, lambda *where: self._views.alarm(name, *where), twin=twin)

    async def deliveries(self, request: Request) -> Response:
        return await self._answer(
            request, lambda links, _: deliveries_page(self._api, links), twin=_is_twin(request)
        )

    async def dashboard_sheet(self, request: Request) -> Response:
        places = await self._views.places(request.path_params["name"], self._links(request))
        return Response(sheet(places), media_type="text/css")

    async def stream(self, request: Request) -> Response:
        region = self._links(request).region
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        return StreamingResponse(self.events.stream(region), media_type="text/event-stream")

    async def vega(self, _request: Request) -> Response:
        path = await self.bundle.ready()
        return FileResponse(path, media_type="text/javascript", headers={"cache-control": _FOR_GOOD})

    async def _answer(self, request: Request, build: Build, *, twin: bool) -> Response:
        """Give a page as HTML or, at its twin's `.json` address, as data.

        `?live=light` or `?live=dark` asks the twin for what an open page needs to become current.
        """
        chosen = request.query_params.get("range")
        links = self._links(request, twin=twin)
        page = await build(links, parse_range(chosen) if chosen else None)
        if not twin:
            self.bundle.start()
            return self._html(page.template, {**page.context, "page": page})
        live = request.query_params.get("live")
        if live is None:
            return JSONResponse(page.data)
        if live not in {"light", "dark"}:
            raise UsageError(f'live: expected light or dark, found "{live}"')
        theme: Theme = "dark" if live == "dark" else "light"
        parts = {
            key: self._pages.get_template(template).render(page.context | more)
            for key, (template, more) in page.parts.items()
        }
        drawn = {key: draw(theme) for key, draw in page.charts.items()}
        return JSONResponse({"title": page.title, "layout": page.layout, "parts": parts, "charts": drawn})

    def _links(self, request: Request, *, twin: bool = False) -> Links:
        region = request.query_params.get("region") or self._default_region
        try:
            check_region(region)
        except LookupError as unknown:
            raise UsageError(f"region: {unknown}") from None
        # As the reader meant it: in `request.url` what was escaped still is.
        path: str = request.scope["path"]
        if twin:
            path = path.removesuffix(".json")
        chosen = request.query_params.get("range", "")
        values = {
            name.removeprefix(VARIABLE): value
            for name, value in request.query_params.items()
            if name.startswith(VARIABLE) and value
        }
        filters = {name: value for name in _FILTERS if (value := request.query_params.get(name))}
        return Links(region, self._default_region, "/" if path == "/index" else path, chosen, values, filters)

    def _html(self, template: str, context: dict[str, Any], status: int = 200) -> Response:
        text = self._pages.get_template(template).render(context | {"vega_url": self.bundle.url})
        return Response(text, status, media_type="text/html")

    # --- when there is no page

    async def not_here(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, NotHereError)
        return self._apology(request, 404, str(error), kind=error.kind, exists=error.exists)

    async def not_found(self, request: Request, _error: Exception) -> Response:
        return self._apology(request, 404, f"there is no page {request.scope['path']}")

    async def misused(self, request: Request, error: Exception) -> Response:
        return self._apology(request, 400, str(error))

    async def unavailable(self, request: Request, error: Exception) -> Response:
        return self._apology(request, 503, str(error))

    async def broken(self, request: Request, error: Exception) -> Response:
        answer = self._apology(request, 500, f"the console broke on this page: {type(error).__name__}")
        # Answered outside of all middleware.
        answer.headers.update(_SECURITY | _NOT_KEPT)
        return answer

    async def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, AwsError)
        return self._apology(request, 502, f"the engine refused: {error}")

    def _apology(
        self, request: Request, status: int, why: str, *, kind: str = "", exists: object = ()
    ) -> Response:
        if _is_twin(request):
            return JSONResponse({"error": why, "exists": exists}, status)
        links = Links(self._default_region, self._default_region, "/")
        if status == 404 and kind:
            links = self._links(request)
        return self._html(
            "apology.html", {"links": links, "why": why, "kind": kind, "exists": exists}, status
        )


def _seen(value: object) -> object:
    """What a page's text is written with: no sign in it writes over its neighbours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _is_twin(request: Request) -> bool:
    return str(request.scope["path"]).endswith(".json")
