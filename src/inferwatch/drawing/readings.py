"""A metric widget's rows → GetMetricData → series to draw.

Every widget asks by itself, so that one bad expression spoils one picture only.

Source: CloudWatch API reference, "GetMetricData"; periods are laid from StartTime, the end is exclusive.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from inferwatch.drawing.absence import metric_of, sample_counts, why_absent
from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.drawing.rows import MetricRow, Row, Side
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import MetricWidget
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import DAY_MS, HOUR_MS, SECOND_MS
from inferwatch.model.zone import zone_text

# Source: GetMetricData, "retention": finer periods than these hold no data that far back.
_FINEST_PERIOD_S = ((3 * HOUR_MS, 1), (15 * DAY_MS, 60), (63 * DAY_MS, 300))
# A picture is some 1,000 pixels wide: longer periods stand in for more points than this.
_POINTS_MAX = 1_500
# Saying why a line is empty costs two calls.
_EXPLAINED_MAX = 5
_ROUND_PERIODS_S = (60, 300, 900, 3_600, 21_600, 86_400)


Edge: TypeAlias = Literal["upper", "lower"]
# In the order in which GetMetricData gives the edges of a band.
_EDGES: tuple[Edge, Edge] = ("upper", "lower")
_BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\s*\(")


@dataclass(frozen=True, slots=True)
class Series:
    """One line: points oldest first; where a period has no point there is no data.

    `absence` says why there is no point at all; `edge` which side of a band it is.
    """

    label: str
    stat: str
    period_ms: int
    unit: str | None
    side: Side
    color: str | None
    points: tuple[tuple[int, float], ...]
    absence: str = ""
    edge: Edge | None = None

    @property
    def latest(self) -> tuple[int, float] | None:
        """The newest point, if there is any."""
        return self.points[-1] if self.points else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a widget's rows gave, and what AWS had to say about them."""

    window: Window
    series: tuple[Series, ...]
    problems: tuple[str, ...] = ()


class Units:
    """The unit each metric was published with, learned once and kept.

    GetMetricData answers without units; GetMetricStatistics has them on every datapoint.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[tuple[object, ...], str] = {}

    async def of(self, row: MetricRow, window: Window) -> str | None:
        """Name the unit of a metric's data in the window; `None` while there is none."""
        key = (row.region, row.namespace, row.name, row.dimensions)
        if key not in self._known:
            unit = await self._ask(row, window)
            if unit is None:
                return None
            self._known[key] = unit
        return self._known[key]

    async def _ask(self, row: MetricRow, window: Window) -> str | None:
        start_ms, end_ms = _whole(window, window.length_ms)
        try:
            counts = await sample_counts(self._api, row, start_ms, end_ms, window.length_ms)
        except AwsError:
            return None  # a picture without its unit is still the picture
        return next((point["Unit"] for point in counts if point.get("Unit")), None)


async def read_widget(api: Api, widget: MetricWidget, window: Window, units: Units) -> Reading:
    """Ask for everything a widget draws; a refusal becomes a problem, never an exception."""
    periods = {row.id: drawn_period_s(row, widget, window) for row in widget.rows}
    found: dict[str, list[Shape]] = {}
    problems: list[str] = []
    for region in dict.fromkeys(row.region for row in widget.rows):
        rows = [row for row in widget.rows if row.region == region]
        try:
            results, messages = await _get(api, region, rows, periods, window, widget.zone_ms)
        except AwsError as error:
            problems.append(error.message or error.code)
            continue
        problems += messages
        for result in results:
            found.setdefault(result["Id"], []).append(result)
    series: list[Series] = []
    explained = 0
    for row in widget.rows:
        results = found.get(row.id, [])
        edges = _EDGES if _is_band(row) and len(results) == len(_EDGES) else [None] * len(results)
        for result, edge in zip(results, edges, strict=True):
            problems += _complaints(result)
            one = await _series(row, result, periods[row.id], window, units)
            # A colour is for one line: of several that one expression gives, each takes the palette's.
            series.append(one if len(results) == 1 else replace(one, color=None, edge=edge))
            if isinstance(row, MetricRow) and not one.points and explained < _EXPLAINED_MAX:
                explained += 1
                series[-1] = replace(one, absence=await why_absent(api, row, window))
    return Reading(window, tuple(series), tuple(dict.fromkeys(problems)))


def _is_band(row: Row) -> bool:
    return not isinstance(row, MetricRow) and _BAND.match(row.expression) is not None


def drawn_period_s(row: Row, widget: MetricWidget, window: Window) -> int:
    """Keep the row's period unless AWS has no such fine data, or the picture no room for it.

    Differs: what periods AWS's console chooses where `periodOverride` is `auto` is not documented; here
    a longer one stands in only beyond 1,500 points. The minute that is running is drawn, `liveData` or not.
    """
    if widget.whole_range:
        return window.length_ms // SECOND_MS
    finest = next((finest for length, finest in _FINEST_PERIOD_S if window.age_ms <= length), 3_600)
    period_s = max(row.period_s, finest)
    if widget.keeps_period or window.length_ms // SECOND_MS <= period_s * _POINTS_MAX:
        return period_s
    return next(
        (
            longer
            for longer in _ROUND_PERIODS_S
            if longer > period_s and window.length_ms // SECOND_MS <= longer * _POINTS_MAX
        ),
        _ROUND_PERIODS_S[-1],
    )


async def _get(
    api: Api, region: str, rows: Sequence[Row], periods: dict[str, int], window: Window, zone_ms: int
) -> tuple[list[Shape], list[str]]:
    step_ms = max(periods[row.id] for row in rows) * SECOND_MS
    start_ms, end_ms = _whole(window, step_ms)
    if step_ms >= window.length_ms:
        # One period covers the picture: it begins where the picture does.
        start_ms, end_ms = window.from_ms, end_ms + step_ms
    params = {
        "MetricDataQueries": [_query(row, periods[row.id]) for row in rows],
        "StartTime": start_ms,
        "EndTime": end_ms,
        "ScanBy": "TimestampAscending",
        "LabelOptions": {"Timezone": zone_text(zone_ms)},
    }
    return await read_data(api, region, params)


async def read_data(api: Api, region: str, params: Shape) -> tuple[list[Shape], list[str]]:
    """Call GetMetricData for all its pages: the results, each whole, and what AWS says about them.

    Raises:
        AwsError: The endpoint refuses.
    """
    results: dict[tuple[str, str, int], Shape] = {}
    messages = []
    async for page in pages(api, region, "cloudwatch", "GetMetricData", params):
        messages += [message["Value"] for message in page.get("Messages", [])]
        seen: Counter[tuple[str, str]] = Counter()
        for result in page.get("MetricDataResults", []):
            # One query may give several series, and some of one label; a later page carries them on.
            name = (result["Id"], result.get("Label", ""))
            whole = results.setdefault((*name, seen[name]), {**result, "Timestamps": [], "Values": []})
            seen[name] += 1
            whole["Timestamps"] += result.get("Timestamps", [])
            whole["Values"] += result.get("Values", [])
            whole["StatusCode"] = result.get("StatusCode", "Complete")
    return list(results.values()), messages


def _whole(window: Window, step_ms: int) -> tuple[int, int]:
    """Widen a window to whole periods: AWS lays them from the start, and cuts the end down to a whole one."""
    return window.from_ms // step_ms * step_ms, -(-window.to_ms // step_ms) * step_ms


def _query(row: Row, period_s: int) -> Shape:
    query: Shape = {"Id": row.id, "ReturnData": row.visible}
    if row.label is not None:
        query["Label"] = row.label
    if isinstance(row, MetricRow):
        query["MetricStat"] = {"Metric": metric_of(row), "Period": period_s, "Stat": row.stat}
        if row.account_id is not None:
            query["AccountId"] = row.account_id
    else:
        query["Expression"] = row.expression
        query["Period"] = period_s
    return query


def _complaints(result: Shape) -> list[str]:
    said = [message["Value"] for message in result.get("Messages", [])]
    status = result.get("StatusCode", "Complete")
    if status in {"Forbidden", "InternalError"} and not said:
        said = [f"{result.get('Label', result['Id'])}: AWS answers {status}"]
    return said


async def _series(row: Row, result: Shape, period_s: int, window: Window, units: Units) -> Series:
    points = sorted(
        (time_ms, float(value))
        for time_ms, value in zip(result["Timestamps"], result["Values"], strict=True)
        if math.isfinite(value) and (window.from_ms <= time_ms < window.to_ms)
    )
    if isinstance(row, MetricRow):
        stat, unit = row.stat, await units.of(row, window) if points else None
        if stat == "SampleCount":
            unit = "Count"
        elif stat.startswith("PR("):
            unit = "Percent"
    else:
        stat, unit = row.expression, None
    label = result.get("Label") or row.label or row.id
    return Series(label, stat, period_s * SECOND_MS, unit, row.side, row.color, tuple(points))
