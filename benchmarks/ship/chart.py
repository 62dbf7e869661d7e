"""The table of `bench_ship.py` as a picture: a panel a figure, a bar a way, a line at the budget."""

from __future__ import annotations

from typing import Any, Final

PANELS: Final = (
    ("caller_us", "caller CPU, µs a record", 5.0),
    ("s_per_million", "CPU, s a million delivered", 7.0),
    ("peak_mb", "peak memory over imports, MB", 16.0),
    ("kill", "lost at kill -9, %", 0.0),
    ("outage", "lost in a 20 s outage, %", 0.0),
    ("hang_exit_s", "exit with a hung server, s", 2.5),
)
_SHARES: Final = ("kill", "outage")
_OURS: Final = "inferwatch"


def drawn(rows: dict[str, dict[str, float]]) -> str:
    """SVG; what was not measured has no bar."""
    import vl_convert

    panels = [_panel(rows, key, title, budget) for key, title, budget in PANELS]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "concat": [panel for panel in panels if panel["data"]["values"]],
        "columns": 2,
        "config": {"font": "sans-serif", "view": {"stroke": None}},
    }
    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return svg


def _panel(rows: dict[str, dict[str, float]], key: str, title: str, budget: float) -> dict[str, Any]:
    scale = 100 if key in _SHARES else 1
    values = [
        {"way": name.replace("_", " "), "value": row[key] * scale} for name, row in rows.items() if key in row
    ]
    ways = {"field": "way", "type": "nominal", "sort": None, "title": None}
    amounts = {"field": "value", "type": "quantitative", "title": None}
    ours = {"condition": {"test": f"datum.way === '{_OURS}'", "value": "#1f6feb"}, "value": "#a8b1bd"}
    return {
        "title": {"text": title, "anchor": "start", "fontSize": 12},
        "width": 260,
        "data": {"values": values},
        "layer": [
            {"mark": "bar", "encoding": {"y": ways, "x": amounts, "color": ours}},
            {
                "mark": {"type": "text", "align": "left", "dx": 3},
                "encoding": {"y": ways, "x": amounts, "text": {"field": "value", "format": ",.3~r"}},
            },
            {
                "mark": {"type": "rule", "color": "#d1242f", "strokeDash": [4, 3]},
                "encoding": {"x": {"datum": budget}},
            },
        ],
    }
