"""What an alarm was at a moment, out of its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Held:
    """A state an alarm is or was in.

    Args:
        reason_data: StateReasonData as a document; empty where there is none.
    """

    state: str
    since_ms: int | None
    reason: str
    reason_data: Shape


def held_now(shape: Shape) -> Held:
    """As DescribeAlarms tells it."""
    since_ms = shape.get("StateTransitionedTimestamp") or shape.get("StateUpdatedTimestamp")
    return Held(
        shape.get("StateValue", "INSUFFICIENT_DATA"),
        since_ms,
        shape.get("StateReason") or "",
        document(shape.get("StateReasonData")),
    )


async def held_at(api: Api, region: str, shape: Shape, at_ms: int) -> Held:
    """The state at a moment of before.

    Raises:
        UsageError: There was no such alarm yet, or its history does not say.
    """
    now = held_now(shape)
    if now.since_ms is not None and now.since_ms <= at_ms:
        return now
    params = {
        "AlarmName": shape["AlarmName"],
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        "ScanBy": "TimestampDescending",
        "MaxRecords": 100,
    }
    later: list[Shape] = []
    async for page in pages(api, region, "cloudwatch", "DescribeAlarmHistory", params):
        for item in page.get("AlarmHistoryItems", []):
            data = document(item.get("HistoryData"))
            if item.get("HistoryItemType") == "ConfigurationUpdate" and data.get("type") == "Create":
                if item["Timestamp"] > at_ms:
                    raise UsageError(f"{shape['AlarmName']} did not exist yet at that time")
                return _before(later, shape, item["Timestamp"])
            if item.get("HistoryItemType") != "StateUpdate" or "stateValue" not in data.get("newState", {}):
                continue
            if item["Timestamp"] <= at_ms:
                return _held(data["newState"], item["Timestamp"])
            later.append(data)
    return _before(later, shape, None)


def _before(later: Sequence[Shape], shape: Shape, since_ms: int | None) -> Held:
    """What the first change after the moment says was before."""
    old = later[-1].get("oldState", {}) if later else {}
    if "stateValue" not in old:
        raise UsageError(f"the history of {shape['AlarmName']} does not reach back to that time")
    return _held(old, since_ms)


def _held(state: Shape, since_ms: int | None) -> Held:
    return Held(
        state["stateValue"], since_ms, state.get("stateReason") or "", document(state.get("stateReasonData"))
    )


def document(value: object) -> Shape:
    """A JSON object, as itself or as text; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
