"""Dashboard bodies, as a schema: every widget kind's properties, and what each may be.

Source: CloudWatch API reference, "Dashboard body structure and syntax"; answers of PutDashboard recorded
2026-09.
Differs: AWS's whole schema is not published. The patterns of statistics, of `start` and of ARNs are its own,
as its messages quote them; where a property's check was not recorded, its documented type is required and no
more. A metric's colour is taken as three or six hexadecimal digits; names of colours are refused, as AWS
does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.engine.dashboards.kinds import (
    Anything,
    Choice,
    Either,
    Flag,
    Items,
    Kind,
    Lenient,
    Message,
    Number,
    Record,
    Text,
    missing,
)
from inferwatch.model.limits import (
    METRICS_PER_IMAGE,
    METRICS_PER_WIDGET,
    VARIABLE_VALUES_MAX,
    VARIABLES_PER_DASHBOARD,
    WIDGETS_PER_DASHBOARD,
)

_PERCENT = r"(100(.0{0,10})?|\d{1,2})(\.\d{0,10})?%"
_VALUE = r"((\d+(\.\d{0,10})?)|(\d+(\.\d{0,10})?[Ee][+-]?\d+))"
STATISTIC: Final = (
    r"^((SampleCount|Average|Sum|Minimum|Maximum|IQM)|(p|tc|tm|ts|wm)(100(.0{0,10})?|\d{1,2})(\.\d{0,10})?"
    r"|[ou](\d+(\.\d{0,10})?)(_E|_L|_H)?"
    rf"|((TM|TC|TS|WM)\(({_PERCENT}):({_PERCENT})?\)|(TM|TC|TS|WM)\(({_PERCENT})?:({_PERCENT})\))"
    rf"|(((TM|TC|TS|WM)|(PR))\({_VALUE}:{_VALUE}?\))|(((TM|TC|TS|WM)|(PR))\({_VALUE}?:{_VALUE}\)))$"
)
START: Final = (
    r"(^(?:[1-9]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)|(?:[1-9]\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)"
    r"-02-29)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-][01]\d:[0-5]\d)$)|(^\-?P(T|\d))"
)
_PARTITION = r"^arn:aws(-cn|-us-gov|-iso(-[bef])?|-eusc)?"
_FUNCTION = (
    rf"{_PARTITION}:lambda:[a-z]{{2,}}(-[a-z]+)*-[0-9]{{1,2}}:[0-9]{{12}}:function:"
    r"[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?$"
)
_ALARM = (
    rf"{_PARTITION}:cloudwatch:([a-z]{{2}}|[a-z]{{4}})(-[a-z]+)*-[0-9]{{1,2}}:[0-9]{{12}}:alarm:.{{1,255}}$"
)
_COLOR = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
_SHORT_PERIODS_S = (1, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Period:
    """1, 5, 10, 30 or a multiple of 60; not 20, which GetMetricData takes. Source: recorded, 2026-09."""

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
            yield Message(path, "Should be integer")
        elif value not in _SHORT_PERIODS_S and (value < 60 or value % 60):
            if value < 60:
                yield Message(path, "Should be >= 60")
            if value % 60:
                yield Message(path, "Should be multiple of 60")
            yield Message(path, "Should match exactly one schema in oneOf")


@dataclass(frozen=True, slots=True)
class MetricRow:
    """Strings in pairs (`...` stands for any number of them), then perhaps an object: how it is drawn.

    Source: answers of PutDashboard in public issue threads: a last element that AWS does not take is one too
    many, whatever is wrong with it.
    """

    renderer: Record

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if not isinstance(value, list):
            yield Message(path, "Should be array")
            yield Message(
                path,
                'Field "metrics" has to be an array of array of strings, with an optional metricRenderer '
                "object as last element",
            )
            return
        if not value:
            yield Message(path, "Should NOT have less than 1 items")
            return
        options = value[-1] if isinstance(value[-1], dict) else None
        words = value if options is None else value[:-1]
        for index, word in enumerate(words):
            if not isinstance(word, str) or not word:
                yield Message(f"{path}/{index}", 'Invalid metric field type, only "String" type is allowed')
        is_whole = bool(words) if options is None else bool(words) or "expression" in options
        is_paired = len(words) % 2 == 0 or words[0] == "..."
        if not (is_whole and is_paired and self._takes(options, path)):
            yield Message(path, f"Should NOT have more than {len(value) - 1} items")

    def _takes(self, options: dict[str, Any] | None, path: str) -> bool:
        return options is None or not any(self.renderer.faults(options, path))


@dataclass(frozen=True, slots=True)
class MetricWidget:
    """A record that has metrics and a region, or an alarm annotation."""

    record: Record

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if isinstance(value, dict):
            yield from self._source(value, path)
        yield from self.record.faults(value, path)

    @staticmethod
    def _source(value: dict[str, Any], path: str) -> Iterator[Message]:
        absent = next((name for name in ("metrics", "region") if name not in value), None)
        annotations = value.get("annotations")
        if absent is None or (isinstance(annotations, dict) and annotations.get("alarms")):
            return
        yield missing(absent, path)
        yield Message(
            path, "The metric widget should have specified a region and a data source or an alarm annotation"
        )
        if "annotations" not in value:
            yield missing("annotations", path)
        elif isinstance(annotations, dict):
            yield missing("alarms", f"{path}/annotations")


@dataclass(frozen=True, slots=True)
class Variable:
    """A record that names what it rewrites and, where the reader chooses, what from."""

    record: Record
    _SOURCES = (("values",), ("tag",), ("search", "populateFrom"), ("searchLabelValues",))

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        yield from self.record.faults(value, path)
        if not isinstance(value, dict):
            return
        subject = "pattern" if value.get("type") == "pattern" else "property"
        if subject not in value:
            yield missing(subject, path)
        if value.get("inputType") in ("select", "radio"):
            lacking = [[name for name in source if name not in value] for source in self._SOURCES]
            if sum(not names for names in lacking) != 1:
                yield from (missing(name, path) for names in lacking for name in names)
                yield Message(path, "Should match exactly one schema in oneOf")


@dataclass(frozen=True, slots=True)
class Widget:
    """A record whose `properties` are those of its `type`; an unknown type's may be any object."""

    record: Record
    properties: dict[str, Kind]

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        yield from self.record.faults(value, path)
        if isinstance(value, dict) and "properties" in value:
            of_any_type = Record({}) if not isinstance(value["properties"], dict) else Anything()
            kind = value.get("type")
            known = self.properties.get(kind, of_any_type) if isinstance(kind, str) else of_any_type
            yield from known.faults(value["properties"], f"{path}/properties")


def _choice(words: str) -> Choice:
    return Choice(tuple(words.split()))


_TEXT = Text()
_STATISTIC = Text(STATISTIC)
_SIDE = _choice("left right")
_LEGEND = Record({"position": _choice("right bottom hidden")})
_AXIS = Record({"label": _TEXT, "max": Number(), "min": Number(), "showUnits": Flag()})
_RENDERER = Record(
    {
        "accountId": _TEXT,
        "color": Text(_COLOR),
        "expression": _TEXT,
        "id": Text("^[a-z][a-zA-Z0-9_]*$"),
        "label": _TEXT,
        "period": Period(),
        "region": _TEXT,
        "stat": _STATISTIC,
        "visible": Flag(),
        "yAxis": Choice(("left", "right"), is_warning=False),
    }
)
_MARK: dict[str, Kind] = {"color": _TEXT, "label": _TEXT, "visible": Flag()}
_LEVEL = Record({**_MARK, "fill": _TEXT, "value": Number(), "yAxis": _SIDE}, needs=("value",))
_MOMENT = Record({**_MARK, "fill": _TEXT, "value": _TEXT}, needs=("value",))


@dataclass(frozen=True, slots=True)
class LineOrBand:
    """One annotation, or two that enclose a band."""

    record: Record

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        kind: Kind = Items(self.record, 2, 2) if isinstance(value, list) else self.record
        yield from kind.faults(value, path)


METRICS: Final = Items(MetricRow(_RENDERER), most=METRICS_PER_WIDGET)
IMAGE_METRICS: Final = Items(MetricRow(_RENDERER), most=METRICS_PER_IMAGE)
ANNOTATIONS: Final = Record(
    {
        "alarms": Items(_TEXT, most=1),
        "horizontal": Items(LineOrBand(_LEVEL)),
        "vertical": Items(LineOrBand(_MOMENT)),
    }
)
Y_AXIS: Final = Record({"left": _AXIS, "right": _AXIS})
_METRIC: dict[str, Kind] = {
    "accountId": _TEXT,
    "annotations": ANNOTATIONS,
    "end": _TEXT,
    "legend": _LEGEND,
    "liveData": Flag(),
    "metrics": METRICS,
    "period": Period(),
    "region": _TEXT,
    "setPeriodToTimeRange": Flag(),
    "singleValueFullPrecision": Flag(),
    "sparkline": Flag(),
    "stacked": Flag(),
    "start": _TEXT,
    "stat": _STATISTIC,
    "table": Record(
        {
            "layout": _choice("horizontal vertical"),
            "showTimeSeriesData": Flag(),
            "stickySummary": Flag(),
            "summaryColumns": Items(_TEXT),
        }
    ),
    "timezone": _TEXT,
    "title": _TEXT,
    "trend": Flag(),
    "view": _choice("singleValue timeSeries bar pie gauge table"),
    "yAxis": Y_AXIS,
}
_LOG: dict[str, Kind] = {
    "accountId": _TEXT,
    "query": _TEXT,
    "queryLanguage": _TEXT,
    "region": _TEXT,
    "stacked": Flag(),
    "title": _TEXT,
    "view": _choice("table timeSeries bar pie"),
}
_EXPLORED: dict[str, Kind] = {"metricName": _TEXT, "resourceType": _TEXT, "stat": _STATISTIC}
_EXPLORER: dict[str, Kind] = {
    "aggregateBy": Record({"func": _choice("AVG MIN MAX STDDEV SUM"), "key": _TEXT}),
    "labels": Items(Record({"key": _TEXT, "value": _TEXT}, needs=("key",))),
    "metrics": Items(Record(_EXPLORED, needs=("metricName", "resourceType")), least=1, most=100),
    "period": Period(),
    "splitBy": _TEXT,
    "title": _TEXT,
    "widgetOptions": Record(
        {
            "legend": _LEGEND,
            "rowsPerPage": Number(whole=True),
            "stacked": Flag(),
            "view": _choice("timeSeries bar pie"),
            "widgetsPerRow": Number(whole=True),
        }
    ),
}
_QUERY: dict[str, Kind] = {
    "accountId": _TEXT,
    "id": _TEXT,
    "label": _TEXT,
    "language": _TEXT,
    "query": _TEXT,
    "region": _TEXT,
    "step": Number(),
    "type": _TEXT,
    "visible": Flag(),
}
_CHART: dict[str, Kind] = {
    "data": Record(
        {"queries": Items(Record(_QUERY, needs=("id", "type", "language", "query")))}, needs=("queries",)
    ),
    "title": _TEXT,
    "view": _choice("line bar pie number solidgauge column legend histogram heatmap scatter"),
    "description": _TEXT,
    "plotOptions": Anything(),
    "region": _TEXT,
}
_CUSTOM: dict[str, Kind] = {
    "endpoint": Text(_FUNCTION),
    "params": Anything(),
    "title": _TEXT,
    "updateOn": Record({"refresh": Flag(), "resize": Flag(), "timeRange": Flag()}),
}
_TRACES = Record(
    dict.fromkeys(("accountId", "filterExpression", "groupARN", "region", "title", "traceId"), _TEXT)
)
# In the order of AWS's message about unknown types.
PROPERTIES: Final[dict[str, Kind]] = {
    "chart": Record(_CHART, needs=("data", "title", "view"), stops=True),
    "custom": Record(_CUSTOM, needs=("endpoint",)),
    "metric": MetricWidget(Record(_METRIC)),
    "service": Anything(),
    "text": Record({"background": _choice("solid transparent"), "markdown": _TEXT}, needs=("markdown",)),
    "log": Record(_LOG),
    "alarm": Record(
        {
            "states": Items(Text("OK|ALARM|INSUFFICIENT_DATA")),
            "alarms": Items(_TEXT, least=1, most=100),
            "sortBy": _choice("default stateUpdatedTimestamp timestamp"),
            "title": _TEXT,
        },
        needs=("alarms",),
        stops=True,
    ),
    "explorer": Record(_EXPLORER),
    "timeline": Record({"alarm": Text(_ALARM), "title": _TEXT}, needs=("alarm",)),
    "serviceMap": _TRACES,
    "serviceTable": _TRACES,
    "trace": _TRACES,
}
_WIDGET = Record(
    {
        "type": Choice(tuple(PROPERTIES), "The specified widget type is unknown. Use"),
        "properties": Anything(),
        "height": Number(whole=True, least=1, most=1_000),
        "width": Number(whole=True, least=1, most=24),
        "x": Number(whole=True, least=0, most=23),
        "y": Number(whole=True, least=0),
    },
    needs=("type", "properties"),
    together=(("x", "y"),),
)
_SCALAR = Either((Text(), Flag(), Number()))
_VARIABLE = Record(
    {
        "type": Choice(
            ("property", "pattern"), "The specified variable type is unknown. Use", is_warning=False
        ),
        "inputType": Choice(
            ("input", "select", "radio"), "The specified variable inputType is unknown. Use", is_warning=False
        ),
        "id": Text("^[0-9A-Za-z_-]+$", longest=32),
        "defaultValue": _SCALAR,
        "label": Text(longest=30),
        "pattern": _TEXT,
        "populateFrom": _TEXT,
        "property": _TEXT,
        "search": Text(longest=2_048),
        "searchLabelValues": _TEXT,
        "tag": _TEXT,
        "values": Items(
            Record({"label": Text(longest=255), "value": _SCALAR}, needs=("value",)),
            least=1,
            most=VARIABLE_VALUES_MAX,
        ),
        "visible": Flag(),
    },
    needs=("type", "inputType", "id"),
)
BODY: Final = Record(
    {
        "widgets": Items(Widget(_WIDGET, PROPERTIES), most=WIDGETS_PER_DASHBOARD),
        "variables": Items(Variable(_VARIABLE), most=VARIABLES_PER_DASHBOARD),
        "start": Lenient(Text(START)),
        "end": Lenient(_TEXT),
        "periodOverride": Lenient(Text("^(inherit|auto)$")),
    },
    needs=("widgets",),
)
