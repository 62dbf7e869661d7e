"""Why a line has no point: since when there is no data, or what else was published under that name."""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.drawing import wording
from inferwatch.drawing.api import Api, Shape
from inferwatch.drawing.rows import MetricRow
from inferwatch.drawing.timerange import Window
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

_LOOKS_BACK_MS = 14 * DAY_MS
_NAMED_MAX = 3


async def why_absent(api: Api, row: MetricRow, window: Window) -> str:
    """Say in a sentence why a metric shows nothing in a window; a refused call leaves it at that."""
    end_ms = -(-window.to_ms // HOUR_MS) * HOUR_MS
    try:
        hour_ms = await _newest_ms(api, row, end_ms - _LOOKS_BACK_MS, end_ms, HOUR_MS)
        if hour_ms is None:
            return await _never(api, row)
        newest_ms = await _newest_ms(api, row, hour_ms, hour_ms + HOUR_MS, MINUTE_MS)
    except AwsError:
        return "no data in this time"
    since_ms = (hour_ms if newest_ms is None else newest_ms) + MINUTE_MS
    if since_ms > window.from_ms:
        return f"{wording.statistic(row.stat)} cannot be told from what was published"
    return f"no data since {wording.moment(since_ms)[:16]} UTC, {wording.age(window.to_ms - since_ms)} ago"


async def _newest_ms(api: Api, row: MetricRow, start_ms: int, end_ms: int, period_ms: int) -> int | None:
    """The start of the newest period that has data."""
    counts = await sample_counts(api, row, start_ms, end_ms, period_ms)
    return max((int(point["Timestamp"]) for point in counts), default=None)


async def sample_counts(
    api: Api, row: MetricRow, start_ms: int, end_ms: int, period_ms: int
) -> Sequence[Shape]:
    """A datapoint for each period that has data, in no order; each has its metric's unit.

    Raises:
        AwsError: The endpoint refuses.
    """
    params = {
        **metric_of(row),
        "StartTime": start_ms,
        "EndTime": end_ms,
        "Period": period_ms // SECOND_MS,
        "Statistics": ["SampleCount"],
    }
    answer = await api.call(row.region, "cloudwatch", "GetMetricStatistics", params)
    points: Sequence[Shape] = answer.get("Datapoints", [])
    return points


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
