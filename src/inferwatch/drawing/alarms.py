"""An alarm as DescribeAlarms tells it → what it watches, its line in a picture, its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from inferwatch.drawing import wording
from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.drawing.readings import drawn_period_s
from inferwatch.drawing.rows import ExpressionRow, MetricRow, Row
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import AlarmWidget, Fill, Level, MetricWidget, Place, Widget
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import SECOND_MS

# Loud first: what is wrong, what is not known, what is fine.
STATE_ORDER = ("ALARM", "INSUFFICIENT_DATA", "OK")


# Statistics that grow with the period: over five minutes they say another thing than over one.
_ADDS_UP = re.compile(r"Sum|SampleCount|(tc|ts|TC|TS).*")
# A text, a name or number, or one sign of an expression.
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|\w+|\S""")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `rows` is empty for composite alarms; `condition` is its rule in words."""

    name: str
    arn: str
    region: str
    state: str
    since_ms: int
    reason: str
    description: str
    condition: str
    threshold: float | None
    comparison: str
    rows: tuple[Row, ...]
    actions_enabled: bool
    shape: Shape

    @property
    def drawn(self) -> Row | None:
        """The row that is compared with the threshold, or with the band that another gives."""
        return _compared(self.shape, self.rows)


def _compared(shape: Shape, rows: Sequence[Row]) -> Row | None:
    band = shape.get("ThresholdMetricId")
    return next((row for row in rows if row.visible and row.id != band), None)


async def read_alarms(
    api: Api, region: str, asked: Mapping[str, object] = MappingProxyType({})
) -> tuple[Alarm, ...]:
    """Read every alarm of a region, or those that DescribeAlarms finds when asked so; the loudest first."""
    alarms = []
    params = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], **asked}
    async for page in pages(api, region, "cloudwatch", "DescribeAlarms", params):
        alarms += [_metric_alarm(shape, region) for shape in page.get("MetricAlarms", [])]
        alarms += [_composite_alarm(shape, region) for shape in page.get("CompositeAlarms", [])]
    return tuple(sorted(alarms, key=lambda alarm: (_rank(alarm.state), -alarm.since_ms, alarm.name)))


async def read_alarms_of(
    api: Api, widgets: Sequence[Widget], region: str
) -> tuple[tuple[Alarm, ...], tuple[str, ...]]:
    """Read the alarms of every region a body touches; what is refused becomes a note."""
    regions = {region} if any(isinstance(one, AlarmWidget) for one in widgets) else set()
    for widget in widgets:
        if isinstance(widget, MetricWidget):
            regions |= {row.region for row in widget.rows} | {widget.region}
        arns = widget.alarm_arns if isinstance(widget, MetricWidget) else ()
        arns += widget.arns if isinstance(widget, AlarmWidget) else ()
        regions |= {arn.split(":")[3] for arn in arns if arn.count(":") >= 5}
    alarms: list[Alarm] = []
    notes = []
    for one in sorted(regions):
        try:
            alarms += await read_alarms(api, one)
        except AwsError as error:
            notes.append(f"The alarms of {one} cannot be read: {error.message or error.code}")
    return tuple(alarms), tuple(notes)


def listed(alarms: Iterable[Alarm], widget: AlarmWidget) -> tuple[Alarm, ...]:
    """The alarms that a list of them shows: in its order, and those in its states only."""
    by_arn = {alarm.arn: alarm for alarm in alarms}
    shown = [by_arn[arn] for arn in widget.arns if arn in by_arn]
    if widget.states:
        shown = [alarm for alarm in shown if alarm.state in widget.states]
    if widget.newest_first:
        shown.sort(key=lambda alarm: -alarm.since_ms)
    return tuple(shown)


def _rank(state: str) -> int:
    return STATE_ORDER.index(state) if state in STATE_ORDER else len(STATE_ORDER)


def _metric_alarm(shape: Shape, region: str) -> Alarm:
    rows = tuple(_rows(shape, region))
    return Alarm(
        **_names(shape, region),
        condition=_condition(shape, rows),
        threshold=shape.get("Threshold"),
        comparison=shape.get("ComparisonOperator", ""),
        rows=rows,
    )


def _composite_alarm(shape: Shape, region: str) -> Alarm:
    return Alarm(
        **_names(shape, region), condition=shape.get("AlarmRule", ""), threshold=None, comparison="", rows=()
    )


def _names(shape: Shape, region: str) -> Shape:
    since_ms = shape.get("StateTransitionedTimestamp") or shape.get("StateUpdatedTimestamp") or 0
    return {
        "name": shape["AlarmName"],
        "arn": shape.get("AlarmArn", ""),
        "region": region,
        "state": shape.get("StateValue", "INSUFFICIENT_DATA"),
        "since_ms": int(since_ms),
        "reason": shape.get("StateReason", ""),
        "description": shape.get("AlarmDescription") or "",
        "actions_enabled": shape.get("ActionsEnabled", True),
        "shape": shape,
    }


def _rows(shape: Shape, region: str) -> Iterable[Row]:
    """Write an alarm's metric, or its metrics and expressions, as a widget's rows."""
    if "MetricName" in shape:
        yield _metric_row("m1", shape, shape, shape, region, visible=True, label=None)
        return
    for query in shape.get("Metrics", []):
        visible, label = query.get("ReturnData", True), query.get("Label")
        if "MetricStat" in query:
            stat = query["MetricStat"]
            yield _metric_row(query["Id"], stat["Metric"], stat, query, region, visible=visible, label=label)
        else:
            period_s = query.get("Period") or _shared_period_s(shape)
            yield ExpressionRow(
                query["Id"], query["Expression"], period_s, label, None, visible, "left", region
            )


def _metric_row(
    row_id: str, metric: Shape, stat: Shape, query: Shape, region: str, *, visible: bool, label: str | None
) -> MetricRow:
    return MetricRow(
        id=row_id,
        namespace=metric.get("Namespace", ""),
        name=metric.get("MetricName", ""),
        dimensions=tuple((one["Name"], one["Value"]) for one in metric.get("Dimensions", [])),
        stat=stat.get("Stat") or stat.get("ExtendedStatistic") or stat.get("Statistic") or "Average",
        period_s=stat.get("Period", 60),
        label=label,
        color=None,
        visible=visible,
        side="left",
        region=region,
        account_id=query.get("AccountId"),
    )


def _shared_period_s(shape: Shape) -> int:
    periods = [query["MetricStat"]["Period"] for query in shape["Metrics"] if "MetricStat" in query]
    return max(periods, default=60)


def _condition(shape: Shape, rows: tuple[Row, ...]) -> str:
    """Say an alarm's rule: `Maximum of duration_ms > 2,000, 1 of 1 datapoints in 1 minute`."""
    row = _compared(shape, rows)
    if row is None:
        return ""
    if isinstance(row, MetricRow):
        subject = f"{wording.statistic(row.stat)} of {row.name}"
    else:
        subject = row.label or row.expression
    comparison, needed, periods = _terms(shape)
    within = wording.duration(periods * row.period_s * SECOND_MS)
    return f"{subject} {comparison}, {needed} of {periods} datapoints within {within}"


def _terms(shape: Shape) -> tuple[str, int, int]:
    """How a value is compared: `> 2,000`, `outside of its band`; and M and N of M out of N."""
    threshold, periods = shape.get("Threshold"), shape.get("EvaluationPeriods", 1)
    limit = "its band" if threshold is None else wording.number(threshold)
    sign = wording.operator(shape.get("ComparisonOperator", ""))
    return f"{sign} {limit}", shape.get("DatapointsToAlarm") or periods, periods


def in_short(alarm: Alarm) -> str:
    """Say an alarm's rule for a table: `p99 duration_ms > 4,000, 3 of 5 x 1 min`; a composite's as it is."""
    row = alarm.drawn
    if row is None:
        return alarm.condition
    subject = f"{row.stat} {row.name}" if isinstance(row, MetricRow) else row.label or row.expression
    comparison, needed, periods = _terms(alarm.shape)
    window = f"{needed} of {periods} \N{MULTIPLICATION SIGN} {wording.age(row.period_s * SECOND_MS)}"
    return f"{subject} {comparison}, {window}"


def _identity(row: MetricRow) -> tuple[object, ...]:
    return (row.region, row.namespace, row.name, frozenset(row.dimensions))


def _identities(rows: Iterable[Row]) -> set[tuple[object, ...]]:
    return {_identity(row) for row in rows if isinstance(row, MetricRow)}


def is_watching(alarm: Alarm, widget: MetricWidget) -> bool:
    """Whether the alarm reads any metric the widget shows, or the widget names the alarm."""
    if alarm.arn in widget.alarm_arns:
        return True
    return bool(_identities(alarm.rows) & _identities(widget.rows))


def with_rows_of(alarms: Iterable[Alarm], widget: MetricWidget) -> MetricWidget:
    """A widget that names an alarm only, with what that watches: AWS draws it so."""
    named = next((alarm for alarm in alarms if alarm.arn in widget.alarm_arns), None)
    return widget if widget.rows or named is None else replace(widget, rows=named.rows)


def level_in(alarm: Alarm, widget: MetricWidget, window: Window) -> Level | None:
    """The alarm's threshold as a line, where the widget draws the very thing the alarm compares.

    An alarm that is not raised keeps to the background: its line is grey and shades nothing.
    """
    level = level_of(alarm)
    if level is None:
        return None
    if alarm.state != "ALARM":
        level = replace(level, fill=None, quiet=True)
    if alarm.arn in widget.alarm_arns:
        return level
    compared = _meaning(alarm.drawn, alarm.rows, lambda row: row.period_s) if alarm.drawn else ()
    for row in widget.rows:
        if row.visible and compared == _meaning(
            row, widget.rows, lambda row: drawn_period_s(row, widget, window)
        ):
            return replace(level, side=row.side)
    return None


def levels_in(alarms: Iterable[Alarm], widget: MetricWidget, window: Window) -> list[Level]:
    """The lines of all alarms that have one in the widget."""
    return [level for alarm in alarms if (level := level_in(alarm, widget, window)) is not None]


def _meaning(row: Row, rows: Sequence[Row], period_s: Callable[[Row], int]) -> tuple[object, ...]:
    """What a row's values are, whatever its id is: two rows of one meaning draw one line."""
    if isinstance(row, MetricRow):
        period = period_s(row) if _ADDS_UP.fullmatch(row.stat) else None
        return (_identity(row), row.account_id, row.stat, period)
    return _written(row, rows, period_s, frozenset({row.id}))


def _written(
    row: ExpressionRow, rows: Sequence[Row], period_s: Callable[[Row], int], above: frozenset[str]
) -> tuple[object, ...]:
    """An expression with everything it refers to in its place."""
    metrics = [one for one in rows if isinstance(one, MetricRow)]
    by_id = {one.id: one for one in rows if one.id not in above}
    written: list[object] = []
    for token in _TOKEN.findall(row.expression):
        named = metrics if token == "METRICS" else [by_id[token]] if token in by_id else []
        written += [
            (_identity(one), one.account_id, one.stat, period_s(one))
            if isinstance(one, MetricRow)
            else _written(one, rows, period_s, above | {one.id})
            for one in named
        ] or [token]
    return tuple(written)


def level_of(alarm: Alarm) -> Level | None:
    """The alarm's threshold with the side on which it breaches."""
    if alarm.threshold is None:
        return None
    fill: Fill | None = None
    if alarm.comparison.startswith("Greater"):
        fill = "above"
    elif alarm.comparison.startswith("Less"):
        fill = "below"
    label = f"{alarm.name} {wording.operator(alarm.comparison)} {wording.number(alarm.threshold)}"
    return Level(alarm.threshold, label, None, fill)


def picture_of(alarm: Alarm) -> MetricWidget | None:
    """The alarm's own chart, as a widget; `None` for alarms that watch no metric."""
    if not alarm.rows:
        return None
    level = level_of(alarm)
    return MetricWidget(
        place=Place(0, 0, 24, 6),
        title=alarm.name,
        region=alarm.region,
        view="timeSeries",
        rows=alarm.rows,
        levels=() if level is None else (level,),
    )
