"""CloudWatch: GetMetricWidgetImage. The picture is drawn here; who answers has it painted.

Source: CloudWatch API reference, "GetMetricWidgetImage".
Differs: metrics of other regions are refused.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar

from inferwatch.drawing.alarms import read_alarms
from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.charts import chart
from inferwatch.drawing.painting import Picture, picture_of
from inferwatch.drawing.readings import Units
from inferwatch.drawing.rows import BodyError
from inferwatch.drawing.sheets import read_sketch
from inferwatch.drawing.themes import Theme
from inferwatch.drawing.timerange import Window, span_of
from inferwatch.drawing.widgets import MetricWidget, Place
from inferwatch.engine.dashboards.image import check_image
from inferwatch.engine.engine import Engine
from inferwatch.model.errors import Unsupported, validation_failure
from inferwatch.wire.operations.operation import Operation, Params

_WIDTH, _HEIGHT = 600, 400

T = TypeVar("T")


class _EngineApi:
    """One engine's operations, as drawing asks for them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def call(
        self, region: str, service: str, operation: str, params: Mapping[str, object]
    ) -> dict[str, Any]:
        """Raises AwsError as the wire would answer it."""
        # The table of operations has this module's in it.
        from inferwatch.wire.operations import invoke

        if region != self._engine.realm.region:
            raise Unsupported("metrics of another region", region, code="ValidationException")
        return invoke(self._engine, service, operation, dict(params))

    async def local(self, path: str) -> dict[str, Any]:
        """No picture asks for it."""
        raise Unsupported(path)


def _get_metric_widget_image(engine: Engine, params: Params) -> Params:
    given = check_image(params["MetricWidget"], params.get("OutputFormat", "png"))
    span = span_of(given.get("start", "-PT3H"), given.get("end", "-PT0H"))
    if span is None:
        raise validation_failure("The parameter start must be a time before the parameter end.")
    try:
        widget = read_metric_widget(given, Place(0, 0, 24, 6), region=engine.realm.region)
    except BodyError as problem:
        raise validation_failure(f"The metric widget is invalid: {problem}") from None
    return {"MetricWidgetImage": _done(_draw(_EngineApi(engine), widget, given, span.window(engine.now_ms)))}


async def _draw(api: _EngineApi, widget: MetricWidget, given: dict[str, Any], window: Window) -> Picture:
    alarms = await read_alarms(api, widget.region) if widget.alarm_arns else ()
    theme: Theme = "dark" if given.get("theme") == "dark" else "light"
    sketch = await read_sketch(api, widget, alarms, window, Units(api), theme=theme)
    return picture_of(
        sketch, chart(sketch), width=given.get("width", _WIDTH), height=given.get("height", _HEIGHT)
    )


def _done(work: Coroutine[Any, Any, T]) -> T:
    """The result of work that never waits, since the engine answers at once."""
    try:
        work.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    work.close()
    raise AssertionError("drawing waited for something")


OPERATIONS: Final = {"GetMetricWidgetImage": Operation(_get_metric_widget_image, "MetricWidget OutputFormat")}
