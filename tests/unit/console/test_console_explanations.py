"""An alarm's page explains it, and its twin carries the same."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest
from starlette.testclient import TestClient

from inferwatch.model.errors import AwsError

PAGE = "/alarms/latency-p99"


def _text(html: str) -> str:
    """What a reader sees of a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_tells_decision_and_each_period(client: TestClient) -> None:
    """Without a script: it is in the page."""
    shown = _text(client.get(PAGE).text)

    assert "Decision 0 of 3 datapoints breach, 2 of 3 are needed: OK" in shown
    assert "Would change it 2 more breaching periods among the next 3: ALARM" in shown
    assert "Next evaluation at 08:35:10 UTC, in 5 s" in shown
    assert "Evaluation range, 2 of 3 above 4,000 Period from InferenceLatency Counts as 08:33" in shown
    assert "not breaching" in shown
    assert "older than needed" in shown


def test_the_twin_carries_the_explanation(client: TestClient) -> None:
    """All of it, as data."""
    found = client.get(f"{PAGE}.json").json()["explanation"]

    assert found["window"]["judged"]["verdict"] == "OK"
    assert len(found["window"]["judged"]["periods"]) == 5
    assert found["turns"][0] == {"kind": "breaching", "count": 2, "among": 3, "state": "ALARM", "empty": 0}


def test_an_open_page_is_kept_current(client: TestClient) -> None:
    """The explanation is one of the parts that change."""
    parts = client.get(f"{PAGE}.json?live=light").json()["parts"]

    assert "2 of 3 are needed" in parts["alarm_explanation"]


def test_a_composite_alarms_rule_is_a_tree_of_links(
    client: TestClient, engine: Any, fake: ModuleType
) -> None:
    """Each alarm with its state; what decides is marked."""
    engine.alarms.append(
        {
            "AlarmName": "both",
            "AlarmArn": fake.arn("both"),
            "AlarmRule": 'ALARM("slow-inferences") AND NOT ALARM("gone")',
            "StateValue": "ALARM",
            "StateReason": "",
            "StateTransitionedTimestamp": fake.NOW_MS,
        }
    )

    page = client.get("/alarms/both").text

    assert (
        "all of: yes slow-inferences in ALARM: yes In alarm for 8 min not : yes gone in ALARM: no UNKNOWN"
        in _text(page).replace("not:", "not :")
    )
    assert page.count('<li class="decides">') == 4
    assert '<a href="/alarms/slow-inferences">slow-inferences</a>' in page


def test_datapoints_that_are_refused_leave_the_rest(client: TestClient, engine: Any) -> None:
    """State and actions are explained without them."""
    engine.refusals["GetMetricData"] = AwsError("AccessDenied", "not you")

    shown = _text(client.get(PAGE).text)

    assert "Note its datapoints cannot be shown: not you" in shown
    assert "Decision" not in shown


@pytest.mark.parametrize("data", ["[]", "5", '"text"', "[" * 2_000 + "]" * 2_000])
def test_reason_data_that_is_no_object_leaves_the_page(client: TestClient, engine: Any, data: str) -> None:
    """SetAlarmState takes any JSON."""
    shape = next(one for one in engine.alarms if one["AlarmName"] == "latency-p99")
    shape["StateReasonData"] = data

    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert "2 of 3 are needed" in answer.text
    assert "evaluated datapoint" not in answer.text


def test_what_breaks_the_explanation_leaves_the_page(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chart and the history are there; it says what happened."""
    monkeypatch.setattr("inferwatch.console.views.explain", _break)

    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert "This alarm cannot be explained: ZeroDivisionError" in answer.text
    assert "History, last hour" in answer.text
    assert client.get(f"{PAGE}.json").json()["explanation"] is None


async def _break(*_: Any) -> Any:
    raise ZeroDivisionError
