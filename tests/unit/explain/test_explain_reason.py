"""StateReasonData in people's words."""

from __future__ import annotations

from typing import Any

import pytest

from inferwatch.engine.alarms.definition import MissingData
from inferwatch.explain.past import Held, document
from inferwatch.explain.reason import why
from inferwatch.explain.watched import Limit

ABOVE = Limit("GreaterThanThreshold", 50.0)
NOT_BREACHING = MissingData.NOT_BREACHING


def _at(minute: int, value: float | None = None) -> dict[str, Any]:
    point: dict[str, Any] = {"timestamp": f"2026-09-14T05:{minute:02}:00.000+0000"}
    return point if value is None else {**point, "value": value}


def _said(state: str, data: Any, limit: Limit | None = ABOVE, reason: str = "Threshold Crossed: ...") -> str:
    return why(Held(state, 0, reason, document(data)), limit, NOT_BREACHING)


@pytest.mark.parametrize(
    ("state", "points", "said"),
    [
        ("ALARM", [_at(2, 99.5), _at(1, 10.0)], "1 of 2 datapoints was above 50: 99.5 at 05:02"),
        ("OK", [_at(2, 1.0), _at(1, 2.0)], "2 of 2 datapoints were not above 50: 1 at 05:02, 2 at 05:01"),
        ("OK", [_at(2), _at(1)], "no data came for 2 periods; 2 missing datapoints counted as not breaching"),
        ("INSUFFICIENT_DATA", [_at(2)], "no data came for 1 period"),
        (
            "ALARM",
            [_at(minute, 60.0 + minute) for minute in range(9, 0, -1)],
            "9 of 9 datapoints were above 50: 69 at 05:09, 68 at 05:08, 67 at 05:07, 66 at 05:06, 65 at 05:05, 64 at 05:04 and 3 more",
        ),
    ],
)
def test_datapoints_are_counted_and_listed(state: str, points: list[Any], said: str) -> None:
    """Those on the side of the state, the newest first."""
    assert _said(state, {"threshold": 50.0, "evaluatedDatapoints": points}) == said


def test_the_threshold_is_the_one_of_then() -> None:
    """The alarm may have another one by now."""
    data = {"threshold": 20.0, "evaluatedDatapoints": [_at(2, 30.0)]}

    assert _said("ALARM", data) == "1 of 1 datapoint was above 20: 30 at 05:02"


def test_a_value_is_held_to_the_band_of_its_own_period() -> None:
    """The band's sides are kept from the oldest period to the newest."""
    data = {
        "startDate": "2026-09-14T05:00:00.000+0000",
        "period": 60,
        "recentDatapoints": [15.0, None, 15.0],
        "recentLowerThresholds": [10.0, None, 20.0],
        "recentUpperThresholds": [20.0, None, 30.0],
        "evaluatedDatapoints": [_at(2, 15.0), _at(0, 15.0)],
    }
    band = Limit("LessThanLowerOrGreaterThanUpperThreshold", None)

    assert _said("ALARM", data, band) == "1 of 2 datapoints was outside of its band: 15 at 05:02"


def test_children_are_named_with_their_states() -> None:
    """A name may hold colons."""
    arn = "arn:aws:cloudwatch:us-east-1:1:alarm:chat:p99"
    child = {"arn": arn, "state": {"value": "ALARM", "timestamp": "2026-09-14T05:02:10.551+0000"}}

    assert _said("ALARM", {"triggeringAlarms": [child]}) == "chat:p99 was in ALARM since 05:02:10 UTC"


def test_children_that_moved_together_are_named_together() -> None:
    """Three of them by name."""
    state = {"value": "OK", "timestamp": "2026-09-14T05:02:10.551+0000"}
    other = {"value": "ALARM", "timestamp": "2026-09-14T05:02:10.551+0000"}
    triggers = [{"arn": f"arn:aws:cloudwatch:us-east-1:1:alarm:c{at}", "state": state} for at in range(5)]
    triggers.append({"arn": "arn:aws:cloudwatch:us-east-1:1:alarm:d", "state": other})

    assert _said("OK", {"triggeringAlarms": triggers}) == (
        "c0, c1, c2 and 2 more were in OK since 05:02:10 UTC; d was in ALARM since 05:02:10 UTC"
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        "[1]",
        "not json",
        {"evaluatedDatapoints": []},
        {"evaluatedDatapoints": "none"},
        {"evaluatedDatapoints": [{"value": 1.0}], "threshold": 50.0},
        {"evaluatedDatapoints": [{"timestamp": 5}], "threshold": 50.0},
        {"evaluatedDatapoints": [_at(1, 60.0)]},
        {"triggeringAlarms": 5},
        {"triggeringAlarms": ["x"]},
        {"triggeringAlarms": [{"arn": 5, "state": {"value": "OK", "timestamp": 5}}]},
        {"evaluatedDatapoints": [_at(1, 60.0)], "threshold": "fifty"},
    ],
)
def test_other_data_leave_the_reason_as_it_is(data: Any) -> None:
    """SetAlarmState takes any JSON."""
    assert _said("ALARM", data, reason="a drill") == "a drill"


def test_without_a_window_the_reason_is_as_it_is() -> None:
    """What the values were compared with is not known."""
    data = {"threshold": 50.0, "evaluatedDatapoints": [_at(1, 60.0)]}

    assert _said("ALARM", data, None) == "Threshold Crossed: ..."
