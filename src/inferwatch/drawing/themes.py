"""The two looks of a picture, as Vega-Lite configuration, and the colours of its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Theme = Literal["light", "dark"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one theme: `lines` keep 3:1 to the card, and differ in lightness for the colour-blind."""

    lines: tuple[str, ...]
    threshold: str
    annotation: str
    ink: str
    text: str
    grid: str
    axis: str
    halo: str
    ground: str


LOOKS: dict[Theme, Look] = {
    "light": Look(
        lines=("#0b64b0", "#c2570c", "#0f7b6c", "#8b3d88", "#8a6a00", "#4c9bd6", "#5b5b66", "#b0416b"),
        threshold="#c0262d",
        annotation="#5c6570",
        ink="#1a2027",
        text="#5c6570",
        grid="#eceef1",
        axis="#d5d9df",
        halo="#ffffff",
        ground="#f7f8f9",
    ),
    "dark": Look(
        lines=("#62aef0", "#f0a35e", "#4cc9b0", "#d79be0", "#d9bd4f", "#9ccbf5", "#b3bac5", "#f08fb4"),
        threshold="#ff7a75",
        annotation="#9aa5b3",
        ink="#e5e9ee",
        text="#9aa5b3",
        grid="#242a33",
        axis="#343c48",
        halo="#161b22",
        ground="#0f1318",
    ),
}


def config(theme: Theme) -> dict[str, Any]:
    """Build Vega-Lite's `config` for a theme: no frame, a faint horizontal grid, small quiet labels."""
    look = LOOKS[theme]
    return {
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": look.text,
            "labelFontSize": 11,
            "titleColor": look.text,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "gridColor": look.grid,
        },
        "axisX": {
            "grid": False,
            "domain": True,
            "domainColor": look.axis,
            "ticks": True,
            "tickColor": look.axis,
        },
        "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleY": -8},
        "legend": {
            "labelColor": look.text,
            "labelFontSize": 11,
            "symbolType": "stroke",
            "symbolStrokeWidth": 2,
            "orient": "bottom",
            "title": None,
        },
        "line": {"strokeWidth": 1.75, "strokeJoin": "round", "strokeCap": "round"},
    }
