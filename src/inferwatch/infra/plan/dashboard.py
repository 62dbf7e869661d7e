"""The dashboard's body: the catalog's rows laid out on CloudWatch's grid of 24 columns.

The region is not known here: it is `Given("region")` wherever a widget has to name it.

Source: CloudWatch API reference, "Dashboard body structure and syntax".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from inferwatch.catalog.dashboard import ROWS, Row
from inferwatch.infra.plan.resource import DASHBOARD, Resource
from inferwatch.infra.plan.scope import CHOSEN, Scopes
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Json, Value
from inferwatch.infra.plan.widgets import Drawing

_COLUMNS: Final = 24
_TEXT_HEIGHT: Final = 2


def dashboard_resource(spec: Spec, scopes: Scopes, alarms: Sequence[Resource]) -> Resource:
    """One dashboard for the whole plan."""
    body: dict[str, Value] = {
        "start": "-PT3H",
        "periodOverride": "inherit",
        **_variables(scopes),
        "widgets": list(_widgets(Drawing(spec, scopes, alarms))),
    }
    properties: dict[str, Value] = {"dashboard_name": spec.name, "dashboard_body": Json(body)}
    return Resource(DASHBOARD, "dashboard", f"{spec.name}/dashboard", properties)


def _variables(scopes: Scopes) -> dict[str, Value]:
    """A choice of model, where models are named."""
    if not scopes.models:
        return {}
    choice: dict[str, Value] = {
        "type": "pattern",
        "pattern": CHOSEN,
        "inputType": "select",
        "id": "model",
        "label": "Model",
        "defaultValue": scopes.models[0],
        "visible": True,
        "values": [{"value": model, "label": model} for model in scopes.models],
    }
    return {"variables": [choice]}


def _widgets(drawing: Drawing) -> Iterator[Value]:
    y = 0
    for row in ROWS:
        drawn = [(widget, properties) for widget in row.widgets if (properties := drawing.draw(widget))]
        if not drawn:
            continue
        yield _placed(_heading(row), 0, y, _COLUMNS, _TEXT_HEIGHT)
        y += _TEXT_HEIGHT
        x = height = 0
        for widget, properties in drawn:
            if x + widget.width > _COLUMNS:
                x, y, height = 0, y + height, 0
            height = max(height, drawing.height(widget))
            yield _placed(properties, x, y, widget.width, drawing.height(widget))
            x += widget.width
        y += height


def _heading(row: Row) -> dict[str, Value]:
    markdown = f"## {row.title}\n{row.about}"
    return {"type": "text", "properties": {"markdown": markdown, "background": "transparent"}}


def _placed(widget: Mapping[str, Value], x: int, y: int, width: int, height: int) -> dict[str, Value]:
    return {**widget, "x": x, "y": y, "width": width, "height": height}
