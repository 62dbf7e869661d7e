"""An anomaly detection band: the area behind the lines in which values are expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from inferwatch.drawing.frame import Spec, keyed
from inferwatch.drawing.readings import Series


def expected_area(keys: Sequence[str], shared: Spec, y: Spec, *, clip: bool) -> Spec:
    """The areas of some bands, each by the key of its upper edge: dataset `expected`.

    Args:
        shared: The encodings of `x` and `color`.
        y: That of the axis it is measured on.
    """
    return {
        "data": {"name": "expected"},
        "transform": [{"filter": {"field": "k", "oneOf": list(keys)}}],
        "mark": {
            "type": "area",
            "clip": clip,
            "fillOpacity": 0.22,
            "tooltip": False,
            "invalid": "break-paths-show-domains",
        },
        "encoding": {**shared, "y": {**y, "field": "high", "stack": None}, "y2": {"field": "low"}},
    }


def expected_rows(series: Sequence[Series]) -> list[Spec]:
    """Both edges at each moment, with an empty row where the band breaks."""
    rows: list[Spec] = []
    for key, upper, lower in _bands(series):
        lows = dict(lower.points)
        before_ms: int | None = None
        for time_ms, high in upper.points:
            if time_ms not in lows:
                continue
            if before_ms is not None and time_ms - before_ms > upper.period_ms:
                rows.append({"t": before_ms + upper.period_ms, "k": key, "high": None, "low": None})
            rows.append({"t": time_ms, "k": key, "high": high, "low": lows[time_ms]})
            before_ms = time_ms
    return rows


def _bands(series: Sequence[Series]) -> Iterator[tuple[str, Series, Series]]:
    """Each upper edge with its key, and the lower one after it."""
    found = keyed(series)
    for (key, upper), (_, lower) in pairwise(found):
        if upper.edge == "upper" and lower.edge == "lower":
            yield key, upper, lower
