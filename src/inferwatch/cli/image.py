"""`inferwatch image`: a dashboard, or one widget of it, as a picture."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inferwatch.cli.asking import EndpointUrl, Region, asked_of, one_line
from inferwatch.cli.up import AsJson, Debug, parse_config
from inferwatch.model.visible import visible

if TYPE_CHECKING:
    from inferwatch.drawing.sheets import Sheet
    from inferwatch.drawing.themes import Theme

# A widget alone has the size it has on a page of this width.
_PAGE_PX = 1_280


def image(
    target: Annotated[
        str,
        typer.Argument(
            metavar="DASHBOARD[/WIDGET]", help="A dashboard, or a widget of it by title or by number from 1."
        ),
    ],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The PNG; - for standard output.")
    ] = None,
    time_range: Annotated[
        str | None, typer.Option("--range", help="How far back, as 15m, 3h or 7d; else what the body says.")
    ] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option("--variable", metavar="ID=VALUE", help="A variable's value; may be repeated."),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
    width: Annotated[
        int, typer.Option("--width", min=320, max=4_000, help="Of the dashboard, in pixels.")
    ] = (_PAGE_PX),
    scale: Annotated[float, typer.Option("--scale", min=0.5, max=4, help="Device pixels for each.")] = 1,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw a dashboard as a PNG.

    From an engine on this computer, or from Amazon CloudWatch. Exits with 1 where some widget could not be
    read: the picture says which.
    """
    from inferwatch.drawing.poster import paint_poster, poster
    from inferwatch.drawing.sheets import read_sheet
    from inferwatch.drawing.timerange import parse_range
    from inferwatch.model.errors import AwsError, UsageError
    from inferwatch.model.process import wall_ms

    name, _, widget = target.partition("/")
    one_line("DASHBOARD", name)
    asked = asked_of(endpoint_url, region)
    theme: Theme = "dark" if dark else "light"
    try:
        sheet = asyncio.run(
            read_sheet(
                asked.connect(),
                asked.region,
                name,
                now_ms=wall_ms(),
                theme=theme,
                widget=widget,
                time_range=parse_range(time_range) if time_range else None,
                chosen=parse_config(variable),
            )
        )
    except AwsError as error:
        raise UsageError(f"{asked.name} refused: {error.message or error.code}") from None
    path = output or Path(f"{name}-{widget.replace('/', '-')}.png" if widget else f"{name}.png")
    png = paint_poster(poster(name, sheet.panels, theme=theme, width=width, is_alone=bool(widget)), scale)
    _write(path, png)
    problems = _problems(name, sheet)
    if as_json:
        told = {"file": str(path), "bytes": len(png), "widgets": len(sheet.panels), "problems": problems}
        print(json.dumps(told))
    else:
        for title, said in problems.items():
            sys.stderr.write(visible(f"{title}: {'; '.join(said)}\n"))
        sys.stderr.write("" if str(path) == "-" else f"{path}: {len(png):,} bytes\n")
    raise typer.Exit(1 if problems else 0)


def _write(path: Path, png: bytes) -> None:
    from inferwatch.model.errors import UsageError

    if str(path) == "-":
        sys.stdout.buffer.write(png)
        return
    try:
        path.write_bytes(png)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _problems(name: str, sheet: Sheet) -> dict[str, list[str]]:
    """What could not be read, by the title of the widget; of the whole dashboard, by its name."""
    from inferwatch.drawing.widgets import OtherWidget

    problems: dict[str, list[str]] = defaultdict(list)
    if sheet.notes:
        problems[name] += sheet.notes
    for panel in sheet.panels:
        said = panel.sketch.reading.problems if panel.sketch is not None else ()
        if isinstance(panel.widget, OtherWidget):
            said = (panel.widget.why,)
        if said:
            problems[getattr(panel.widget, "title", "") or "a widget without a title"] += said
    return problems
