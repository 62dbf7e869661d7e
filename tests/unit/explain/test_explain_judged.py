"""A window judged: the guide's tables, each period's part, bands, few samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.explain import words
from inferwatch.explain.judged import Judged, Part, Point, judge, rounds, slots_of
from inferwatch.explain.outlook import Turn, turns
from inferwatch.explain.watched import Watched, watched_of
from inferwatch.model.errors import Unsupported

Make = Callable[..., dict[str, Any]]
Vectors = Callable[[str], list[dict[str, Any]]]
MINUTE_MS = 60_000
NOON_MS = 1_795_521_600_000


def _points(text: str, samples: float = 1_000.0) -> list[Point]:
    """`0` fine, `X` breaching, `-` missing; oldest first."""
    values = {"0": 1_000.0, "X": 5_000.0, "-": None}
    return [
        Point(at * MINUTE_MS, (at + 1) * MINUTE_MS, values[point], samples) for at, point in enumerate(text)
    ]


def _judged(watched: Watched, text: str, samples: float = 1_000.0) -> Judged:
    return judge(watched.definition, watched.limit, _points(text, samples))


def test_every_row_of_the_guides_tables_comes_to_its_state(vectors: Vectors, alarm_shape: Make) -> None:
    """Under each of the four policies, from an alarm as it is described."""
    checked = 0
    for case in vectors("alarm_missing_data"):
        for policy, expected in case["expect"].items():
            shape = alarm_shape(
                EvaluationPeriods=case["evaluationPeriods"],
                DatapointsToAlarm=case["datapointsToAlarm"],
                TreatMissingData=policy,
            )

            verdict = _judged(watched_of(shape), case["points"]).verdict or "KEEP"

            assert verdict == ("KEEP" if expected.startswith("NOT_ALARM") else expected), (case["id"], policy)
            checked += 1
    assert checked == 116


def test_recorded_sequences_are_judged_as_recorded(vectors: Vectors, alarm_shape: Make) -> None:
    """A lone breach alarms only once it is old enough."""
    checked = 0
    for case in vectors("alarm_sequences"):
        state = case.get("previous", "INSUFFICIENT_DATA")
        for text, expected in case.get("timeline", []):
            shape = alarm_shape(
                EvaluationPeriods=case["N"], DatapointsToAlarm=case["M"], TreatMissingData=case["policy"]
            )

            state = _judged(watched_of(shape), text).verdict or state

            assert state == expected, (case["id"], text)
            checked += 1
    assert checked == 7


def test_each_period_has_its_part(alarm_shape: Make) -> None:
    """The three newest real points count; older ones, and gaps between, do not."""
    parts = [one.part for one in _judged(watched_of(alarm_shape()), "0X0-X").periods]

    assert parts == [Part.TOO_OLD, Part.BREACHING, Part.FINE, Part.PASSED_OVER, Part.BREACHING]


@pytest.mark.parametrize(
    ("policy", "part"),
    [
        ("breaching", Part.AS_BREACHING),
        ("notBreaching", Part.AS_FINE),
        ("ignore", Part.LEFT_OUT),
        ("missing", Part.LEFT_OUT),
        (None, Part.LEFT_OUT),
    ],
)
def test_missing_periods_count_as_the_alarm_says(alarm_shape: Make, policy: str | None, part: Part) -> None:
    """As many as the window lacks, the newest of them."""
    parts = [one.part for one in _judged(watched_of(alarm_shape(TreatMissingData=policy)), "X-X--").periods]

    assert parts == [Part.BREACHING, Part.PASSED_OVER, Part.BREACHING, Part.PASSED_OVER, part]


def test_an_alarm_on_silence_ignores_it_where_its_metrics_are_dynamodbs(alarm_shape: Make) -> None:
    """Their default is another. Source: User Guide, "Configuring how CloudWatch alarms treat missing data"."""
    silent = watched_of(alarm_shape(Namespace="AWS/DynamoDB"))

    assert _judged(silent, "-----").verdict is None
    assert _judged(watched_of(alarm_shape()), "-----").verdict == "INSUFFICIENT_DATA"


def test_too_few_samples_keep_the_state(alarm_shape: Make) -> None:
    """p99 wants a thousand of them, where the alarm says to ignore fewer."""
    strict = watched_of(alarm_shape(EvaluateLowSampleCountPercentile="ignore"))

    few, enough = _judged(strict, "XXXXX", 999.0), _judged(strict, "XXXXX", 1_000.0)

    assert (few.verdict, few.few_samples) == (None, 999.0)
    assert (enough.verdict, enough.few_samples) == ("ALARM", None)
    assert words.decision(few, 60) == (
        "3 of 3 datapoints breach, 3 of 3 are needed; the newest has 999 samples, too few for its percentile "
        "to be judged: the state is kept"
    )


BAND = {
    "MetricName": None,
    "Threshold": None,
    "ThresholdMetricId": "band",
    "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    "Metrics": [
        {
            "Id": "m",
            "MetricStat": {
                "Metric": {"Namespace": "LLM", "MetricName": "calls"},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": True,
        },
        {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 2)", "ReturnData": True},
    ],
}


@pytest.mark.parametrize(
    ("operator", "verdicts"),
    [
        ("LessThanLowerOrGreaterThanUpperThreshold", ["ALARM", "OK", "ALARM"]),
        ("LessThanLowerThreshold", ["ALARM", "OK", "OK"]),
        ("GreaterThanUpperThreshold", ["OK", "OK", "ALARM"]),
    ],
)
def test_a_band_is_left_on_the_side_the_operator_names(
    alarm_shape: Make, operator: str, verdicts: list[str]
) -> None:
    """A band from 10 to 20, and values of 9, 15 and 21."""
    watched = watched_of(alarm_shape(**BAND | {"ComparisonOperator": operator}))

    found = []
    for value in (9.0, 15.0, 21.0):
        points = [Point(at * MINUTE_MS, (at + 1) * MINUTE_MS, value, None, 10.0, 20.0) for at in range(5)]
        found.append(judge(watched.definition, watched.limit, points).verdict)

    assert (watched.watched, watched.band) == ("m", "band")
    assert found == verdicts


def test_a_value_without_its_band_is_no_datapoint(alarm_shape: Make) -> None:
    """A model that is not there yet gives none."""
    watched = watched_of(alarm_shape(**BAND))
    points = [Point(at * MINUTE_MS, (at + 1) * MINUTE_MS, 9.0) for at in range(5)]

    assert judge(watched.definition, watched.limit, points).verdict == "INSUFFICIENT_DATA"


def test_an_alarm_on_no_metric_is_refused_by_name(alarm_shape: Make) -> None:
    """One of PromQL has neither a metric nor queries."""
    with pytest.raises(Unsupported, match="alarms that watch no metric yet"):
        watched_of(alarm_shape(MetricName=None))


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"ComparisonOperator": "Near"}, "the comparison Near with 4000.0"),
        (
            {"ComparisonOperator": "GreaterThanUpperThreshold", "Threshold": None},
            "GreaterThanUpperThreshold with a band",
        ),
        ({"ThresholdMetricId": "m1", "Threshold": None}, "the comparison GreaterThanThreshold with a band"),
        ({"TreatMissingData": "guess"}, "the treatment guess of missing data"),
        ({"EvaluationWindow": {"WallClockWindow": {"Timezone": "Mars/Base"}}}, "the time zone Mars/Base"),
    ],
)
def test_what_no_engine_decides_is_refused_by_name(
    alarm_shape: Make, given: dict[str, Any], refused: str
) -> None:
    """What AWS may have tomorrow."""
    with pytest.raises(Unsupported, match=f"does not support .*{refused} yet"):
        watched_of(alarm_shape(**given))


def test_short_alarms_are_evaluated_every_ten_seconds(alarm_shape: Make) -> None:
    """Others ten seconds after each minute."""
    short = watched_of(alarm_shape(Period=10)).definition
    other = watched_of(alarm_shape()).definition

    assert rounds(short, NOON_MS + 25_000) == (NOON_MS + 20_000, NOON_MS + 30_000)
    assert rounds(other, NOON_MS + 25_000) == (NOON_MS + 10_000, NOON_MS + 70_000)
    assert rounds(other, NOON_MS + 10_000) == (NOON_MS + 10_000, NOON_MS + 70_000)


@pytest.mark.parametrize(
    ("points", "needed", "state", "expected"),
    [
        ("000X0", 2, "OK", [Turn("breaching", 1, 1, "ALARM"), Turn("missing", 5, 5, "INSUFFICIENT_DATA")]),
        # Alone in the range, a breach old enough alarms by itself.
        ("0000X", 2, "OK", [Turn("breaching", 1, 2, "ALARM"), Turn("missing", 4, 4, "ALARM")]),
        (
            "00000",
            2,
            "OK",
            [
                Turn("breaching", 2, 3, "ALARM"),
                Turn("missing", 5, 5, "INSUFFICIENT_DATA"),
                Turn("breaching", 1, 1, "ALARM", empty=4),
            ],
        ),
        (
            "00XXX",
            2,
            "ALARM",
            [
                Turn("fine", 2, 2, "OK"),
                Turn("missing", 5, 5, "INSUFFICIENT_DATA"),
                Turn("fine", 1, 1, "OK", empty=3),
            ],
        ),
    ],
)
def test_what_would_change_it(
    alarm_shape: Make, points: str, needed: int, state: str, expected: list[Turn]
) -> None:
    """2 of 3: how many more periods of each kind, among how many."""
    watched = watched_of(alarm_shape(DatapointsToAlarm=needed))

    found = turns(watched.definition, slots_of(watched.limit, _points(points)), state)

    assert list(found) == expected


@pytest.mark.parametrize(
    ("points", "policy", "said"),
    [
        ("00XX0", "missing", "2 of 3 datapoints breach, 2 of 3 are needed: ALARM"),
        ("0000X", "missing", "1 of 3 datapoints breaches, 2 of 3 are needed: OK"),
        ("-----", "missing", "no datapoint in the whole evaluation range: INSUFFICIENT_DATA"),
        ("-----", "ignore", "no datapoint in the whole evaluation range: the state is kept"),
        (
            "-----",
            "breaching",
            "no datapoint in the whole evaluation range; 3 missing ones count as breaching: ALARM",
        ),
        (
            "0-X--",
            "breaching",
            "1 of 2 datapoints breaches, 2 of 3 are needed; 1 missing one counts as breaching: ALARM",
        ),
        (
            "----X",
            "missing",
            "1 of 1 datapoint breaches, 2 of 3 are needed; 2 missing ones are left out; nothing else came, and they alarm by themselves once the oldest is 2 minutes old: the state is kept",
        ),
        (
            "---X-",
            "missing",
            "1 of 1 datapoint breaches, 2 of 3 are needed; 2 missing ones are left out; nothing else came, and the oldest of them is 2 minutes old or more: ALARM",
        ),
        (
            "----X",
            "notBreaching",
            "1 of 1 datapoint breaches, 2 of 3 are needed; 2 missing ones count as not breaching: OK",
        ),
    ],
)
def test_the_decision_is_counted_out(alarm_shape: Make, points: str, policy: str, said: str) -> None:
    """2 of 3, in a sentence."""
    watched = watched_of(alarm_shape(DatapointsToAlarm=2, TreatMissingData=policy))

    assert words.decision(_judged(watched, points), 60) == said
