"""An alarm's evaluation range, read through GetMetricData: one point a period.

Differs: AWS evaluates an alarm's queries by itself; asked for as metric data they are rounded to the minute
and to periods that retention keeps, and an expression over all of a range (AVG(m1)) sees the range asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from inferwatch.drawing.api import Api, Shape
from inferwatch.drawing.readings import read_data
from inferwatch.engine.alarms.window import periods
from inferwatch.explain.judged import Point
from inferwatch.explain.watched import Watched
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import SECOND_MS

Grid = Sequence[tuple[int, int]]
Values = Mapping[int, float]
Found = Mapping[str, Mapping[str, Values]]

_SAMPLES = "samples"
_INVALID = {"ValidationError", "ValidationException"}


async def read_points(
    api: Api, region: str, watched: Watched, round_ms: int
) -> tuple[dict[str, list[Point]], tuple[str, ...]]:
    """The range as seen at an evaluation, oldest first, by series: one, unless the query gives several.

    Returns also what AWS had to say about the data.

    Raises:
        AwsError: The endpoint refuses.
    """
    grid = periods(watched.definition, round_ms)
    found, messages = await _read(api, region, watched.queries, _compared(watched), grid)
    samples = await _samples(api, region, watched, grid)
    return _points(watched, found, samples, grid), tuple(messages)


def _points(watched: Watched, found: Found, samples: Values, grid: Grid) -> dict[str, list[Point]]:
    bands = list(found.get(watched.band, {}).values()) if watched.band else []
    others = {
        query_id: next(iter(series.values()))
        for query_id, series in found.items()
        if len(series) == 1 and query_id != watched.watched
    }
    return {
        label: [
            Point(
                start_ms,
                end_ms,
                values.get(start_ms),
                samples.get(start_ms),
                *_band(bands, start_ms),
                {query_id: each.get(start_ms) for query_id, each in others.items()},
            )
            for start_ms, end_ms in grid
        ]
        for label, values in (found.get(watched.watched) or {"": {}}).items()
    }


def _band(bands: Sequence[Values], at_ms: int) -> tuple[float | None, float | None]:
    """The two series of a band, in whichever order they come: the low side, the high side."""
    sides = [side[at_ms] for side in bands if at_ms in side]
    return (min(sides), max(sides)) if sides else (None, None)


async def read_before(
    api: Api, region: str, watched: Watched, first: Point, count: int
) -> dict[str, list[Point]]:
    """Periods before the first one of a range by series, for a picture; none where they cannot be read."""
    if not count:
        return {}
    step_ms = first.end_ms - first.start_ms
    grid = [
        (first.start_ms - step_ms * at, first.start_ms - step_ms * (at - 1)) for at in range(count, 0, -1)
    ]
    try:
        found, _ = await _read(api, region, watched.queries, _compared(watched), grid)
    except AwsError:
        return {}
    return _points(watched, found, {}, grid)


def _compared(watched: Watched) -> Collection[str]:
    return {watched.watched, watched.band} if watched.band else {watched.watched}


async def _samples(api: Api, region: str, watched: Watched, grid: Grid) -> Values:
    """How many samples each period has, of an alarm on one metric."""
    stat = watched.query.get("MetricStat")
    if stat is None:
        return {}
    query = {**watched.query, "Id": _SAMPLES, "MetricStat": {**stat, "Stat": "SampleCount"}}
    found, _ = await _read(api, region, (query,), {_SAMPLES}, grid)
    return next(iter(found.get(_SAMPLES, {}).values()), {})


async def _read(
    api: Api, region: str, queries: Sequence[Shape], compared: Collection[str], grid: Grid
) -> tuple[Found, list[str]]:
    """Values by query and label; a range whose periods differ in length is read period by period."""
    lengths = {end_ms - start_ms for start_ms, end_ms in grid}
    spans = [(grid[0][0], grid[-1][1], lengths.pop())] if len(lengths) == 1 else []
    spans = spans or [(start_ms, end_ms, end_ms - start_ms) for start_ms, end_ms in grid]
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    messages: list[str] = []
    for start_ms, end_ms, length_ms in spans:
        asked = [_of_length(query, length_ms // SECOND_MS) for query in queries]
        results, said = await _ask(api, region, asked, compared, start_ms, _whole(end_ms, length_ms))
        messages += [each for each in said if each not in messages]
        for query_id, label, result in _named(results):
            found[query_id][label].update(zip(result["Timestamps"], result["Values"], strict=True))
    return {query_id: dict(each) for query_id, each in found.items()}, messages


async def _ask(
    api: Api, region: str, queries: Sequence[Shape], compared: Collection[str], start_ms: int, end_ms: int
) -> tuple[list[Shape], list[str]]:
    """Every query's values; of the compared alone where another cannot be returned, as a scalar cannot."""
    params = {"StartTime": start_ms, "EndTime": end_ms, "ScanBy": "TimestampAscending"}
    try:
        return await read_data(api, region, {**params, "MetricDataQueries": queries})
    except AwsError as error:
        if len(queries) == 1 or error.code not in _INVALID:
            raise
    narrowed = [{**query, "ReturnData": query["Id"] in compared} for query in queries]
    return await read_data(api, region, {**params, "MetricDataQueries": narrowed})


def _of_length(query: Shape, period_s: int) -> Shape:
    """The query over periods of a length."""
    if "MetricStat" in query:
        return {**query, "MetricStat": {**query["MetricStat"], "Period": period_s}}
    return {**query, "Period": period_s} if "Period" in query else query


def _whole(end_ms: int, length_ms: int) -> int:
    """An end that does not cut the last period off: AWS cuts ends down to a multiple of the period."""
    return -(-end_ms // length_ms) * length_ms


def _named(results: Sequence[Shape]) -> Iterator[tuple[str, str, Shape]]:
    """Each series with its query's id and a name that no other of that query has."""
    seen: Counter[tuple[str, str]] = Counter()
    for result in results:
        name = (result["Id"], result.get("Label", ""))
        seen[name] += 1
        yield name[0], name[1] if seen[name] == 1 else f"{name[1]} {seen[name]}", result
