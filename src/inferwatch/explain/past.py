"""What an alarm was at a moment, out of its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Held:
    """A state an alarm is or was in.

    Args:
        reason_data: StateReasonData as a document; empty where there is none.
        suppressed_by: What kept a composite alarm's actions back: WaitPeriod, ExtensionPeriod or Alarm.
    """

    state: str
    since_ms: int | None
    reason: str
    reason_data: Shape
    suppressed_by: str | None = None
    suppressed_reason: str | None = None


def held_now(shape: Shape) -> Held:
    """As DescribeAlarms tells it."""
    since_ms = shape.get("StateTransitionedTimestamp") or shape.get("StateUpdatedTimestamp")
    return Held(
        shape.get("StateValue", "INSUFFICIENT_DATA"),
        since_ms,
        shape.get("StateReason") or "",
        document(shape.get("StateReasonData")),
        shape.get("ActionsSuppressedBy"),
        shape.get("ActionsSuppressedReason"),
    )


async def held_at(api: Api, region: str, shape: Shape, at_ms: int) -> Held:
    """The state at a moment of before.

    Raises:
        UsageError: There was no such alarm yet, or its history does not say.
    """
    now = held_now(shape)
    if now.since_ms is not None and now.since_ms <= at_ms and not shape.get("ActionsSuppressor"):
        return now
    params = {
        "AlarmName": shape["AlarmName"],
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        "ScanBy": "TimestampDescending",
        "MaxRecords": 100,
    }
    later: list[Shape] = []
    found: Held | None = None
    async for page in pages(api, region, "cloudwatch", "DescribeAlarmHistory", params):
        for item in page.get("AlarmHistoryItems", []):
            data = document(item.get("HistoryData"))
            if item.get("HistoryItemType") == "ConfigurationUpdate" and data.get("type") == "Create":
                if item["Timestamp"] > at_ms:
                    raise UsageError(f"{shape['AlarmName']} did not exist yet at that time")
                return found or _before(later, shape, item["Timestamp"], at_ms)
            if item.get("HistoryItemType") != "StateUpdate" or "stateValue" not in data.get("newState", {}):
                continue
            if item["Timestamp"] > at_ms:
                later.append(data)
                continue
            found = found or _held(data["newState"], None)
            if data.get("oldState", {}).get("stateValue") != found.state:
                return replace(found, since_ms=item["Timestamp"])
    return found or _before(later, shape, None, at_ms)


def _before(later: Sequence[Shape], shape: Shape, since_ms: int | None, at_ms: int) -> Held:
    """What the first change after the moment says was before; without one, the state of now."""
    now = held_now(shape)
    if not later and now.since_ms is not None and now.since_ms <= at_ms:
        return replace(now, suppressed_by=None, suppressed_reason=None)
    old = later[-1].get("oldState", {}) if later else {}
    if "stateValue" not in old:
        raise UsageError(f"the history of {shape['AlarmName']} does not reach back to that time")
    return _held(old, since_ms)


def _held(state: Shape, since_ms: int | None) -> Held:
    return Held(
        state["stateValue"],
        since_ms,
        state.get("stateReason") or "",
        document(state.get("stateReasonData")),
        state.get("actionsSuppressedBy"),
        state.get("actionsSuppressedReason"),
    )


def document(value: object) -> Shape:
    """A JSON object, as itself or as text; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
