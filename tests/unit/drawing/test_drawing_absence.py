"""Why a line is empty, in one sentence."""

import asyncio
from typing import Any

import pytest

from inferwatch.drawing.absence import why_absent
from inferwatch.drawing.rows import MetricRow
from inferwatch.drawing.timerange import Window
from inferwatch.model.errors import AwsError

TO_MS = 1_795_680_000_000  # 2026-11-26T08:00:00Z
WINDOW = Window(TO_MS - 3_600_000, TO_MS)


class Api:
    """Knows when there was data, and which metrics there are."""

    def __init__(self, data_ms: tuple[int, ...] = (), metrics: tuple[dict[str, str], ...] = ()) -> None:
        self.data_ms = data_ms
        self.metrics = metrics

    async def call(self, region: str, service: str, operation: str, params: Any) -> dict[str, Any]:
        if operation == "GetMetricStatistics":
            start_ms, end_ms, period_ms = params["StartTime"], params["EndTime"], params["Period"] * 1_000
            within = (at_ms for at_ms in self.data_ms if start_ms <= at_ms < end_ms)
            return {"Datapoints": [{"Timestamp": at_ms // period_ms * period_ms} for at_ms in within]}
        return {
            "Metrics": [
                {"Dimensions": [{"Name": name, "Value": value} for name, value in one.items()]}
                for one in self.metrics
            ]
        }

    async def local(self, path: str) -> dict[str, Any]:
        raise AssertionError(path)


def why(api: Any, stat: str = "Sum") -> str:
    row = MetricRow(
        "q1", "LLM", "Latency", (("Model", "a"),), stat, 60, None, None, True, "left", "us-east-1", None
    )
    return asyncio.run(why_absent(api, row, WINDOW))


@pytest.mark.parametrize(
    ("api", "sentence"),
    [
        (
            Api((TO_MS - 10 * 3_600_000, TO_MS - 4 * 3_600_000 - 60_000)),
            "no data since 2026-11-26 04:00 UTC, 4 h ago",
        ),
        # In the hour that the window begins in, yet before it.
        (
            Api((TO_MS - 3_600_000 - 120_000,)),
            "no data since 2026-11-26 06:59 UTC, 1 h ago",
        ),
        (Api(), "nothing named Latency was published to LLM in the last two weeks"),
        (Api(metrics=({"Model": "a"},)), "no data in the last two weeks"),
        (
            Api(metrics=({"Model": "b"}, {}, {"Model": "c", "Task": "t"}, {"Model": "d"})),
            "published with other dimensions only: Model=b; Model=c, Task=t; Model=d and 1 more",
        ),
        (Api((TO_MS - 1_800_000,)), "Sum cannot be told from what was published"),
    ],
)
def test_an_empty_line_is_explained(api: Api, sentence: str) -> None:
    assert why(api) == sentence


def test_a_refusal_leaves_it_at_that(engine: Any) -> None:
    engine.refusals["GetMetricStatistics"] = AwsError("AccessDenied", "no")

    assert why(engine) == "no data in this time"
