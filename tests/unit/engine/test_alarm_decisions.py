"""One evaluation of an alarm: the state, and the words for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from inferwatch.engine.alarms import reasons
from inferwatch.engine.alarms.decide import decide, evaluate
from inferwatch.engine.alarms.definition import Comparison, Definition, MathSource, MissingData
from inferwatch.engine.alarms.state import State
from inferwatch.engine.alarms.watch import Slot
from inferwatch.engine.metricdata.query import MetricStat
from inferwatch.engine.metrics.statistics import Statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.wire.operations.metric_query import queries_of

Vectors = Callable[[str], list[dict[str, Any]]]
MINUTE_MS = 60_000


def _alarm(
    needed: int | None,
    periods: int,
    policy: str | None = None,
    *,
    operator: str = "GreaterThanThreshold",
    threshold: float = 0.5,
    statistic: Statistic | None = None,
    low_samples: str | None = None,
) -> Definition:
    return Definition(
        name="a",
        source=MetricStat(Metric("NS", "m"), 60, statistic or Statistic("Average")),
        comparison=Comparison(operator),
        threshold=threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=needed,
        treat_missing_data=None if policy is None else MissingData(policy),
        low_sample_percentile=low_samples,
    )


def _slots(points: str) -> list[Slot]:
    """`0` fine, `X` breaching, `-` missing; oldest first."""
    values = {"0": 0.0, "X": 1.0, "-": None}
    return [Slot(at * MINUTE_MS, values[point], 1.0) for at, point in enumerate(points)]


def test_missing_data_is_treated_as_in_every_table_of_the_guide(vectors: Vectors) -> None:
    """Each row of the User Guide, under each of the four policies."""
    checked = 0
    for case in vectors("alarm_missing_data"):
        for policy, expected in case["expect"].items():
            definition = _alarm(case["datapointsToAlarm"], case["evaluationPeriods"], policy)

            decided = decide(definition, _slots(case["points"]))

            state = "KEEP" if decided is None else decided.value
            # Of a premature breach AWS says only that it does not alarm; we keep the state.
            assert state == ("KEEP" if expected.startswith("NOT_ALARM") else expected), (case["id"], policy)
            checked += 1
    assert checked == 116


def test_recorded_sequences_lead_through_the_recorded_states(vectors: Vectors) -> None:
    """A lone breach alarms only once it is old enough."""
    checked = 0
    for case in vectors("alarm_sequences"):
        state = State(case.get("previous", "INSUFFICIENT_DATA"))
        for points, expected in case.get("timeline", []):
            definition = _alarm(case["M"], case["N"], case["policy"])
            evaluation = evaluate(definition, state, _slots(points), now_ms=0)

            state = state if evaluation is None else evaluation.state

            assert state.value == expected, (case["id"], points)
            checked += 1
    assert checked == 7


def test_reasons_are_in_the_services_words(vectors: Vectors) -> None:
    """Every recorded StateReason of a static threshold, to the letter."""
    checked = 0
    for case in vectors("state_reason"):
        if "points" not in case:
            continue
        points = [
            Slot(
                int(datetime.strptime(f"{at} +0000", "%d/%m/%y %H:%M:%S %z").timestamp()) * 1_000,
                float(value),
            )
            for at, value in reversed(case["points"])
        ]
        definition = _alarm(
            case.get("M") if case.get("datapointsToAlarmSet") else None,
            case["N"],
            case.get("policy"),
            operator=case.get("op", "GreaterThanThreshold"),
            threshold=float(case.get("threshold", 0)),
        )

        text = reasons.reason(definition, State(case["state"]), points, case["filled"])

        assert text == case["expect"], case["id"]
        checked += 1
    assert checked == 15


def test_reason_data_of_a_metric_alarm_has_the_recorded_members() -> None:
    """Keys, their order, and AWS's way to write moments."""
    at_ms = int(datetime(2019, 10, 2, 16, 59, tzinfo=UTC).timestamp()) * 1_000
    source = MetricStat(Metric("NS", "m"), 300, Statistic("Average"))
    definition = Definition("a", source, Comparison.GREATER, 50.0, 1)

    data = reasons.reason_data(definition, [Slot(at_ms, 99.50160229693434, 5.0)], [], at_ms + 340_985)

    assert data == {
        "version": "1.0",
        "queryDate": "2019-10-02T17:04:40.985+0000",
        "startDate": "2019-10-02T16:59:00.000+0000",
        "statistic": "Average",
        "period": 300,
        "recentDatapoints": [99.50160229693434],
        "threshold": 50.0,
        "evaluatedDatapoints": [
            {"timestamp": "2019-10-02T16:59:00.000+0000", "sampleCount": 5.0, "value": 99.50160229693434}
        ],
    }


def test_reason_data_of_a_math_alarm_has_no_statistic_and_no_samples() -> None:
    """A missing period is listed by its timestamp alone."""
    source = MathSource(
        queries_of(
            [
                {
                    "Id": "m",
                    "MetricStat": {
                        "Metric": {"Namespace": "NS", "MetricName": "m"},
                        "Period": 60,
                        "Stat": "Sum",
                    },
                    "ReturnData": False,
                },
                {"Id": "e", "Expression": "m * 2"},
            ]
        )
    )
    definition = Definition("a", source, Comparison.GREATER, 10.0, 2)

    data = reasons.reason_data(definition, [Slot(60_000, 4.0)], [Slot(120_000, None)], 180_000)

    assert list(data) == [
        "version", "queryDate", "startDate", "period", "recentDatapoints", "threshold", "evaluatedDatapoints",
    ]  # fmt: skip
    assert data["evaluatedDatapoints"] == [
        {"timestamp": "1970-01-01T00:02:00.000+0000"},
        {"timestamp": "1970-01-01T00:01:00.000+0000", "value": 4.0},
    ]


def test_recent_datapoints_have_null_for_a_gap() -> None:
    """Oldest to newest, and the gap stays visible."""
    definition = _alarm(None, 3)
    slots = _slots("X-X")

    data = reasons.reason_data(definition, slots, [slots[1]], 180_000)

    assert data["recentDatapoints"] == [1.0, None, 1.0]


@pytest.mark.parametrize(("samples", "expected"), [(999.0, None), (1_000.0, State.ALARM)])
def test_a_percentile_of_too_few_samples_keeps_the_state(samples: float, expected: State | None) -> None:
    """With `ignore`, p99 of fewer than a thousand samples decides nothing."""
    definition = _alarm(None, 1, statistic=Statistic("p99", 99.0), low_samples="ignore")

    assert decide(definition, [Slot(0, 1.0, samples)]) is expected
