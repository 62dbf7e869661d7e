"""A whole dashboard as one picture: every widget in its place, each on a card.

Metric widgets are the pictures that the page and GetMetricWidgetImage show; text, alarms and queries are
written as words.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

from inferwatch.drawing.alarms import Alarm
from inferwatch.drawing.body import COLUMNS
from inferwatch.drawing.charts import chart
from inferwatch.drawing.frame import Sketch
from inferwatch.drawing.painting import painting, picture_of
from inferwatch.drawing.themes import FONT, LOOKS, Look, Theme
from inferwatch.drawing.widgets import (
    AlarmWidget,
    LogWidget,
    MetricWidget,
    OtherWidget,
    Place,
    TextWidget,
    Widget,
)
from inferwatch.model.visible import visible

_MARGIN, _GAP, _ROW, _HEAD = 20, 12, 44, 56
_LINE_PX, _CHAR_PX = 18, 6.6
_MARKS = re.compile(r"\[(?:button:)?(?:primary:)?([^\]]*)\]\([^)]*\)|[*`]+|^#+\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Panel:
    """A widget with what was read for it."""

    widget: Widget
    sketch: Sketch | None = None
    alarms: tuple[Alarm, ...] = ()


def poster(title: str, panels: Sequence[Panel], *, theme: Theme, width: int, is_alone: bool = False) -> str:
    """Lay a dashboard's widgets out as one SVG; a widget that `is_alone` has it for itself, without margins.

    Raises:
        PaintingError: vl-convert does not take a widget's specification.
    """
    look = LOOKS[theme]
    if is_alone:
        # However near to the right edge it stands, it has its width.
        place = replace(panels[0].widget.place, x=0, y=0)
        box = replace(_box(place, width), x=0, y=0)
        return "\n".join([_open(box.width, box.height), *_panel("w-", panels[0], box, look), "</svg>"])
    bottom = max((panel.widget.place.y + panel.widget.place.height for panel in panels), default=2)
    height = _HEAD + bottom * (_ROW + _GAP) + _MARGIN
    parts = [
        _open(width, height),
        f'<rect width="100%" height="100%" fill="{look.ground}"/>',
        _words(title, _MARGIN, 36, look.ink, "font-size='20' font-weight='600'"),
    ]
    for index, panel in enumerate(panels):
        parts += _panel(f"w{index}-", panel, _box(panel.widget.place, width), look)
    return "\n".join([*parts, "</svg>"])


def _open(width: int, height: int) -> str:
    size = f'width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{escape(FONT)}" font-size="13">'


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: int
    height: int


def _box(place: Place, width: int) -> _Box:
    pitch = (width - 2 * _MARGIN + _GAP) / COLUMNS
    span = min(place.width, COLUMNS - place.x)
    return _Box(
        round(_MARGIN + place.x * pitch, 1),
        _HEAD + place.y * (_ROW + _GAP),
        round(span * pitch - _GAP),
        place.height * (_ROW + _GAP) - _GAP,
    )


def _panel(prefix: str, panel: Panel, box: _Box, look: Look) -> Iterator[str]:
    widget = panel.widget
    yield f'<svg x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}">'
    if not isinstance(widget, TextWidget) or widget.solid:
        yield (
            f'<rect x="0.5" y="0.5" width="{box.width - 1}" height="{box.height - 1}" rx="10" '
            f'fill="{look.halo}" stroke="{look.axis}"/>'
        )
    match widget:
        case MetricWidget():
            assert panel.sketch is not None
            yield _drawn(prefix, panel.sketch, box)
        case TextWidget():
            yield from _written("", _plain(widget.markdown), box, look)
        case AlarmWidget():
            states = [f"{alarm.state}  {alarm.name}" for alarm in panel.alarms] or ["no alarm to show"]
            yield from _written(widget.title, "\n".join(states), box, look)
        case LogWidget():
            yield from _written(widget.title, widget.query, box, look)
        case OtherWidget():
            yield from _written(widget.title, widget.why, box, look)
    yield "</svg>"


def _drawn(prefix: str, sketch: Sketch, box: _Box) -> str:
    import vl_convert

    picture = picture_of(sketch, chart(sketch), width=box.width, height=box.height)
    spec = {**picture.spec, "background": None}
    with painting(sketch.widget.title or "a widget"):
        svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    # Names that are unique in one picture are not in many.
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\1{prefix}", svg)


def _written(title: str, text: str, box: _Box, look: Look) -> Iterator[str]:
    y = 26
    if title:
        yield _words(title, 14, y, look.ink, "font-size='14' font-weight='600'")
        y += 24
    columns = max(8, int((box.width - 28) / _CHAR_PX))
    for line in text.splitlines():
        for piece in textwrap.wrap(line, columns) or [""]:
            if y > box.height - 8:
                return
            yield _words(piece, 14, y, look.text)
            y += _LINE_PX


def _plain(markdown: str) -> str:
    """Markdown as words: marks gone, links by their text, tables by their cells."""
    lines = (line for line in markdown.splitlines() if not re.fullmatch(r"[\s|:-]*-[\s|:-]*", line))
    return "\n".join(
        re.sub(r"\s*\|\s*", "   ", _MARKS.sub(r"\1", line).strip().strip("|").strip()) for line in lines
    )


def _words(text: str, x: float, y: float, color: str, style: str = "") -> str:
    return f'<text x="{x}" y="{y}" fill="{color}" {style} xml:space="preserve">{escape(visible(text))}</text>'


def paint_poster(svg: str, scale: float) -> bytes:
    """Paint a poster.

    Raises:
        PaintingError: vl-convert does not take it.
    """
    import vl_convert

    with painting("the dashboard"):
        png: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return png
