"""A dashboard by name → its panels, over the console's fake engine."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from inferwatch.drawing.poster import Panel
from inferwatch.drawing.sheets import Sheet, read_sheet
from inferwatch.model.errors import AwsError

ELSEWHERE = "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:far"


def sheet(engine: Any) -> Sheet:
    return asyncio.run(read_sheet(engine, "us-east-1", "d", now_ms=engine.now_ms, theme="light"))


def panels(engine: Any, *widgets: dict[str, Any]) -> tuple[Panel, ...]:
    engine.dashboards["d"] = json.dumps({"widgets": widgets})
    return sheet(engine).panels


def asked_for_alarms(engine: Any) -> list[str]:
    return [region for region, _, name, _ in engine.calls if name == "DescribeAlarms"]


def test_alarms_are_read_in_every_region_a_body_touches(engine: Any) -> None:
    panels(
        engine,
        {"type": "alarm", "properties": {"alarms": [ELSEWHERE]}},
        {"type": "metric", "properties": {"metrics": [["LLM", "A", {"region": "ap-south-1"}]]}},
    )

    assert asked_for_alarms(engine) == ["ap-south-1", "eu-west-1", "us-east-1"]


def test_alarms_are_listed_the_newest_first_where_the_body_wants_it(engine: Any, fake: Any) -> None:
    arns = [fake.arn(name) for name in ("latency-p99", "slow-inferences", "error-rate")]

    given, sorted_by_time = panels(
        engine,
        {"type": "alarm", "properties": {"alarms": arns}},
        {"type": "alarm", "properties": {"alarms": arns, "sortBy": "stateUpdatedTimestamp"}},
    )

    assert [alarm.name for alarm in given.alarms] == ["latency-p99", "slow-inferences", "error-rate"]
    assert [alarm.name for alarm in sorted_by_time.alarms] == ["error-rate", "slow-inferences", "latency-p99"]


def test_what_the_whole_dashboard_has_to_say_is_kept_beside_its_panels(engine: Any) -> None:
    """As its page says it: the widgets that can be read are drawn."""
    engine.dashboards["d"] = json.dumps({"widgets": [{"type": "alarm", "properties": {"alarms": []}}]})
    engine.refusals["DescribeAlarms"] = AwsError("AccessDenied", "no such luck")

    found = sheet(engine)

    assert len(found.panels) == 1
    assert found.notes == ("The alarms of us-east-1 cannot be read: no such luck",)


def test_a_body_that_is_no_dashboard_is_said(engine: Any) -> None:
    engine.dashboards["d"] = "[]"

    assert sheet(engine).notes == ("The dashboard's body is not a JSON object with a list of widgets.",)
