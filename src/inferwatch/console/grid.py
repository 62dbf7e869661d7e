"""Widgets in their places, as a style sheet: our pages forbid themselves inline styles."""

from __future__ import annotations

from collections.abc import Mapping

from inferwatch.drawing.widgets import Place

# Below this width widgets stand in one column, in their own order.
_WIDE_ENOUGH = "60rem"


def sheet(places: Mapping[str, Place]) -> str:
    """Write the rules for a dashboard's widgets by element id; numbers only, so nothing needs escaping."""
    rules = [
        f"#{card_id}{{grid-area:{place.y + 1}/{place.x + 1}/span {place.height}/span {place.width}}}"
        for card_id, place in places.items()
    ]
    body = "\n".join(rules)
    return f"@media (min-width:{_WIDE_ENOUGH}){{\n{body}\n}}\n"
