"""One widget of the catalog → one of CloudWatch's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, assert_never

from inferwatch.catalog.dashboard import AlarmStates, Chart, Compared, Figure, Line, Table, Widget
from inferwatch.catalog.expressions import Expression, Term, terms
from inferwatch.catalog.queries import QUERIES, text_for
from inferwatch.catalog.watches import SEVERITIES, Severity
from inferwatch.infra.plan.logs import group_name
from inferwatch.infra.plan.model import DEFAULT
from inferwatch.infra.plan.queries import Queries
from inferwatch.infra.plan.resource import METRIC_ALARM, Resource
from inferwatch.infra.plan.scope import CHOSEN, Scopes, Series
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import REGION, Ref, Value, join

_ALARMS_MAX: Final = 100
_COLORS: Final[Mapping[Severity, str]] = {"warning": "#e69f00", "critical": "#d13212"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """What widgets are drawn from."""

    spec: Spec
    scopes: Scopes
    alarms: Sequence[Resource]

    def draw(self, widget: Widget) -> dict[str, Value] | None:
        """`None` where the log has nothing for it."""
        match widget:
            case Chart():
                return self._chart(widget)
            case Compared():
                return self._compared(widget)
            case Figure():
                return self._figure(widget)
            case Table():
                return self._table(widget)
            case AlarmStates():
                return self._states(widget)
            case _:
                assert_never(widget)

    def height(self, widget: Widget) -> int:
        """In rows of the grid; alarms stand six beside each other."""
        match widget:
            case Figure():
                return 4
            case AlarmStates():
                return 2 + -(-len(self._shown()) // 6)
            case _:
                return 6

    def _chart(self, chart: Chart) -> dict[str, Value] | None:
        lines = [line for line in chart.lines if self._is_given(line.expression)]
        if not lines or (chart.of_model and not self.scopes.models):
            return None
        series_of = partial(self.scopes.of_model, model=CHOSEN) if chart.of_model else self.scopes.of_all
        axes: dict[str, Value] = {"left": _axis(chart.unit)}
        if any(line.axis == "right" for line in lines):
            axes["right"] = _axis(chart.right_unit or "")
        marks = list(self._thresholds(chart))
        more: dict[str, Value] = {"annotations": {"horizontal": marks}} if marks else {}
        return self._metric(chart.title, _rows(lines, series_of), yAxis=axes, **more)

    def _compared(self, compared: Compared) -> dict[str, Value] | None:
        if not self.scopes.models or not self._is_given(compared.expression):
            return None
        rows: list[Value] = []
        for number, model in enumerate(self.scopes.models, 1):
            series_of = partial(self.scopes.of_model, model=model)
            rows += _rows([Line(compared.expression, model)], series_of, suffix=f"_{number}")
        return self._metric(compared.title, rows, yAxis={"left": _axis(compared.unit)})

    def _figure(self, figure: Figure) -> dict[str, Value] | None:
        if not self._is_given(figure.line.expression):
            return None
        rows = _rows([figure.line], self.scopes.of_all)
        return self._metric(
            figure.title,
            rows,
            view="singleValue",
            sparkline=True,
            period=figure.period_s or self.spec.period_s,
        )

    def _metric(self, title: str, rows: list[Value], **more: Value) -> dict[str, Value]:
        properties: dict[str, Value] = {
            "title": title,
            "region": REGION,
            "view": "timeSeries",
            "period": self.spec.period_s,
            "metrics": rows,
            **more,
        }
        return {"type": "metric", "properties": properties}

    def _table(self, table: Table) -> dict[str, Value] | None:
        text = text_for(QUERIES[table.query], self.scopes.source)
        if text is None:
            return None
        properties: dict[str, Value] = {
            "title": table.title,
            "region": REGION,
            "view": "table",
            "query": join("SOURCE '", group_name(self.spec), "' | ", text),
        }
        return {"type": "log", "properties": properties}

    def _states(self, widget: AlarmStates) -> dict[str, Value] | None:
        shown = self._shown()
        if not shown:
            return None
        properties: dict[str, Value] = {
            "title": widget.title,
            "alarms": shown,
            "sortBy": "stateUpdatedTimestamp",
        }
        return {"type": "alarm", "properties": properties}

    def _shown(self) -> list[Value]:
        """The halves of pairs of windows are left out; of too many alarms, those that tell nobody."""
        whole = [alarm for alarm in self.alarms if alarm.key.endswith(SEVERITIES)]
        loudest = sorted(whole, key=lambda alarm: not alarm.properties.get("alarm_actions"))
        return [Ref(alarm.key, "arn") for alarm in loudest[:_ALARMS_MAX]]

    def _is_given(self, expression: Expression) -> bool:
        return all(self.scopes.source.gives(term.metric) for term in terms(expression))

    def _thresholds(self, chart: Chart) -> Iterator[Value]:
        """Lines of the alarms that watch what is shown, where they are the same for all that can be."""
        models = self.scopes.models if chart.of_model else (DEFAULT,)
        whose = ", other models" if self.scopes.models and not chart.of_model else ""
        for watch in chart.watches:
            for severity in SEVERITIES:
                found = {self._threshold(f"{model}/{watch}/{severity}") for model in models}
                value = found.pop()
                if value is None or found:
                    continue
                what = severity if len(chart.watches) == 1 else f"{watch} {severity}"
                yield {"value": value, "label": f"{what}{whose}", "color": _COLORS[severity], "fill": "none"}

    def _threshold(self, key: str) -> float | None:
        for alarm in self.alarms:
            if alarm.key == key and alarm.type == METRIC_ALARM:
                value = alarm.properties["threshold"]
                assert isinstance(value, int | float)
                return value
        return None


def _axis(unit: str) -> dict[str, Value]:
    return {"label": unit, "min": 0, "showUnits": False}


def _rows(lines: Sequence[Line], series_of: Callable[[Term], Series], *, suffix: str = "") -> list[Value]:
    """Metric rows: what an expression reads is there once, and drawn only where it is a line by itself."""
    queries = Queries(series_of, suffix=suffix)
    texts = [queries.text(line.expression) for line in lines]
    looks: dict[str, dict[str, Value]] = {}
    rows: list[Value] = []
    for number, (line, text) in enumerate(zip(lines, texts, strict=True), 1):
        look: dict[str, Value] = {"label": line.label}
        if line.color:
            look["color"] = line.color
        if line.axis == "right":
            look["yAxis"] = "right"
        if text in queries.series:
            looks[text] = look
        else:
            rows.append([{"expression": text, "id": f"e{number}{suffix}", **look}])
    for query_id, series in queries.series.items():
        look = looks.get(query_id, {"visible": False})
        dimensions = [part for pair in series.dimensions.items() for part in pair]
        options: dict[str, Value] = {"id": query_id, "stat": series.statistic, **look}
        rows.append([series.namespace, series.name, *dimensions, options])
    return rows
