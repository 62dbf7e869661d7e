"""A band in a widget: read as two edges, drawn as one area."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.expected import expected_rows
from inferwatch.drawing.readings import Units, read_widget
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import Place

MINUTE_MS = 60_000
NOW_MS = 1_795_521_600_000
BAND = {"expression": "ANOMALY_DETECTION_BAND(m1, 2)", "id": "ad1"}


class _Api:
    """Answers every query of GetMetricData with as many series as it has values."""

    def __init__(self, values: dict[str, list[list[float | None]]]) -> None:
        self._values = values

    async def call(
        self, region: str, service: str, operation: str, params: Mapping[str, object]
    ) -> dict[str, Any]:
        if operation != "GetMetricData":
            return {"Datapoints": []}
        results = []
        for query_id, series in self._values.items():
            for values in series:
                points = {
                    NOW_MS + minute * MINUTE_MS: value
                    for minute, value in enumerate(values)
                    if value is not None
                }
                results.append(
                    {
                        "Id": query_id,
                        "Label": query_id,
                        "Timestamps": list(points),
                        "Values": list(points.values()),
                    }
                )
        return {"MetricDataResults": results}

    async def local(self, path: str) -> dict[str, Any]:
        raise AssertionError(path)


def _read(values: dict[str, list[list[float | None]]]) -> Any:
    api = _Api(values)
    given = {"metrics": [["NS", "Latency", {"id": "m1"}], [BAND]], "period": 60}
    widget = read_metric_widget(given, Place(0, 0, 6, 6), region="us-east-1")
    window = Window(NOW_MS, NOW_MS + 10 * MINUTE_MS)
    return asyncio.run(read_widget(api, widget, window, Units(api)))


def test_the_two_series_of_a_band_are_its_edges() -> None:
    """The upper first, as they come; the metric is none."""
    reading = _read({"m1": [[5]], "ad1": [[9], [2]]})

    assert [one.edge for one in reading.series] == [None, "upper", "lower"]


def test_an_area_breaks_where_the_band_does() -> None:
    """And has a point only where there are both edges."""
    reading = _read({"m1": [[5]], "ad1": [[9, None, 8, 7], [2, None, 1, None]]})

    assert [(row["high"], row["low"]) for row in expected_rows(reading.series)] == [
        (9, 2),
        (None, None),
        (8, 1),
    ]
