"""Why a line has no point: since when there is no data, or what else was published under that name."""

from __future__ import annotations

from inferwatch.drawing import wording
from inferwatch.drawing.api import Api, Shape
from inferwatch.drawing.rows import MetricRow
from inferwatch.drawing.timerange import Window
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import DAY_MS, HOUR_MS, SECOND_MS

_LOOKS_BACK_MS = 14 * DAY_MS
_PERIOD_MS = HOUR_MS
_NAMED_MAX = 3


async def why_absent(api: Api, row: MetricRow, window: Window) -> str:
    """Say in a sentence why a metric shows nothing in a window; a refused call leaves it at that."""
    try:
        newest_ms = await _newest_ms(api, row, window)
        if newest_ms is None:
            return await _never(api, row)
    except AwsError:
        return "no data in this time"
    if newest_ms + _PERIOD_MS > window.from_ms:
        return f"{wording.statistic(row.stat)} cannot be told from what was published"
    since = wording.moment(newest_ms + _PERIOD_MS)
    return f"no data since {since[:16]} UTC, {wording.age(window.to_ms - newest_ms - _PERIOD_MS)} ago"


async def _newest_ms(api: Api, row: MetricRow, window: Window) -> int | None:
    """The start of the newest hour that has data, of those before the window's end."""
    end_ms = -(-window.to_ms // _PERIOD_MS) * _PERIOD_MS
    params = {
        **metric_of(row),
        "StartTime": end_ms - _LOOKS_BACK_MS,
        "EndTime": end_ms,
        "Period": _PERIOD_MS // SECOND_MS,
        "Statistics": ["SampleCount"],
    }
    answer = await api.call(row.region, "cloudwatch", "GetMetricStatistics", params)
    return max((int(point["Timestamp"]) for point in answer.get("Datapoints", [])), default=None)


async def _never(api: Api, row: MetricRow) -> str:
    params = {"Namespace": row.namespace, "MetricName": row.name}
    answer = await api.call(row.region, "cloudwatch", "ListMetrics", params)
    kept = [metric.get("Dimensions", []) for metric in answer.get("Metrics", [])]
    if not kept:
        return f"nothing named {row.name} was published to {row.namespace} in the last two weeks"
    if any({(one["Name"], one["Value"]) for one in dimensions} == set(row.dimensions) for dimensions in kept):
        return "no data in the last two weeks"
    named = sorted({_names(dimensions) for dimensions in kept})
    more = f" and {len(named) - _NAMED_MAX} more" if len(named) > _NAMED_MAX else ""
    return f"published with other dimensions only: {'; '.join(named[:_NAMED_MAX])}{more}"


def _names(dimensions: list[Shape]) -> str:
    return ", ".join(f"{one['Name']}={one['Value']}" for one in dimensions) or "none"


def metric_of(row: MetricRow) -> Shape:
    """A row's metric, as every operation names it."""
    return {
        "Namespace": row.namespace,
        "MetricName": row.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in row.dimensions],
    }
