"""GetMetricWidgetImage's `MetricWidget`, held against its schema.

Source: CloudWatch API reference, "GetMetricWidgetImage" and "Metric Widget Structure and Syntax".
Differs: AWS's answers to bad widgets were not recorded; ours list every fault as PutDashboard does. The views
timeSeries, bar and pie are drawn; further properties are passed over.
"""

from __future__ import annotations

from typing import Any, Final

from inferwatch.engine.dashboards.kinds import (
    Anything,
    Choice,
    Flag,
    Items,
    Kind,
    Message,
    Number,
    Record,
    Text,
)
from inferwatch.engine.dashboards.schema import ANNOTATIONS, IMAGE_METRICS, STATISTIC, Y_AXIS, Period
from inferwatch.engine.dashboards.validate import listed, parse_object
from inferwatch.model.errors import invalid_value, validation_failure
from inferwatch.model.limits import IMAGE_WIDGET_MAX_BYTES

FORMATS: Final = ("png", "image/png")
_SIZE = Number(whole=True, least=1, most=2_000)
_WIDGET: Final[dict[str, Kind]] = {
    "annotations": ANNOTATIONS,
    "end": Text(),
    "height": _SIZE,
    "legend": Record({"position": Choice(("right", "bottom", "hidden"), is_warning=False)}),
    "liveData": Flag(),
    "metrics": IMAGE_METRICS,
    "period": Period(),
    "region": Text(),
    "stacked": Flag(),
    "start": Text(),
    "stat": Text(STATISTIC),
    "theme": Choice(("light", "dark"), is_warning=False),
    "timezone": Text(r"^[+-]\d{4}$"),
    "title": Text(),
    "view": Choice(("timeSeries", "bar", "pie"), is_warning=False),
    "width": _SIZE,
    "yAxis": Y_AXIS,
}
_IMAGE: Final = Record(_WIDGET)
_SOMETHING: Final = Record({"metrics": Items(Anything(), least=1)}, needs=("metrics",))


def check_image(text: str, output_format: str) -> dict[str, Any]:
    """The widget to draw.

    Raises:
        AwsError: InvalidParameterValueException; ValidationException with every fault of the widget.
    """
    if output_format not in FORMATS:
        raise invalid_value(f"The parameter OutputFormat must be a value in the set [{', '.join(FORMATS)}].")
    if len(text) > IMAGE_WIDGET_MAX_BYTES:
        raise invalid_value(
            f"The parameter MetricWidget must not be longer than {IMAGE_WIDGET_MAX_BYTES} characters."
        )
    widget = parse_object(text)
    if widget is None:
        raise invalid_value("The field MetricWidget must be a valid JSON object")
    errors = _errors(_IMAGE, widget)
    if not errors and not widget.get("metrics") and not widget.get("annotations", {}).get("alarms"):
        errors = _errors(_SOMETHING, widget)
    if errors:
        raise validation_failure(listed("metric widget", errors))
    return widget


def _errors(kind: Kind, widget: dict[str, Any]) -> list[Message]:
    return [fault for fault in kind.faults(widget, "") if not fault.is_warning]
